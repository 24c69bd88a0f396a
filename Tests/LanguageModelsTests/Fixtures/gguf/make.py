"""Makes types.gguf beside this script: random blocks of every type with what the reference dequantisers say.

Tensor NAME holds random blocks of type NAME, NAME.expected the same values as F32. Scales are drawn so that
all of them are finite. pip install gguf; python make.py
"""

import numpy as np
from gguf import GGMLQuantizationType as T, GGUFWriter, GGUFEndian
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize, quantize

random = np.random.default_rng(7)
writer = GGUFWriter("types.gguf", "llama")
writer.add_uint8("u8", 200)
writer.add_int8("i8", -100)
writer.add_uint16("u16", 60000)
writer.add_int16("i16", -30000)
writer.add_uint32("u32", 4000000000)
writer.add_int32("i32", -2000000000)
writer.add_uint64("u64", 1 << 40)
writer.add_uint64("u64.large", (1 << 64) - 1)
writer.add_int64("i64", -(1 << 40))
writer.add_float32("f32", 0.5)
writer.add_float64("f64", 0.1)
writer.add_bool("bool", True)
writer.add_string("string", "trăng 🌕")
writer.add_array("strings", ["a", "", "ß"])
writer.add_array("integers", [1, -2, 3])
writer.add_array("numbers", [0.5, -0.25])
writer.add_array("bools", [True, False])
writer.add_array("nested", [[1, 2], [3]])

# Where the 16-bit floats of a block lie, in bytes.
scales = {T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0],
          T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208], T.Q2_K: [80, 82], T.Q3_K: [108],
          T.IQ4_NL: [0], T.IQ4_XS: [0], T.IQ3_S: [0], T.IQ3_XXS: [0], T.IQ2_S: [0], T.IQ2_XS: [0],
          T.IQ2_XXS: [0], T.IQ1_S: [0], T.IQ1_M: [], T.TQ1_0: [52], T.TQ2_0: [64], T.MXFP4: [],
          T.NVFP4: [], T.Q1_0: [0]}


def decoded(raw, kind):
    """What the reference says; the package has no decoder of Q1_0, whose 128 bits are signs."""
    if kind != T.Q1_0:
        return dequantize(raw, kind)
    blocks = raw.reshape(-1, 18)
    scale = blocks[:, :2].copy().view("<f2").astype("<f4")
    bits = np.unpackbits(blocks[:, 2:], axis=1, bitorder="little")
    return np.where(bits == 1, scale, -scale)


rows, columns = 3, 512
for kind in [T.F32, T.F16, T.BF16, *scales]:
    length, size = GGML_QUANT_SIZES[kind]
    if kind in scales:
        blocks = random.integers(0, 256, (rows * columns // length, size), dtype=np.uint8)
        for offset in scales[kind]:
            drawn = (random.normal(size=len(blocks)) * 0.1).astype("<f2")
            blocks[:, offset:offset + 2] = drawn.view(np.uint8).reshape(-1, 2)
        if kind == T.IQ1_M:  # the highest nibble of the scattered scale: no infinity
            blocks[:, 55] &= 0x3F
        if kind == T.MXFP4:  # exponents of numbers between 1e-38 and 1e38
            blocks[:4, 0] = [0, 1, 2, 250]
        raw = blocks.reshape(rows, -1)
    else:
        values = random.normal(size=(rows, columns)).astype("<f4")
        values[0, :4] = [0, -0.0, 6e-8, 3e-5]  # subnormal in 16 bits
        if kind == T.F16:
            values = values.astype("<f2")
        if kind == T.BF16:
            values = (values.view("<u4") >> 16).astype("<u2")
        raw = values.view(np.uint8).reshape(rows, -1)
    expected = np.ascontiguousarray(decoded(raw, kind).astype("<f4").reshape(rows, columns))
    writer.add_tensor(kind.name, raw, raw_dtype=kind)
    writer.add_tensor(kind.name + ".expected", expected)

# What the reference quantisers make of values, some of them awkward.
values = random.normal(size=(4, 256)).astype("<f4")
values[0, :32] = 0
values[1, :32] = 0.25
values[2] *= 1e-6
values[3, :32] = np.abs(values[3, :32]) + 5
writer.add_tensor("values", values)
for kind in [T.F16, T.BF16, T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0]:
    writer.add_tensor(f"values.{kind.name}", np.ascontiguousarray(quantize(values, kind).view(np.uint8)), raw_dtype=kind)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
