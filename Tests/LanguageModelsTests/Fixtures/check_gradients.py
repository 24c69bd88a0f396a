"""Gradients of laser's backward pass against PyTorch's, for every matrix of some checkpoints.

Run:  python check_gradients.py LASER FOLDER... [--seed N] [--tokens N]
For each folder LASER gives the gradient of -sum log p of some predicted tokens with respect to the matrix at every site; PyTorch
gives it by automatic differentiation in float64. The bound is 1e-4 of the largest element of the matrix' gradient, but
at least of a thousandth of the largest of all: what a model hardly depends on is rounding.
Where a matrix lies in PyTorch's model, whose names and stacks are not those of the file, is told by its rows' values.
Written for transformers 5.24.0; needs torch, numpy and safetensors.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys

import numpy
import torch
import transformers
from safetensors.torch import load_file

BOUND = 1e-4
MASKED = {"bert", "roberta", "distilbert", "modernbert"}


def load(folder):
    config = json.loads((folder / "config.json").read_text())
    name = (config.get("architectures") or [None])[0]
    kind = getattr(transformers, name) if name else transformers.AutoModelForCausalLM
    model = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    # Nothing is chosen by a fused kernel that float64 does not have.
    for part in (model.config, getattr(model.config, "text_config", None)):
        if part is not None and hasattr(part, "_experts_implementation"):
            part._experts_implementation = "eager"
    return model, config


def rows_of(model):
    """Where every row of every parameter lies, by its bytes."""
    places = {}
    for name, parameter in model.named_parameters():
        if parameter.ndim < 2:
            continue
        values = parameter.detach().numpy()
        for turned in (False, True):
            matrix = numpy.swapaxes(values, -1, -2) if turned else values
            flat = numpy.ascontiguousarray(matrix).reshape(-1, matrix.shape[-1])
            for index in range(flat.shape[0]):
                places.setdefault(flat[index].tobytes(), []).append((name, turned, index))
    return places


def expected(model, config, ids, at, targets):
    model.double()
    logits = model(torch.tensor([ids])).logits[0]
    loss = -torch.log_softmax(logits, -1)[at, targets].sum()
    loss.backward()
    gradients = {}
    for name, parameter in model.named_parameters():
        if parameter.ndim >= 2:
            gradient = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
            for turned in (False, True):
                matrix = gradient.transpose(-1, -2) if turned else gradient
                gradients[name, turned] = matrix.reshape(-1, matrix.shape[-1]).numpy()
    return float(loss.detach()), gradients


def check(program, folder, seed, count):
    model, config = load(folder)
    text = config.get("text_config", config)
    generator = random.Random(seed)
    limit = min(count, text.get("max_position_embeddings", text.get("n_positions", count)) or count)
    ids = [generator.randrange(5, text["vocab_size"]) for _ in range(limit)]
    at = sorted(generator.sample(range(limit // 2, limit), 3))
    targets = [generator.randrange(5, text["vocab_size"]) for _ in at]
    places = rows_of(model)
    loss, gradients = expected(model, config, ids, at, targets)
    commas = lambda values: ",".join(map(str, values))
    outputs = []
    for threads in (1, 3):
        done = subprocess.run(
            [program, "gradients", "--model", str(folder), "--ids", commas(ids), "--at", commas(at),
             "--predicting", commas(targets), "--threads", str(threads)],
            capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise AssertionError(done.stderr.strip())
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1], "other bytes with another number of threads"
    found = json.loads(outputs[0])
    assert abs(found["loss"] - loss) <= 1e-5 * abs(loss), f"loss {found['loss']}, expected {loss}"
    tensors = load_file(folder / "model.safetensors")
    pairs = {}
    for site, result in found["sites"].items():
        stored = tensors[find(tensors, result["tensor"])].float().numpy()
        stored = stored.reshape(-1, stored.shape[-1])
        matrix = numpy.ascontiguousarray(stored.T if result["isTransposed"] else stored)
        rows = []
        for row in result["rows"]:
            matches = places.get(matrix[row].tobytes(), [])
            assert len(matches) >= 1, f"{site}: row {row} of {result['tensor']} is in no parameter"
            # Layers may be alike.
            layer = "." + site.split(":")[1].split("#")[0] + "."
            name, turned, index = next((m for m in matches if layer in m[0]), matches[0])
            rows.append(gradients[name, turned][index])
        wanted = numpy.array(rows)
        pairs[site] = (numpy.array(result["gradient"]).reshape(wanted.shape), wanted)
    largest = max(numpy.abs(wanted).max() for _, wanted in pairs.values())
    worst, where, zero = 0.0, None, 0
    for site, (mine, wanted) in pairs.items():
        size = max(numpy.abs(wanted).max(), 1e-3 * largest)
        zero += numpy.abs(wanted).max() == 0
        difference = float(numpy.abs(mine - wanted).max() / size)
        if not difference <= worst:
            worst, where = difference, site
    assert worst <= BOUND, f"{where}: gradients differ by {worst:.2e} of the largest"
    assert zero <= len(pairs) / 2, f"{zero} of {len(pairs)} gradients are zero"
    return worst, len(pairs)


def find(tensors, name):
    if name in tensors:
        return name
    ends = [key for key in tensors if key.endswith(name)]
    assert len(ends) == 1, f"{name}: {ends}"
    return ends[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("laser")
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=40)
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    failures = 0
    for folder in options.folders:
        try:
            worst, sites = check(options.laser, folder, options.seed, options.tokens)
            line = f"{worst:.1e} over {sites} sites"
        except Exception as error:
            failures += 1
            line = f"FAILED: {type(error).__name__}: {error}"
        print(f"{folder.name}: {line}", flush=True)
    raise SystemExit(failures > 0)


if __name__ == "__main__":
    main()
