#!/usr/bin/env python3
"""llama.cpp: greedy decoding of one sequence from a GGUF file whose weights stay quantised; shape as in LanguageModelBenchmark.

    pip install xllamacpp
    python llama_cpp.py MODEL.gguf
"""
import os
import sys
from importlib import metadata

import xllamacpp

from measuring import serve

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_ctx = 256
parameters.n_parallel = 1
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = os.cpu_count()
parameters.verbosity = -1
server = xllamacpp.Server(parameters)
prompt = [(i * 104729 + 3) % 49152 for i in range(16)]


def decode(tokens):
    """The time of the tokens, without that of the prompt, as llama.cpp itself takes it."""
    timings = server.handle_completions({
        "prompt": prompt, "n_predict": tokens, "temperature": 0, "ignore_eos": True, "cache_prompt": False})["timings"]
    return timings["predicted_n"], timings["predicted_ms"] / 1000


serve(f"llama.cpp, xllamacpp {metadata.version('xllamacpp')}", {"decoding 1": lambda: decode(32)})
