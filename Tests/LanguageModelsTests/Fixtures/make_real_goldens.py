"""Log-probabilities of the 50 likeliest tokens after 6 and after 600 tokens, by transformers in 32 bits.

Run:  python make_real_goldens.py MODEL.gguf TEXT OUTPUT.json
MODEL.gguf is one of those that Scripts/fetch_test_models.py fetches, TEXT a text of at least 600 of its tokens, such as
the beginning of wikitext-2's test set. transformers takes the values of the file's blocks, not its own rounding of
activations as llama.cpp does, so that what it computes is what the file says.
Written for transformers 5.24, torch 2.15, accelerate and gguf.
"""

import json
import os
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main():
    path, text, output = sys.argv[1:]
    place = dict(gguf_file=os.path.basename(path))
    folder = os.path.dirname(os.path.abspath(path))
    with open(text, encoding="utf-8") as file:
        ids = AutoTokenizer.from_pretrained(folder, **place)(file.read())["input_ids"][:600]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **place).eval()
    cases = []
    with torch.no_grad():
        for count in (6, 600):
            logits = model(torch.tensor([ids[:count]])).logits[0, -1].double()
            values, tokens = torch.log_softmax(logits, -1).topk(50)
            cases.append(
                {"count": count, "tokens": tokens.tolist(),
                 "logProbabilities": [round(value, 6) for value in values.tolist()]})
    with open(output, "w", encoding="utf-8") as file:
        json.dump({"ids": ids, "cases": cases}, file)


if __name__ == "__main__":
    main()
