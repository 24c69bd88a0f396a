"""Log-probabilities of the token after a prompt: those of given logits against those of llama.cpp on a GGUF file.

Run:  python check_gguf.py CASES.json
CASES.json is a list of {"model": a file, "ids": a prompt, "logits": of its last token, "bound": the largest difference
of two log-probabilities that is allowed}. Prints a line a case; exits with an error when one is out of bounds.
Written for xllamacpp 2026.10 and gguf 0.19.
"""

import json
import math
import sys

import gguf
import xllamacpp


def log_probabilities(path, ids):
    """By token, of llama.cpp with keys and values in 32 bits."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.n_ctx = max(256, len(ids) + 64)
    parameters.n_parallel = 1
    parameters.n_gpu_layers = 0
    parameters.warmup = False
    parameters.verbosity = -1
    parameters.cpuparams.n_threads = 2
    parameters.cache_type_k = xllamacpp.ggml_type.GGML_TYPE_F32
    parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    server = xllamacpp.Server(parameters)
    # A token that is no whole letter has its log-probabilities held back; the bias does not change those that are told.
    tokens = gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents()
    letter = next(i for i, token in enumerate(tokens) if len(token) == 1 and token.isascii() and token.isalpha())
    answer = server.handle_completions(
        dict(prompt=ids, n_predict=1, n_probs=len(tokens), temperature=-1.0, cache_prompt=False, ignore_eos=True,
             logit_bias=[[letter, 1000.0]], post_sampling_probs=False))
    answer = json.loads(answer) if isinstance(answer, (str, bytes)) else answer
    top = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
    return {entry["id"]: entry["logprob"] for entry in top}


def main():
    failed = False
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    for case in cases:
        logits = case["logits"]
        largest = max(logits)
        total = largest + math.log(sum(math.exp(value - largest) for value in logits))
        expected = log_probabilities(case["model"], case["ids"])
        # What is far from likely says more of llama.cpp's rounding than of the model.
        difference = max(
            abs(value - (logits[token] - total)) for token, value in expected.items() if value > -12)
        failed |= not difference <= case["bound"]
        print(f"{case['model']}: {len(expected)} log-probabilities differ by up to {difference:.5f}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
