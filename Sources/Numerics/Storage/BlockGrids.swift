/// The codebooks of ggml's IQ types: entries of four or eight small numbers, one a byte, the first in the lowest.
///
/// They lie in the code, packed (``Packed``, 18 kB), and are unpacked by their first user (33 kB).
enum BlockGrids {
  /// IQ1_S and IQ1_M: 2,048 entries of eight numbers 0, 1, 2, which stand for −1, 0, 1.
  static let iq1 = entries(Packed.iq1, values: [0, 1, 2], of: UInt64.self)
  /// IQ2_XXS: 256 entries of eight.
  static let iq2XXS = entries(Packed.iq2XXS, values: [8, 25, 43], of: UInt64.self)
  /// IQ2_XS: 512 entries of eight.
  static let iq2XS = entries(Packed.iq2XS, values: [8, 25, 43], of: UInt64.self)
  /// IQ2_S: 1,024 entries of eight.
  static let iq2S = entries(Packed.iq2S, values: [8, 25, 43], of: UInt64.self)
  /// IQ3_XXS: 256 entries of four.
  static let iq3XXS = entries(
    Packed.iq3XXS, values: [4, 12, 20, 28, 36, 44, 52, 62], of: UInt32.self)
  /// IQ3_S: 512 entries of four.
  static let iq3S = entries(Packed.iq3S, values: [1, 3, 5, 7, 9, 11, 13, 15], of: UInt32.self)

  /// Digits of two bits where there are three values, of three bits where there are eight, as bytes.
  private static func entries<Entry: FixedWidthInteger>(
    _ packed: String, values: [Entry], of type: Entry.Type
  ) -> [Entry] {
    let bits = values.count == 3 ? 2 : 3
    let digits = packed.utf8.map { Int($0 < 0x61 ? $0 - 0x30 : $0 - 0x61 + 10) }
    return stride(from: 0, to: digits.count, by: 4).map { start in
      let number = digits[start..<start + 4].reduce(0) { $0 << 4 | $1 }
      return (0..<MemoryLayout<Entry>.size).reduce(0) { entry, place in
        entry | values[number >> (bits * place) & ((1 << bits) - 1)] << (8 * place)
      }
    }
  }
}
