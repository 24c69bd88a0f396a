#!/usr/bin/env python3
"""Writes a GPT-J with random weights: for time and memory, not for answers.

Of full size (28 layers, width 4096, f16) it has 12.1 GB. With the tokenizer of a GGUF file it can be asked questions.

    python make_synthetic_gptj.py FOLDER [--layers 28] [--width 4096] [--tokenizer MODEL.gguf]
    swift run -c release -Xcc -march=native LanguageModelBenchmark FOLDER --once 16
"""
import argparse
import json
import pathlib
import struct
import sys

import numpy

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--layers", type=int, default=28)
parser.add_argument("--width", type=int, default=4096)
parser.add_argument("--tokenizer", help="a GGUF file of a byte-level BPE of fewer tokens")
options = parser.parse_args()
WIDTH, INNER, VOCABULARY = options.width, 4 * options.width, 50400

shapes = {"transformer.wte.weight": [VOCABULARY, WIDTH], "lm_head.weight": [VOCABULARY, WIDTH],
          "lm_head.bias": [VOCABULARY], "transformer.ln_f.weight": [WIDTH], "transformer.ln_f.bias": [WIDTH]}
for layer in range(options.layers):
    scope = f"transformer.h.{layer}"
    for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
        shapes[f"{scope}.attn.{name}.weight"] = [WIDTH, WIDTH]
    shapes |= {f"{scope}.ln_1.weight": [WIDTH], f"{scope}.ln_1.bias": [WIDTH],
               f"{scope}.mlp.fc_in.weight": [INNER, WIDTH], f"{scope}.mlp.fc_in.bias": [INNER],
               f"{scope}.mlp.fc_out.weight": [WIDTH, INNER], f"{scope}.mlp.fc_out.bias": [WIDTH]}

header, offset = {"__metadata__": {"format": "pt"}}, 0
for name, shape in shapes.items():
    end = offset + 2 * int(numpy.prod(shape))
    header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [offset, end]}
    offset = end
# One block of numbers serves all tensors, from another place each time.
block = (numpy.random.default_rng(0).standard_normal(1 << 24) * 0.02).astype(numpy.float16)
options.folder.mkdir(parents=True, exist_ok=True)
with open(options.folder / "model.safetensors", "wb") as file:
    text = json.dumps(header).encode()
    file.write(struct.pack("<Q", len(text)) + text)
    for index, shape in enumerate(shapes.values()):
        count, start = int(numpy.prod(shape)), 7919 * index % 4096
        while count > 0:
            piece = block[start : start + count]
            file.write(piece.tobytes())
            count, start = count - len(piece), 0
config = {"model_type": "gptj", "architectures": ["GPTJForCausalLM"], "activation_function": "gelu_new",
          "n_embd": WIDTH, "n_layer": options.layers, "n_head": 16, "rotary_dim": min(64, WIDTH // 16), "n_inner": None,
          "n_positions": 2048, "layer_norm_epsilon": 1e-5, "vocab_size": VOCABULARY, "torch_dtype": "float16",
          "tie_word_embeddings": False}
(options.folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
if options.tokenizer:
    sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Tests/CommandLineTests/Fixtures/reference"))
    from make_smollm2 import read_tokenizer
    read_tokenizer(options.tokenizer)[0].save(str(options.folder / "tokenizer.json"))
