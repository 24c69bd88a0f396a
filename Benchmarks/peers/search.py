#!/usr/bin/env python3
"""The LASER search as the authors' code runs it (arXiv 2312.13558), with transformers, on FEVER and a Llama model in GGUF
or a GPT-J in a folder.

For every kind, layer and rho: torch.svd_lowrank with q = rank and two power iterations, as the authors have it, the
product written back as a dense matrix, then the whole model on every claim, one a forward pass, logits of the whole
vocabulary at every position. Kinder than theirs: the model is loaded once, and the edited matrix is put back instead of
copying the model.

With --exact the exact SVD takes the place of the randomised one, so that scores can be compared; as time is then of no
interest, claims of equal length are computed together, and logits for the last position only.

    pip install torch transformers gguf
    python search.py MODEL FEVER.jsonl [--layers 0 15 29] [--rhos 0.9 0.1] [--exact] [--out FILE]
"""
import argparse
import json
import pathlib
import sys
import time

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

# The tests' reference reads the same model and writes the same prompts.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Tests/CommandLineTests/Fixtures/reference"))
from make_smollm2 import load
from questions import fever
from scoring import in_groups

NAMES = {
    "llama": {"Uin": "model.layers.{}.mlp.gate_proj", "Uout": "model.layers.{}.mlp.down_proj"},
    "gptj": {"Uin": "transformer.h.{}.mlp.fc_in", "Uout": "transformer.h.{}.mlp.fc_out"},
}

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("claims")
parser.add_argument("--limit", type=int, default=100)
parser.add_argument("--kinds", nargs="+", default=["Uin", "Uout"])
parser.add_argument("--layers", nargs="+", type=int)
parser.add_argument("--rhos", nargs="+", type=float, default=[0.9, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01])
parser.add_argument("--exact", action="store_true")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--out", help="a JSON file of every trial's right answers and loss")
arguments = parser.parse_args()
torch.set_num_threads(arguments.threads)

folder = pathlib.Path(arguments.model)
if folder.is_dir():
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
else:
    model, tokenizer, _ = load(folder)
names = NAMES[model.config.model_type]
asked = fever(arguments.claims)[: arguments.limit]
prompts = [tokenizer.encode(item["prompt"]).ids for item in asked]
candidates = asked[0]["candidates"]
tokens = [tokenizer.encode(text).ids for text in candidates]
assert all(len(ids) == 1 for ids in tokens)
tokens = [ids[0] for ids in tokens]
right = [candidates.index(item["answer"]) for item in asked]


@torch.no_grad()
def score():
    correct, loss = 0, 0.0
    for members in in_groups(prompts) if arguments.exact else ([i] for i in range(len(prompts))):
        # 0 is every position.
        ids = torch.tensor([prompts[i] for i in members])
        logits = model(ids, logits_to_keep=1 if arguments.exact else 0).logits
        for row, i in zip(logits.log_softmax(-1)[:, -1, tokens].tolist(), members):
            correct += all(row[right[i]] > value for j, value in enumerate(row) if j != right[i])
            loss -= row[right[i]]
    return correct, loss / len(prompts)


def reduced(matrix, rank):
    if rank == 0:
        return torch.zeros_like(matrix)
    if arguments.exact:
        left, values, right = torch.linalg.svd(matrix, full_matrices=False)
        return (left[:, :rank] * values[:rank]) @ right[:rank]
    left, values, right = torch.svd_lowrank(matrix, q=rank, niter=2)
    return (left * values) @ right.T


start = time.perf_counter()
correct, loss = score()
trials = [{"edit": "base", "correct": correct, "loss": round(loss, 6)}]
print(f"base: {correct} of {len(asked)}, loss {loss:.4f}, {time.perf_counter() - start:.2f} s", flush=True)
seconds, decomposing, processor = [], [], time.process_time()
for layer in arguments.layers if arguments.layers is not None else range(model.config.num_hidden_layers):
    for kind in arguments.kinds:
        weight = model.get_submodule(names[kind].format(layer)).weight
        kept = weight.data.clone()
        for rho in arguments.rhos:
            start = time.perf_counter()
            weight.data = reduced(kept, int(min(kept.shape) * rho + 1e-9))
            decomposing.append(time.perf_counter() - start)
            correct, loss = score()
            weight.data = kept
            seconds.append(time.perf_counter() - start)
            trials.append({"edit": f"{kind}:{layer}:{rho:g}", "correct": correct, "loss": round(loss, 6)})
            print(f"{trials[-1]['edit']}: {correct} of {len(asked)}, loss {loss:.4f}, {seconds[-1]:.2f} s", flush=True)
processor = (time.process_time() - processor) / len(seconds)
print(f"transformers, {len(seconds)} trials on {len(asked)} claims: {sum(seconds) / len(seconds):.2f} s a trial, "
      f"{sum(decomposing) / len(seconds):.2f} of them for the decomposition; {processor:.2f} s of processor time")
if arguments.out:
    pathlib.Path(arguments.out).write_text(json.dumps({"claims": len(asked), "trials": trials}).replace("{\"edit", "\n{\"edit") + "\n")
