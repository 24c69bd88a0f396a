/// A 64-bit fingerprint of bytes, to tell one model or data set from another by accident, not by malice.
package struct Fingerprint: Equatable, Sendable, CustomStringConvertible {
  private var state: UInt64 = 0x6C61_7365_7200_0001
  private var length: UInt64 = 0

  /// The fingerprint of nothing.
  package init() {}

  /// Adds bytes; the boundaries between additions count too.
  package mutating func combine(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
      length &+= 1
    }
    // FNV-1a alone does not see where one addition ends and the next begins.
    state = (state ^ length) &* 0x9E37_79B9_7F4A_7C15
    state ^= state >> 29
  }

  /// Adds a text's UTF-8 bytes.
  package mutating func combine(_ text: String) { combine(text.utf8) }

  /// Adds the elements of a matrix by their bits.
  package mutating func combine(_ matrix: Matrix) {
    for value in matrix.values {
      state = (state ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01B3
      state ^= state >> 31
    }
    combine([UInt8]())
  }

  /// Sixteen hexadecimal digits.
  package var description: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
