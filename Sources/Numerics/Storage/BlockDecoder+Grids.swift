internal import CProcessor

// Super-blocks of 256 whose values come four or eight at a time from a codebook: IQ1, IQ2, IQ3 (``BlockGrids``).
extension BlockDecoder {
  /// Two entries of eight values.
  @inline(__always)
  private static func values(_ first: UInt64, _ second: UInt64) -> Vector {
    processor_floats(
      processor_widen(unsafeBitCast(SIMD2(first, second), to: SIMD16<UInt8>.self)))
  }

  /// Four entries of four values.
  @inline(__always)
  private static func values(
    _ grid: UnsafePointer<UInt32>, _ places: (Int, Int, Int, Int)
  ) -> Vector {
    let entries = SIMD4(grid[places.0], grid[places.1], grid[places.2], grid[places.3])
    return processor_floats(processor_widen(unsafeBitCast(entries, to: SIMD16<UInt8>.self)))
  }

  /// Eight signs of seven bits: the last one makes the number of minus signs even.
  @inline(__always)
  static func evenSigns(_ bits: UInt32) -> UInt32 {
    let bits = bits & 127
    return bits | UInt32(truncatingIfNeeded: bits.nonzeroBitCount & 1) &<< 7
  }

  /// The signs of sixteen values: fourteen bits.
  @inline(__always)
  private static func evenSigns(ofTwo bits: UInt32) -> UInt32 {
    evenSigns(bits) | evenSigns(bits &>> 7) &<< 8
  }

  @inline(__always)
  private static func place(_ block: UnsafeRawPointer, at offset: Int) -> Int {
    Int(block.load(fromByteOffset: offset, as: UInt8.self))
  }

  static func iq2XXS(
    _ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>, _ grid: UnsafePointer<UInt64>
  ) {
    let scale = float16(block, at: 0)
    for part in 0..<8 {
      let start = 2 + 8 * part
      let rest = word(block, at: start + 4)
      let own = scale * (0.5 + Float(rest &>> 28)) * 0.25
      for half in 0..<2 {
        let places = start + 2 * half
        let values = values(grid[place(block, at: places)], grid[place(block, at: places + 1)])
        let signs = evenSigns(ofTwo: rest &>> UInt32(truncatingIfNeeded: 14 * half))
        processor_turn_signs(own * values, signs).store(to: result + (32 * part + 16 * half))
      }
    }
  }

  static func iq2XS(
    _ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>, _ grid: UnsafePointer<UInt64>
  ) {
    let scale = float16(block, at: 0)
    for part in 0..<16 {
      let own = scale * (0.5 + Float(nibble(block + 66, part))) * 0.25
      let (first, second) = (short(block, at: 2 + 4 * part), short(block, at: 4 + 4 * part))
      let values = values(grid[Int(first & 511)], grid[Int(second & 511)])
      let signs = evenSigns(first &>> 9) | evenSigns(second &>> 9) &<< 8
      processor_turn_signs(own * values, signs).store(to: result + 16 * part)
    }
  }

  static func iq2S(
    _ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>, _ grid: UnsafePointer<UInt64>
  ) {
    let scale = float16(block, at: 0)
    for part in 0..<16 {
      let own = scale * (0.5 + Float(nibble(block + 74, part))) * 0.25
      let high = place(block, at: 66 + part / 2) &>> (4 * (part & 1))
      let first = place(block, at: 2 + 2 * part) | (high & 3) &<< 8
      let second = place(block, at: 3 + 2 * part) | (high & 12) &<< 6
      processor_turn_signs(own * values(grid[first], grid[second]), short(block, at: 34 + 2 * part))
        .store(to: result + 16 * part)
    }
  }

  static func iq3XXS(
    _ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>, _ grid: UnsafePointer<UInt32>
  ) {
    let scale = float16(block, at: 0)
    for part in 0..<8 {
      let rest = word(block, at: 66 + 4 * part)
      let own = scale * (0.5 + Float(rest &>> 28)) * 0.5
      for half in 0..<2 {
        let start = 2 + 8 * part + 4 * half
        let values = values(
          grid,
          (
            place(block, at: start), place(block, at: start + 1), place(block, at: start + 2),
            place(block, at: start + 3)
          ))
        let signs = evenSigns(ofTwo: rest &>> UInt32(truncatingIfNeeded: 14 * half))
        processor_turn_signs(own * values, signs).store(to: result + (32 * part + 16 * half))
      }
    }
  }

  static func iq3S(
    _ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>, _ grid: UnsafePointer<UInt32>
  ) {
    let scale = float16(block, at: 0)
    for part in 0..<8 {
      let own = scale * Float(1 &+ 2 &* nibble(block + 106, part))
      for half in 0..<2 {
        let start = 2 + 8 * part + 4 * half
        let high = place(block, at: 66 + part) &>> (4 * half)
        let values = values(
          grid,
          (
            place(block, at: start) | (high & 1) &<< 8,
            place(block, at: start + 1) | (high & 2) &<< 7,
            place(block, at: start + 2) | (high & 4) &<< 6,
            place(block, at: start + 3) | (high & 8) &<< 5
          ))
        processor_turn_signs(own * values, short(block, at: 74 + 4 * part + 2 * half))
          .store(to: result + (32 * part + 16 * half))
      }
    }
  }

  static func iq1S(
    _ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>, _ grid: UnsafePointer<UInt64>
  ) {
    let scale = float16(block, at: 0)
    for part in 0..<8 {
      let rest = Int(short(block, at: 34 + 2 * part))
      let own = scale * Float(2 * (rest &>> 12 & 7) + 1)
      let shift = Vector(repeating: ternaryShift(isLow: rest & 0x8000 != 0))
      for half in 0..<2 {
        let start = 2 + 4 * part + 2 * half
        let high = rest &>> (6 * half)
        let values = values(
          grid[place(block, at: start) | (high & 7) &<< 8],
          grid[place(block, at: start + 1) | (high & 56) &<< 5])
        (own * (values + shift)).store(to: result + (32 * part + 16 * half))
      }
    }
  }

  static func iq1M(
    _ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>, _ grid: UnsafePointer<UInt64>
  ) {
    let scale = scatteredScale(block)
    for part in 0..<16 {
      let scales = short(block, at: 48 + 2 * (part / 4))
      let own = scale * Float(2 * (scales &>> UInt32(truncatingIfNeeded: 3 * (part & 3)) & 7) + 1)
      let high = place(block, at: 32 + part)
      let values = values(
        grid[place(block, at: 2 * part) | (high & 7) &<< 8],
        grid[place(block, at: 2 * part + 1) | (high & 112) &<< 4])
      let shifts = Vector(
        lowHalf: SIMD8(repeating: ternaryShift(isLow: high & 8 != 0)),
        highHalf: SIMD8(repeating: ternaryShift(isLow: high & 128 != 0)))
      (own * (values + shifts)).store(to: result + 16 * part)
    }
  }

  /// The entries are 0, 1 and 2 and stand for −1, 0 and 1, all of them moved by an eighth.
  @inline(__always)
  static func ternaryShift(isLow: Bool) -> Float { isLow ? -1.125 : -0.875 }

  /// The scale of IQ1_M: its four nibbles are the highest of four numbers of sixteen bits, which hold other scales, too.
  @inline(__always)
  static func scatteredScale(_ block: UnsafeRawPointer) -> Float {
    let bits =
      short(block, at: 48) &>> 12 | short(block, at: 50) &>> 8 & 0xF0
      | short(block, at: 52) &>> 4 & 0xF00 | short(block, at: 54) & 0xF000
    return processor_half(UInt16(truncatingIfNeeded: bits))
  }
}
