extension BlockDecoder {
  /// The specification: element `index` of a block.
  ///
  /// - Q4_0: scale f16, then 16 bytes: low nibbles are elements 0–15, high ones 16–31; value (q − 8) · scale.
  /// - Q4_1: scale f16, minimum f16, then nibbles as in Q4_0; value q · scale + minimum.
  /// - Q5_0: scale f16, 32 fifth bits, then nibbles; value (q − 16) · scale.
  /// - Q5_1: scale f16, minimum f16, 32 fifth bits, then nibbles; value q · scale + minimum.
  /// - Q8_0: scale f16, then 32 signed bytes; value q · scale.
  /// - Q4_K: scale f16, minimum scale f16, 12 bytes of sub-block scales, 128 bytes of nibbles: each run of 32 bytes is two
  ///   sub-blocks of 32, low nibbles first; value scale · s · q − minimum · m.
  /// - Q5_K: as Q4_K with 32 bytes of fifth bits between scales and nibbles: bit `2 · run` for the low nibbles of a run, the
  ///   next one for the high.
  /// - Q6_K: 128 bytes of low nibbles, 64 of high bit pairs, 16 signed scales of 16 elements each, scale f16; value
  ///   scale · s · (q − 32).
  static func plain(_ type: ElementType, _ block: UnsafeRawPointer, _ index: Int) -> Float {
    switch type {
    case .float32: block.loadUnaligned(as: Float.self)
    case .float16: float16(block, at: 0)
    case .bfloat16: bfloat16(block, at: 0)
    case .q40: float16(block, at: 0) * Float(nibble(block + 2, index) &- 8)
    case .q41: float16(block, at: 0) * Float(nibble(block + 4, index)) + float16(block, at: 2)
    case .q50:
      float16(block, at: 0)
        * Float((nibble(block + 6, index) | bit(block + 2, index) &<< 4) &- 16)
    case .q51:
      float16(block, at: 0) * Float(nibble(block + 8, index) | bit(block + 4, index) &<< 4)
        + float16(block, at: 2)
    case .q80: float16(block, at: 0) * Float(signedByte(block, at: 2 + index))
    case .q4K: plainRun(block, index, nibbles: 16, fifthBits: nil)
    case .q5K: plainRun(block, index, nibbles: 48, fifthBits: 16)
    case .q6K: plainQ6K(block, index)
    default: preconditionFailure("\(type) elements cannot be decoded")
    }
  }

  /// A number of four bits of a block of 32.
  private static func nibble(_ pairs: UnsafeRawPointer, _ index: Int) -> Int32 {
    let pair = byte(pairs, at: index % 16)
    return index < 16 ? pair & 15 : pair &>> 4
  }

  private static func bit(_ bits: UnsafeRawPointer, _ index: Int) -> Int32 {
    byte(bits, at: index / 8) &>> Int32(truncatingIfNeeded: index % 8) & 1
  }

  /// An element of Q4_K and Q5_K.
  private static func plainRun(
    _ block: UnsafeRawPointer, _ index: Int, nibbles: Int, fifthBits: Int?
  ) -> Float {
    let (run, place) = (index / 64, index % 64)
    let own = scaleAndMinimum(block + 4, index / 32)
    let pair = byte(block, at: nibbles + 32 * run + place % 32)
    var number = place < 32 ? pair & 15 : pair &>> 4
    if let fifthBits {
      let shift = Int32(truncatingIfNeeded: index / 32)
      number |= (byte(block, at: fifthBits + place % 32) &>> shift & 1) &<< 4
    }
    return float16(block, at: 0) * own.scale * Float(number)
      - float16(block, at: 2) * own.minimum
  }

  private static func plainQ6K(_ block: UnsafeRawPointer, _ index: Int) -> Float {
    let (half, place) = (index / 128, index % 128)
    let pair = byte(block, at: 64 * half + place % 64)
    let shift = Int32(truncatingIfNeeded: 2 * (place / 32))
    let bits = byte(block, at: 128 + 32 * half + place % 32) &>> shift & 3
    let number = (place < 64 ? pair & 15 : pair &>> 4) | bits &<< 4
    return float16(block, at: 208) * Float(signedByte(block, at: 192 + index / 16))
      * Float(number &- 32)
  }
}
