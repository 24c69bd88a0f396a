"""Makes small valid files beside this script that a fuzzer starts from. pip install gguf torch safetensors; python make.py"""

import json

import numpy as np
import torch
from gguf import GGMLQuantizationType as T, GGUFWriter
from safetensors.torch import save

open("safetensors/valid", "wb").write(save({"a": torch.ones(2, 3), "b": torch.ones(4, dtype=torch.bfloat16)}, {"format": "pt"}))


def gguf(name, architecture, model, tokens, tensors, **more):
    writer = GGUFWriter(f"gguf/{name}", architecture)
    writer.add_uint32(f"{architecture}.attention.head_count", 2)
    writer.add_string("tokenizer.ggml.model", model)
    writer.add_array("tokenizer.ggml.tokens", tokens)
    for key, value in more.items():
        key = f"tokenizer.ggml.{key}"
        {bool: writer.add_bool, int: writer.add_uint32, str: writer.add_string, list: writer.add_array}[type(value)](key, value)
    for index, kind in enumerate(tensors):
        size = {T.F32: 32, T.Q4_1: 20, T.Q6_K: 210}[kind]
        writer.add_tensor(f"t{index}", np.full((1, size), index + 1, dtype=np.uint8), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


gguf("bytes", "llama", "gpt2", ["a", "b", "ab", "Ġ", "<s>", "1", "Ġab"], [T.F32, T.Q4_1], pre="smollm", merges=["a b", "Ġ ab"],
     token_type=[1, 1, 1, 1, 3, 1, 4], add_bos_token=True, bos_token_id=4)
gguf("pieces", "llama", "llama", ["<unk>", "<s>", "a", "b", "ab", "▁", "▁ab", "<0x0A>"], [T.Q6_K], scores=[0.0, 0.0, -3.0, -4.0, -1.0, -5.0, -2.0, 0.0],
     token_type=[2, 3, 1, 1, 1, 1, 4, 6], bos_token_id=1)

alphabet = {"a": 0, "b": 1, "ab": 2, "Ġ": 3, "1": 4, "é": 5, "<s>": 6, "▁": 7, "<0x0A>": 8, "Ċ": 9}
added = [{"id": 6, "content": "<s>", "special": True, "lstrip": True, "rstrip": True, "single_word": True, "normalized": False},
         {"id": 30, "content": " x", "special": False, "normalized": True}]
split = {"type": "Split", "invert": False, "behavior": "Isolated", "pattern": {"Regex": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"}}
level = {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True}
template = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [6], "tokens": ["<s>"]}}}
model = {"type": "BPE", "unk_token": "<s>", "fuse_unk": True, "byte_fallback": True, "ignore_merges": True, "vocab": alphabet, "merges": ["a b"]}
files = {
    "bytes": {"added_tokens": added, "normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, split, level]},
              "post_processor": {"type": "Sequence", "processors": [{"type": "ByteLevel"}, template]}, "decoder": level, "model": model},
    "characters": {"added_tokens": added, "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}, {"type": "NFKD"}]},
                   "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True},
                   "post_processor": {"type": "RobertaProcessing", "cls": ["<s>", 6], "sep": ["<s>", 6]},
                   "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}, "model": model | {"merges": [["a", "b"]]}},
}
for name, content in files.items():
    open(f"tokenizer/{name}", "w").write(json.dumps(content, separators=(",", ":"), ensure_ascii=False))


def field(number, wire, content):
    return bytes([number << 3 | wire]) + (bytes([len(content)]) + content if wire == 2 else content)


pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("a", -3, 1), ("b", -4, 1), ("ab", -1, 1), ("▁", -5, 1), ("▁ab", -2, 4), ("<0x0A>", 0, 6)]
message = b"".join(
    field(1, 2, field(1, 2, text.encode()) + field(2, 5, np.float32(score).tobytes()) + field(3, 0, bytes([kind]))) for text, score, kind in pieces)
message += field(2, 2, field(3, 0, b"\x02")) + field(3, 2, field(3, 0, b"\x01") + field(4, 0, b"\x00") + field(5, 0, b"\x01"))
open("sentencepiece/valid", "wb").write(message)
