"""Writes a GGUF file again with every quantised tensor as the 32-bit numbers that its codes stand for.

Run:  python dequantise_gguf.py MODEL.gguf PLAIN.gguf
llama.cpp rounds activations before a quantised matrix and not before one of 32 bits, so that only the plain file shows
whether another program computes the same. Written for gguf 0.19.
"""

import sys

import gguf
import numpy


def dequantise(path, target):
    reader = gguf.GGUFReader(path)
    architecture = reader.fields["general.architecture"].contents()
    writer = gguf.GGUFWriter(target, architecture)
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        kind = field.types[0]
        inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, inner)
    for tensor in reader.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        shape = [int(size) for size in reversed(tensor.shape)]
        writer.add_tensor(tensor.name, numpy.ascontiguousarray(values, dtype=numpy.float32).reshape(shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    dequantise(sys.argv[1], sys.argv[2])
