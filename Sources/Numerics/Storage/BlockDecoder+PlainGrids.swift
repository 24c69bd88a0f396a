extension BlockDecoder {
  /// The specification of the types with codebooks (``BlockGrids``): element `index` of a block.
  ///
  /// Sub-blocks have 32 elements. A "sign index" of seven bits gives eight signs, the last one so that the number of minus
  /// signs is even.
  ///
  /// - IQ2_XXS: scale f16, then for each sub-block four places and a word: four sign indices, and the scale s in its
  ///   highest four bits; value scale · (s + ½) / 4 · entry.
  /// - IQ2_XS: scale f16, 32 places of nine bits with a sign index above, nibbles of scales of 16 elements; value as IQ2_XXS.
  /// - IQ2_S: scale f16, 32 bytes of places, 32 of signs, 8 of the places' upper bit pairs, nibbles of scales of 16
  ///   elements; value as IQ2_XXS.
  /// - IQ3_XXS: scale f16, 64 places, then a word for each sub-block as IQ2_XXS; value scale · (s + ½) / 2 · entry.
  /// - IQ3_S: scale f16, 64 bytes of places, 8 of their ninth bits, 32 of signs, nibbles of scales of 32 elements; value
  ///   scale · (2 s + 1) · entry.
  /// - IQ1_S: scale f16, 32 bytes of places, then for each sub-block 16 bits: four upper parts of places, the scale s, and
  ///   whether values are moved down rather than up; value scale · (2 s + 1) · (entry − 1 ± ⅛).
  /// - IQ1_M: 32 bytes of places, a nibble for each of an upper part and the move, scales of 16 elements in three bits;
  ///   value as IQ1_S, its scale is ``scatteredScale(_:)``.
  static func plainGrid(_ type: ElementType, _ block: UnsafeRawPointer, _ index: Int) -> Float {
    let (part, eighth) = (index / 32, index / 8)
    switch type {
    case .iq2XXS:
      let rest = word(block, at: 2 + 8 * part + 4)
      let entry = BlockGrids.iq2XXS[Int(byte(block, at: 2 + 8 * part + eighth % 4))]
      return float16(block, at: 0) * (0.5 + Float(rest >> 28)) * 0.25
        * signed(entry, index % 8, evenSigns(rest >> (7 * UInt32(eighth % 4))))
    case .iq2XS:
      let place = short(block, at: 2 + 2 * eighth)
      return float16(block, at: 0) * (0.5 + Float(nibble(block + 66, index / 16))) * 0.25
        * signed(BlockGrids.iq2XS[Int(place & 511)], index % 8, evenSigns(place >> 9))
    case .iq2S:
      let high = byte(block, at: 66 + eighth / 4) >> Int32(2 * (eighth % 4)) & 3
      let entry = BlockGrids.iq2S[Int(byte(block, at: 2 + eighth) | high << 8)]
      return float16(block, at: 0) * (0.5 + Float(nibble(block + 74, index / 16))) * 0.25
        * signed(entry, index % 8, UInt32(byte(block, at: 34 + eighth)))
    case .iq3XXS:
      let rest = word(block, at: 66 + 4 * part)
      let entry = BlockGrids.iq3XXS[Int(byte(block, at: 2 + index / 4))]
      return float16(block, at: 0) * (0.5 + Float(rest >> 28)) * 0.5
        * signed(entry, index % 4, evenSigns(rest >> (7 * UInt32(eighth % 4))) >> UInt32(index & 4))
    case .iq3S:
      let high = bit(block + 66, index / 4)
      let entry = BlockGrids.iq3S[Int(byte(block, at: 2 + index / 4) | high << 8)]
      let signs = UInt32(byte(block, at: 74 + eighth)) >> UInt32(index & 4)
      return float16(block, at: 0) * Float(1 + 2 * nibble(block + 106, part))
        * signed(entry, index % 4, signs)
    case .iq1S:
      let rest = Int32(short(block, at: 34 + 2 * part))
      let high = rest >> Int32(3 * (eighth % 4)) & 7
      let entry = BlockGrids.iq1[Int(byte(block, at: 2 + eighth) | high << 8)]
      return float16(block, at: 0) * Float(2 * (rest >> 12 & 7) + 1)
        * (value(entry, index % 8) + ternaryShift(isLow: rest & 0x8000 != 0))
    case .iq1M:
      let scales = short(block, at: 48 + index / 64 * 2)
      let own = Float(2 * (scales >> UInt32(index / 16 % 4 * 3) & 7) + 1)
      let high = nibble(block + 32, eighth)
      let entry = BlockGrids.iq1[Int(byte(block, at: eighth) | (high & 7) << 8)]
      return scatteredScale(block) * own
        * (value(entry, index % 8) + ternaryShift(isLow: high & 8 != 0))
    default: preconditionFailure("\(type) elements cannot be decoded")
    }
  }

  /// Value `place` of an entry of a codebook.
  private static func value(_ entry: some FixedWidthInteger, _ place: Int) -> Float {
    Float(entry >> (8 * place) & 255)
  }

  /// The same with its sign, bit `place` of `signs`.
  private static func signed(
    _ entry: some FixedWidthInteger, _ place: Int, _ signs: UInt32
  ) -> Float {
    let value = value(entry, place)
    return signs >> UInt32(place) & 1 == 1 ? -value : value
  }
}
