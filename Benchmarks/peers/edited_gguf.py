#!/usr/bin/env python3
"""An edited GGUF file in llama.cpp: the log-probabilities of right answers and the accuracy, beside laser's own on the same file.

    pip install gguf xllamacpp
    python edited_gguf.py LASER MODEL.gguf EDIT counterfact.json [--limit 200] [--types f32,f16,q8_0]

A row for the file as it is and one for every type in which `laser apply` stores the edited matrices. An answer is right when it occurs
in ten tokens of greedy text, as in `laser qa`. --plain stores all matrices as F16 first: llama.cpp rounds what it multiplies quantised
matrices with to eight bits, and with F16 it does not, so what is left is what the edit itself does.
"""
import argparse
import functools
import json
import math
import os
import pathlib
import subprocess
import tempfile
import traceback

import gguf
import numpy as np
import xllamacpp


def in_halves(model, out):
    """The same file with every quantised matrix as F16."""
    source = gguf.GGUFReader(model)
    writer = gguf.GGUFWriter(out, source.fields["general.architecture"].contents())
    for name, field in source.fields.items():
        if not name.startswith("GGUF.") and name != "general.architecture":
            kind = field.types[0]
            writer.add_key_value(name, field.contents(), kind, field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None)
    for tensor in source.tensors:
        values = tensor.data
        if tensor.tensor_type not in (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.F16):
            values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float16)
        writer.add_tensor(tensor.name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class LlamaCpp:
    """A file in llama.cpp on one thread, keys and values in 32 bits."""

    def __init__(self, path):
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx = 512
        parameters.n_parallel = 1
        parameters.n_gpu_layers = 0
        parameters.warmup = False
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
        parameters.verbosity = -1
        parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
        parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self.server = xllamacpp.Server(parameters)

    def complete(self, tokens, **options):
        return self.server.handle_completions({"prompt": tokens, "ignore_eos": False, "cache_prompt": False, **options})

    def log_probability(self, before, answer):
        """Of the answer's tokens: each is forced by a bias, which does not change what is told of it."""
        total = 0.0
        for token in answer:
            told = self.complete(
                before, n_predict=1, n_probs=1, temperature=-1.0, logit_bias=[[token, 1000.0]], post_sampling_probs=False)
            said = told["choices"][0]["logprobs"]["content"][0]
            assert said["id"] == token, f"{said} instead of {token}"
            total += said["logprob"]
            before = before + [token]
        return total

    def text(self, tokens):
        return self.complete(tokens, n_predict=10, temperature=0)["choices"][0]["text"]


@functools.cache
def tokens(laser, model, text):
    """Of a text, as laser reads it."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        said = subprocess.run(
            [laser, "tokens", "--model", model, "--text-file", file.name, "--json"], check=True, capture_output=True)
    return json.loads(said.stdout)["ids"]


def laser_answers(laser, model, data, limit):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "answers.jsonl"
        subprocess.run(
            [laser, "qa", "--model", model, "--task", "counterfact", "--data", data, "--limit", str(limit), "--predictions", file],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return [json.loads(line) for line in file.read_text().splitlines()]


def row(laser, tokenizer, model, data, limit):
    """What both say of a file's answers."""
    answers, peer = laser_answers(laser, model, data, limit), LlamaCpp(model)
    differences, right = [], []
    for answer in answers:
        prompt, ending = (tokens(laser, tokenizer, answer[part]) for part in ("prompt", "answer"))
        differences.append(abs(peer.log_probability(prompt, ending) + answer["loss"] * len(ending)))
        right.append(answer["answer"].strip().lower() in peer.text(prompt).lower())
    own = [answer["correct"] for answer in answers]
    return differences, own, right


def percent(values):
    return f"{100 * np.mean(values):.1f} %"


def gain(edited, unedited):
    """In points, with its standard error over the paired answers."""
    change = np.array(edited, dtype=float) - np.array(unedited, dtype=float)
    return f"{100 * change.mean():+.1f} ± {100 * change.std(ddof=1) / math.sqrt(len(change)):.1f}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("laser")
    parser.add_argument("model")
    parser.add_argument("edit")
    parser.add_argument("data")
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--types", default="f32,f16,q8_0")
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    print("| file | log-probabilities differ by: largest | mean | above 0.1 | accuracy: laser | llama.cpp | change: laser | llama.cpp |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        model = options.model
        if options.plain:
            model = str(pathlib.Path(folder) / "halves.gguf")
            in_halves(options.model, model)
        base = None
        for kind in ["unedited", *options.types.split(",")]:
            path = model
            if kind != "unedited":
                path = str(pathlib.Path(folder) / f"{kind}.gguf")
                subprocess.run(
                    [options.laser, "apply", "--model", model, "--edit", options.edit, "-o", path, "--type", kind],
                    check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            differences, own, peer = row(options.laser, options.model, path, options.data, options.limit)
            base = base or (own, peer)
            changes = ["", ""] if kind == "unedited" else [gain(own, base[0]), gain(peer, base[1])]
            print(
                f"| {kind} | {max(differences):.3f} | {np.mean(differences):.4f} | {sum(d > 0.1 for d in differences)} "
                f"| {percent(own)} | {percent(peer)} | {changes[0]} | {changes[1]} |", flush=True)


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc()
        # A server's threads would keep the process alive.
        os._exit(1)
