#!/usr/bin/env python3
"""Writes a GGUF file of one block type for timing: a Llama of 320 M parameters in random blocks, with the tokenizer of another file.

    pip install gguf
    python make_blocks.py MODEL.gguf Q3_K out.gguf

Its text is nonsense; how long a token takes does not depend on that. Widths are multiples of 256, which small models' are not: their
files of this kind hold other types.
"""
import os
import sys

import gguf
import numpy as np

LAYERS, WIDTH, INNER, HEADS, KEY_HEADS = 24, 1024, 2816, 16, 4
# Where a block has its scales in half precision, and how large they are so that weights are about 1 / 30.
SCALES = {"Q2_K": {80: 2e-3, 82: 2e-3}, "Q3_K": {108: 1e-3}, "IQ4_XS": {0: 3e-5}}


def blocks(type, rows, columns, random):
    """Random blocks, a row of bytes for every row of the matrix."""
    length, size = gguf.GGML_QUANT_SIZES[type]
    made = random.integers(0, 256, (rows * columns // length, size), dtype=np.uint8)
    for place, scale in SCALES[type.name].items():
        made[:, place:place + 2] = np.array([scale], dtype=np.float16).view(np.uint8)
    return made.reshape(rows, -1)


def write(model, type, out):
    source = gguf.GGUFReader(model)
    writer = gguf.GGUFWriter(out, "llama")
    for name, field in source.fields.items():
        if name.startswith("tokenizer."):
            kind = field.types[0]
            writer.add_key_value(name, field.contents(), kind, field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None)
    vocabulary = len(source.fields["tokenizer.ggml.tokens"].data)
    writer.add_name(f"random {type.name}")
    writer.add_block_count(LAYERS)
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000)
    writer.add_vocab_size(vocabulary)
    random = np.random.default_rng(1)

    def matrix(name, rows, columns):
        writer.add_tensor(f"{name}.weight", blocks(type, rows, columns, random), raw_dtype=type)

    def norm(name):
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, dtype=np.float32))

    matrix("token_embd", vocabulary, WIDTH)
    norm("output_norm")
    keys = WIDTH // HEADS * KEY_HEADS
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm")
        norm(f"{block}.ffn_norm")
        for name, rows, columns in (
                ("attn_q", WIDTH, WIDTH), ("attn_k", keys, WIDTH), ("attn_v", keys, WIDTH), ("attn_output", WIDTH, WIDTH),
                ("ffn_gate", INNER, WIDTH), ("ffn_up", INNER, WIDTH), ("ffn_down", WIDTH, INNER)):
            matrix(f"{block}.{name}", rows, columns)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if not os.path.isfile(sys.argv[1]):
        sys.exit(f"There is no {sys.argv[1]}, whose tokenizer is needed: `make model` puts it there.")
    write(sys.argv[1], gguf.GGMLQuantizationType[sys.argv[2]], sys.argv[3])
