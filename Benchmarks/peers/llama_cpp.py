#!/usr/bin/env python3
"""llama.cpp: prefill and greedy decoding of one sequence from a GGUF file whose weights stay quantised; shapes as in
LanguageModelBenchmark.

    pip install xllamacpp
    python llama_cpp.py MODEL.gguf [THREADS]
"""
import os
import sys
from importlib import metadata

import xllamacpp

from measuring import serve

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_ctx = 1024
parameters.n_parallel = 1
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = (
    int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count())
parameters.verbosity = -1
server = xllamacpp.Server(parameters)


def complete(length, tokens):
    """What llama.cpp itself says of the time that a prompt and the tokens after it took."""
    return server.handle_completions({
        "prompt": [(i * 104729 + 3) % 49152 for i in range(length)], "n_predict": tokens, "temperature": 0,
        "ignore_eos": True, "cache_prompt": False})["timings"]


def prefill(length):
    timings = complete(length, 1)
    return timings["prompt_n"], timings["prompt_ms"] / 1000


def decode(tokens):
    timings = complete(16, tokens)
    return timings["predicted_n"], timings["predicted_ms"] / 1000


serve(f"llama.cpp, xllamacpp {metadata.version('xllamacpp')}", {
    "prefill 1 × 512": lambda: prefill(512), "decoding 1": lambda: decode(32)})
