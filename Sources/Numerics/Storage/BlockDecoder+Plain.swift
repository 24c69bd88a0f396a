extension BlockDecoder {
  /// The specification: element `index` of a block.
  ///
  /// - Q1_0: scale f16, then 128 bits; value scale where the bit is set, −scale elsewhere.
  /// - Q4_0: scale f16, then 16 bytes: low nibbles are elements 0–15, high ones 16–31; value (q − 8) · scale.
  /// - Q4_1: scale f16, minimum f16, then nibbles as in Q4_0; value q · scale + minimum.
  /// - Q5_0: scale f16, 32 fifth bits, then nibbles; value (q − 16) · scale.
  /// - Q5_1: scale f16, minimum f16, 32 fifth bits, then nibbles; value q · scale + minimum.
  /// - Q8_0: scale f16, then 32 signed bytes; value q · scale.
  /// - Q2_K: 16 bytes of a scale s (low nibble) and a minimum m (high) for 16 elements each, 64 bytes of bit pairs, scale f16,
  ///   minimum scale f16; value scale · s · q − minimum · m. Bit pair k of byte 32 · half + i is element
  ///   128 · half + 32 · k + i.
  /// - Q3_K: 32 bytes of third bits, 64 bytes of bit pairs as in Q2_K, 12 bytes of scales, scale f16; value scale · s ·
  ///   (q − 4). Third bit of element 32 · k + i: bit k of byte i.
  /// - Q4_K: scale f16, minimum scale f16, 12 bytes of sub-block scales, 128 bytes of nibbles: each run of 32 bytes is two
  ///   sub-blocks of 32, low nibbles first; value scale · s · q − minimum · m.
  /// - Q5_K: as Q4_K with 32 bytes of fifth bits between scales and nibbles: bit `2 · run` for the low nibbles of a run, the
  ///   next one for the high.
  /// - Q6_K: 128 bytes of low nibbles, 64 of high bit pairs, 16 signed scales of 16 elements each, scale f16; value
  ///   scale · s · (q − 32).
  /// - IQ4_NL: scale f16, then nibbles as in Q4_0; value scale · ``unevenCodes`` of q.
  /// - IQ4_XS: scale f16, 16 upper bit pairs and 8 lower nibbles of sub-block scales, then 8 sub-blocks of nibbles; value
  ///   scale · s · ``unevenCodes`` of q.
  /// - MXFP4: exponent e, then nibbles as in Q4_0; value 2^(e − 128) · ``floatCodes`` of q.
  /// - NVFP4: 4 scales of eight bits, then 4 sub-blocks of 16 elements: low nibbles of its 8 bytes first; value s ·
  ///   ``floatCodes`` of q.
  /// - TQ1_0: 52 bytes of digits in base 3, scale f16; value scale · (digit − 1).
  /// - TQ2_0: 64 bytes of bit pairs as in Q2_K, scale f16; value scale · (q − 1).
  /// - IQ1, IQ2, IQ3: entries of a codebook, see ``plainGrid(_:_:_:)``.
  static func plain(_ type: ElementType, _ block: UnsafeRawPointer, _ index: Int) -> Float {
    switch type {
    case .float32: block.loadUnaligned(as: Float.self)
    case .float16: float16(block, at: 0)
    case .bfloat16: bfloat16(block, at: 0)
    case .q10: bit(block + 2, index) == 1 ? float16(block, at: 0) : -float16(block, at: 0)
    case .q40: float16(block, at: 0) * Float(halfByte(block + 2, index) &- 8)
    case .q41: float16(block, at: 0) * Float(halfByte(block + 4, index)) + float16(block, at: 2)
    case .q50:
      float16(block, at: 0)
        * Float((halfByte(block + 6, index) | bit(block + 2, index) &<< 4) &- 16)
    case .q51:
      float16(block, at: 0) * Float(halfByte(block + 8, index) | bit(block + 4, index) &<< 4)
        + float16(block, at: 2)
    case .q80: float16(block, at: 0) * Float(signedByte(block, at: 2 + index))
    case .q2K:
      float16(block, at: 80) * Float(byte(block, at: index / 16) & 15)
        * Float(bitPair(block + 16, index))
        - float16(block, at: 82) * Float(byte(block, at: index / 16) &>> 4)
    case .q3K:
      float16(block, at: 108) * signedScale(block + 96, index / 16)
        * Float(
          (bitPair(block + 32, index) | bit(block + index % 32, index / 32) &<< 2) &- 4)
    case .q4K: plainRun(block, index, nibbles: 16, fifthBits: nil)
    case .q5K: plainRun(block, index, nibbles: 48, fifthBits: 16)
    case .q6K: plainQ6K(block, index)
    case .iq4NL: float16(block, at: 0) * unevenCodes[Int(halfByte(block + 2, index))]
    case .iq4XS:
      float16(block, at: 0) * unevenScale(block, index / 32)
        * unevenCodes[Int(halfByte(block + (8 + index / 32 * 16), index % 32))]
    case .mxfp4:
      exponentScale(byte(block, at: 0)) * floatCodes[Int(halfByte(block + 1, index))]
    case .nvfp4:
      eightBitScale(byte(block, at: index / 16))
        * floatCodes[Int(nibble(block + (4 + index / 16 * 8), index % 8 * 2 + index % 16 / 8))]
    case .tq10: float16(block, at: 52) * Float(ternaryDigit(block, index) &- 1)
    case .tq20: float16(block, at: 64) * Float(bitPair(block, index) &- 1)
    default: plainGrid(type, block, index)
    }
  }

  /// A number of two bits of a super-block.
  private static func bitPair(_ quads: UnsafeRawPointer, _ index: Int) -> Int32 {
    let shift = Int32(truncatingIfNeeded: index % 128 / 32 * 2)
    return byte(quads, at: index / 128 * 32 + index % 32) &>> shift & 3
  }

  /// A digit of TQ1_0: five in each of 48 bytes, the first digits of 32 bytes first, then those of 16; four in each of 4.
  private static func ternaryDigit(_ block: UnsafeRawPointer, _ index: Int) -> Int32 {
    let (start, width) = index < 160 ? (0, 32) : index < 240 ? (160, 16) : (240, 4)
    var rest = byte(block, at: start / 5 + (index - start) % width)
    for _ in 0..<(index - start) / width { rest = rest * 3 & 255 }
    return (rest * 3) >> 8
  }

  /// A number of four bits of a block of 32.
  private static func halfByte(_ pairs: UnsafeRawPointer, _ index: Int) -> Int32 {
    let pair = byte(pairs, at: index % 16)
    return index < 16 ? pair & 15 : pair &>> 4
  }

  static func bit(_ bits: UnsafeRawPointer, _ index: Int) -> Int32 {
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
