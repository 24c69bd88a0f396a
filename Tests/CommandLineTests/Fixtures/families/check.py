"""Random checkpoints of every family in many shapes: laser against transformers and numpy.

Run:  python check.py LASER [--seed N] [--only FAMILY,…] [--variants N] [--every-site] [--damaged N]
For each model LASER must give the logits of transformers; for an edit of each kind of site, experts together and alone,
those of transformers with numpy's best approximation in its place; and `laser apply` a folder that transformers loads
with the same logits. The bound is 1e-4 of the largest logit. Without --every-site a kind is edited in one layer.
With --damaged, damaged copies of each model are loaded instead: see damage.py. Written for transformers 5.24; needs torch, numpy and safetensors.
"""

import argparse
import json
import pathlib
import random
import subprocess
import tempfile
import traceback

import numpy
import torch
import transformers

import sites
import verdict
import writing

BOUND = 1e-4
TOKENS = 47


def laser(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def program_logits(program, folder, ids, *edit):
    code, output, error = laser(
        program, "logits", "--model", folder, "--ids", ",".join(map(str, ids)), "--all", "--json", *edit)
    assert code == 0, error.strip() or f"exit {code}"
    assert not error, f"a warning: {error.strip()}"
    return numpy.array(json.loads(output)["logits"], dtype=numpy.float32)


def compare(found, expected, what):
    assert found.shape == expected.shape, f"{what}: {found.shape}, expected {expected.shape}"
    difference = float(numpy.abs(found - expected).max() / numpy.abs(expected).max())
    assert difference <= BOUND, f"{what}: logits differ by {difference:.2e} of the largest"
    return difference


def edits(family, tensors, layers, generator, every):
    """Sites by kind, layer and number of the expert; -1 for all of the layer."""
    for kind in sites.kinds(family):
        for layer in range(layers) if every else [generator.randrange(layers)]:
            count = sites.expert_count(family, tensors, layer) if kind[0] == "U" else 0
            yield kind, layer, -1 if count else None
            for expert in range(count) if every else [generator.randrange(count)] if count else []:
                yield kind, layer, expert


def check(program, family, generator, seed, every, folder):
    tensors, told, _ = writing.write(folder, family, generator, seed)
    vocabulary = writing.load(family, folder).config.vocab_size
    prompts = [[generator.randrange(5, vocabulary) for _ in range(count)] for count in (1, 2, TOKENS)]
    worst, count = 0.0, 0
    plain = writing.load(family, folder)
    for ids in prompts:
        before = writing.logits(plain, ids)
        worst = max(worst, compare(program_logits(program, folder, ids), before, f"{told} {len(ids)} tokens"))
    layers = getattr(plain.config, "num_hidden_layers", None)
    for kind, layer, expert in edits(family, tensors, layers, generator, every):
        share = generator.choice([0.1, 0.3, 0.5])
        chosen = range(sites.expert_count(family, tensors, layer)) if expert == -1 else [expert]
        changed = dict(tensors)
        for number in chosen:
            where = sites.place(family, plain.config, changed, kind, layer, number)
            changed[where[0]] = torch.tensor(sites.approximate(changed, where, share), dtype=torch.float32)
        with tempfile.TemporaryDirectory() as parent:
            target = pathlib.Path(parent) / "numpy"
            target.mkdir()
            (target / "config.json").write_bytes((folder / "config.json").read_bytes())
            writing.save(target, changed, 1, False)
            expected = writing.logits(writing.load(family, target), prompts[-1])
            number = "" if expert in (None, -1) else f"#{expert}"
            edit = ("--edit", f"{kind}:{layer}{number}:{share}")
            name = f"{told} {edit[1]}"
            worst = max(worst, compare(program_logits(program, folder, prompts[-1], *edit), expected, name))
            applied = pathlib.Path(parent) / "applied"
            code, _, error = laser(program, "apply", "--model", folder, *edit, "-o", applied)
            assert code == 0, f"apply {name}: {error.strip()}"
            worst = max(worst, compare(
                writing.logits(writing.load(family, applied), prompts[-1]), expected, f"apply {name}"))
        count += 1
    return f"{worst:.1e}, {count} edits" + (f" ({', '.join(told)})" if told else "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("laser")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--variants", type=int, default=1)
    parser.add_argument("--every-site", action="store_true")
    parser.add_argument("--damaged", type=int, default=0)
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    wanted = options.only.split(",") if options.only else list(writing.CLASSES)
    failures = total = 0
    for family in wanted:
        for variant in range(options.variants):
            seed = options.seed + variant
            generator = random.Random(f"{family} {seed}")
            with tempfile.TemporaryDirectory() as parent:
                folder = pathlib.Path(parent)
                total += 1
                try:
                    if options.damaged:
                        line = verdict.check(options.laser, family, generator, seed, options.damaged, folder)
                    else:
                        line = check(options.laser, family, generator, seed, options.every_site, folder)
                except AssertionError as error:
                    failures += 1
                    line = f"FAILED: {error}"
                except Exception:
                    failures += 1
                    line = f"FAILED: {traceback.format_exc()}"
            print(f"{family} {seed}: {line}", flush=True)
    print(f"{total - failures} passed, {failures} failed")
    raise SystemExit(failures > 0)


if __name__ == "__main__":
    main()
