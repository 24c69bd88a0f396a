#!/usr/bin/env python3
"""Writes a mixture of experts of OLMoE-1B-7B's shape with random weights: for time and memory, not for answers.

Widths, heads, vocabulary and the 64 experts of a layer, of which a token takes 8, are OLMoE's; its 16 layers would have
13.8 GB, two have 2.0 GB. Experts that lie in another folder are linked, not written again.

    python make_synthetic_olmoe.py FOLDER [--layers 2] [--chosen 8] [--like FOLDER]
"""
import argparse
import json
import pathlib
import struct

import numpy

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--layers", type=int, default=2)
parser.add_argument("--chosen", type=int, default=8, help="how many experts a token takes")
parser.add_argument("--like", type=pathlib.Path, help="a folder of as many layers whose weights serve")
options = parser.parse_args()
WIDTH, INNER, EXPERTS, VOCABULARY = 2048, 1024, 64, 50304

shapes = {"model.embed_tokens.weight": [VOCABULARY, WIDTH], "lm_head.weight": [VOCABULARY, WIDTH],
          "model.norm.weight": [WIDTH]}
for layer in range(options.layers):
    scope = f"model.layers.{layer}"
    for name in ("input_layernorm", "post_attention_layernorm", "self_attn.q_norm", "self_attn.k_norm"):
        shapes[f"{scope}.{name}.weight"] = [WIDTH]
    for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
        shapes[f"{scope}.self_attn.{name}.weight"] = [WIDTH, WIDTH]
    shapes[f"{scope}.mlp.gate.weight"] = [EXPERTS, WIDTH]
    for expert in range(EXPERTS):
        for name in ("gate_proj", "up_proj", "down_proj"):
            shape = [WIDTH, INNER] if name == "down_proj" else [INNER, WIDTH]
            shapes[f"{scope}.mlp.experts.{expert}.{name}.weight"] = shape

options.folder.mkdir(parents=True, exist_ok=True)
file = options.folder / "model.safetensors"
if options.like:
    file.unlink(missing_ok=True)
    file.symlink_to((options.like / "model.safetensors").resolve())
else:
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes.items():
        end = offset + 2 * int(numpy.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    # One block of numbers serves all tensors, from another place each time; the upper halves of floats are bfloat16.
    numbers = (numpy.random.default_rng(0).standard_normal(1 << 24) * 0.02).astype(numpy.float32)
    block = (numbers.view(numpy.uint32) >> 16).astype(numpy.uint16)
    with open(file, "wb") as output:
        text = json.dumps(header).encode()
        output.write(struct.pack("<Q", len(text)) + text)
        for index, shape in enumerate(shapes.values()):
            count, start = int(numpy.prod(shape)), 7919 * index % (1 << 20)
            while count > 0:
                piece = block[start : start + count]
                output.write(piece.tobytes())
                count, start = count - len(piece), 0
config = {"model_type": "olmoe", "architectures": ["OlmoeForCausalLM"], "vocab_size": VOCABULARY, "hidden_size": WIDTH,
          "intermediate_size": INNER, "num_hidden_layers": options.layers, "num_attention_heads": 16,
          "num_key_value_heads": 16, "num_experts": EXPERTS, "num_experts_per_tok": options.chosen,
          "norm_topk_prob": False, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "max_position_embeddings": 4096,
          "tie_word_embeddings": False, "hidden_act": "silu", "torch_dtype": "bfloat16"}
(options.folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
