internal import CProcessor

// Blocks whose numbers stand for unevenly spaced values: IQ4_NL, IQ4_XS, MXFP4, NVFP4; and blocks of two or three
// values: Q1_0, TQ1_0, TQ2_0.
extension BlockDecoder {
  /// What the numbers of four bits of IQ4_NL and IQ4_XS stand for: a scale of one's own near zero, wider steps outside.
  static let unevenCodes = Vector(
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
  /// Twice the numbers of floating point in four bits (E2M1), those with the sign bit last; their zero has no sign.
  static let floatCodes = Vector(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)

  /// Sixteen bytes of two codes each: the low ones, then the high ones.
  @inline(__always)
  private static func lookUp(
    _ values: Vector, _ pairs: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>
  ) {
    let places = numbers(pairs)
    processor_look_up(values, places & 15).store(to: result)
    processor_look_up(values, places &>> 4).store(to: result + 16)
  }

  @inline(__always)
  static func iq4NL(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    lookUp(float16(block, at: 0) * unevenCodes, block + 2, result)
  }

  static func iq4XS(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    for part in 0..<8 {
      lookUp(
        scale * unevenScale(block, part) * unevenCodes, block + (8 + 16 * part),
        result + 32 * part)
    }
  }

  /// Scale of sub-block `part` of 8 of IQ4_XS: six bits, the upper two apart from the others, 32 too large.
  @inline(__always)
  static func unevenScale(_ block: UnsafeRawPointer, _ part: Int) -> Float {
    let high = Int32(short(block, at: 2) &>> UInt32(truncatingIfNeeded: 2 * part) & 3)
    return Float(nibble(block + 4, part) | high &<< 4) - 32
  }

  @inline(__always)
  static func mxfp4(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    lookUp(exponentScale(byte(block, at: 0)) * floatCodes, block + 1, result)
  }

  /// 2^(exponent − 128), half of what the exponent says: ``floatCodes`` are doubled.
  @inline(__always)
  static func exponentScale(_ exponent: Int32) -> Float {
    let bits = UInt32(bitPattern: exponent)
    // The two smallest are subnormal.
    return Float(bitPattern: bits < 2 ? 0x0020_0000 &<< bits : (bits &- 1) &<< 23)
  }

  static func nvfp4(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    for part in 0..<4 {
      let codes = (block + (4 + 8 * part)).loadUnaligned(as: UInt64.self)
      let nibbles = SIMD2(codes & 0x0F0F_0F0F_0F0F_0F0F, codes &>> 4 & 0x0F0F_0F0F_0F0F_0F0F)
      let places = processor_widen(unsafeBitCast(nibbles, to: SIMD16<UInt8>.self))
      processor_look_up(eightBitScale(byte(block, at: part)) * floatCodes, places)
        .store(to: result + 16 * part)
    }
  }

  /// Half of an unsigned floating-point number of eight bits (E4M3): ``floatCodes`` are doubled. The largest is no number
  /// and counts as zero.
  @inline(__always)
  static func eightBitScale(_ bits: Int32) -> Float {
    guard bits != 0x7F else { return 0 }
    let (exponent, fraction) = (bits &>> 3 & 15, bits & 7)
    guard exponent > 0 else { return Float(fraction) * 0x1p-10 }
    return Float(bitPattern: UInt32(bitPattern: (exponent &+ 119) &<< 23 | fraction &<< 20))
  }

  static func q10(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let low = Vector(repeating: -float16(block, at: 0))
    for part in 0..<8 {
      processor_turn_signs(low, short(block, at: 2 + 2 * part)).store(to: result + 16 * part)
    }
  }

  static func tq20(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 64)
    for half in 0..<2 {
      for part in 0..<2 {
        let quads = numbers(block + (32 * half + 16 * part))
        for place in 0..<4 {
          let values = quads &>> lanes(2 * place) & 3
          (scale * processor_floats(values &- 1))
            .store(to: result + (128 * half + 32 * place + 16 * part))
        }
      }
    }
  }

  static func tq10(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 52)
    // A digit in base 3 is what carries out of eight bits when the rest of the number is multiplied by 3.
    @inline(__always)
    func write(
      _ bytes: SIMD16<Int32>, _ powers: SIMD16<Int32>, to target: UnsafeMutablePointer<Float>
    ) {
      let digits = ((bytes &* powers & 255) &* 3) &>> 8
      (scale * processor_floats(digits &- 1)).store(to: target)
    }
    let (first, second, third) = (numbers(block), numbers(block + 16), numbers(block + 32))
    var power = 1
    for place in 0..<5 {
      write(first, lanes(power), to: result + 32 * place)
      write(second, lanes(power), to: result + (32 * place + 16))
      write(third, lanes(power), to: result + (160 + 16 * place))
      power *= 3
    }
    // Four bytes of four digits each: the first digits of all, then the second.
    let last = unsafeBitCast(
      SIMD4(repeating: word(block, at: 48)), to: SIMD16<UInt8>.self)
    let powers = SIMD16<Int32>(1, 1, 1, 1, 3, 3, 3, 3, 9, 9, 9, 9, 27, 27, 27, 27)
    write(processor_widen(last), powers, to: result + 240)
  }
}
