internal import CProcessor

// Blocks of 32 evenly spaced numbers: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0.
extension BlockDecoder {
  /// Sixteen bits, the lowest first, as numbers 0 and 16: the fifth bits of numbers of five.
  @inline(__always)
  private static func fifthBits(_ bits: UInt32) -> SIMD16<Int32> {
    let places = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    return ((SIMD16(repeating: Int32(bitPattern: bits)) &>> places) & 1) &<< 4
  }

  @inline(__always)
  static func q40(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    // A minimum of −0 leaves every product as it is, its sign included.
    processor_expand_pairs(
      float16(block, at: 0), 8, -0.0,
      (block + 2).assumingMemoryBound(to: UInt8.self), result, result + 16)
  }

  // The product of 11 and of four significant bits is exact, so that one rounding gives what two do.
  @inline(__always)
  static func q41(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    processor_expand_pairs(
      float16(block, at: 0), 0, float16(block, at: 2),
      (block + 4).assumingMemoryBound(to: UInt8.self), result, result + 16)
  }

  @inline(__always)
  static func q50(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let high = word(block, at: 2)
    let pairs = numbers(block + 6)
    let first = (pairs & 15 | fifthBits(high)) &- 16
    let second = (pairs &>> 4 | fifthBits(high &>> 16)) &- 16
    (scale * processor_floats(first)).store(to: result)
    (scale * processor_floats(second)).store(to: result + 16)
  }

  @inline(__always)
  static func q51(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let minimum = float16(block, at: 2)
    let high = word(block, at: 4)
    let pairs = numbers(block + 8)
    let first = pairs & 15 | fifthBits(high)
    let second = pairs &>> 4 | fifthBits(high &>> 16)
    (scale * processor_floats(first) + minimum).store(to: result)
    (scale * processor_floats(second) + minimum).store(to: result + 16)
  }

  @inline(__always)
  static func q80(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    processor_expand_bytes(
      float16(block, at: 0), (block + 2).assumingMemoryBound(to: Int8.self), result)
  }
}
