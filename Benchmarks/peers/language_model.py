#!/usr/bin/env python3
"""Hugging Face transformers in float32: prefill and greedy decoding of a GGUF file; shapes as in LanguageModelBenchmark.

    pip install torch transformers gguf
    python language_model.py MODEL.gguf
"""
import pathlib
import sys

import torch
import transformers

from measuring import serve, timed

path = pathlib.Path(sys.argv[1])
model = transformers.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
model.eval()
torch.set_grad_enabled(False)


def prompts(count, length):
    size = model.config.vocab_size
    return torch.tensor([[(p * 7919 + i * 104729 + 3) % size for i in range(length)] for p in range(count)])


def prefill(count, length):
    ids = prompts(count, length)
    return timed(count * length, lambda: model(ids, logits_to_keep=1))


def decode(count, tokens):
    """The time of the tokens after the first, which ends the prompt's."""
    ids = prompts(count, 16)
    mask = torch.ones_like(ids)

    def generate(length):
        return timed(length, lambda: model.generate(
            ids, attention_mask=mask, max_new_tokens=length, min_new_tokens=length, do_sample=False, pad_token_id=0))[1]
    return count * tokens, generate(tokens + 1) - generate(1)


serve(f"transformers {transformers.__version__}", {
    "prefill 64 × 16": lambda: prefill(64, 16), "prefill 32 × 64": lambda: prefill(32, 64),
    "decoding 1": lambda: decode(1, 32), "decoding 32": lambda: decode(32, 16)})
