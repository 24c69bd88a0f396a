"""Prints Sources/…/BlockGrids+Entries.swift: the codebooks of ggml's IQ types, as the `gguf` package has them.

pip install gguf; python make_grids.py > BlockGrids+Entries.swift

An entry of four or eight values becomes one number, a digit for each value, the first value lowest: two bits a
digit in books of three values, three bits in books of eight.
"""

import numpy as np
from gguf import quants

BOOKS = [("iq1", quants.IQ1_S), ("iq2XXS", quants.IQ2_XXS), ("iq2XS", quants.IQ2_XS), ("iq2S", quants.IQ2_S),
         ("iq3XXS", quants.IQ3_XXS), ("iq3S", quants.IQ3_S)]

print("""// Printed by Fixtures/gguf/make_grids.py of the tests; not to be changed by hand.

// swift-format-ignore-file
extension BlockGrids {
  /// The digits of every entry, four hexadecimal digits each.
  enum Packed {""")
for name, book in BOOKS:
    book.init_grid()
    entries = book.grid.reshape(book.grid_shape)
    bits = 2 if len(book.grid_map) == 3 else 3
    digits = np.searchsorted(np.array(book.grid_map, dtype=np.float32), entries).astype(np.int64)
    packed = (digits << (bits * np.arange(entries.shape[1]))).sum(axis=1)
    text = "".join(f"{number:04x}" for number in packed)
    print(f"    static let {name} = \"\"\"")
    for start in range(0, len(text), 88):
        print(f"      {text[start:start + 88]}" + ("\\" if start + 88 < len(text) else ""))
    print('      """')
print("  }\n}")
