/// 32-bit floats to stored elements, for the types whose encoding is one formula a block.
///
/// The bytes are those of the `gguf` package's quantisers, which are ggml's reference: every product and sum is rounded on
/// its own. What a search over scales makes better (Q4_K, IQ types) is not here.
package enum BlockEncoder {
  /// The types that can be written.
  package static let types: [ElementType] = [
    .float32, .float16, .bfloat16, .q80, .q40, .q41, .q50, .q51,
  ]

  /// Encodes `count` elements.
  ///
  /// What a type cannot hold becomes infinite or NaN when it is decoded, or, where a scale vanishes, zero.
  /// - Precondition: `type` is one of ``types``, `count` a whole number of its blocks, and `target` has room for them.
  package static func encode(
    _ type: ElementType, from source: UnsafePointer<Float>, count: Int,
    into target: UnsafeMutableRawPointer
  ) {
    // SAFETY: block `index` has `blockLength` elements of `source` and `blockBytes` bytes of `target`, both of which the
    // precondition covers.
    for index in 0..<count / type.blockLength {
      let values = UnsafeBufferPointer(
        start: source + index * type.blockLength, count: type.blockLength)
      let block = target + index * type.blockBytes
      switch type {
      case .float32: block.storeBytes(of: values[0].bitPattern.littleEndian, as: UInt32.self)
      case .float16: store(values[0], at: block)
      case .bfloat16: block.storeBytes(of: bfloat16(values[0]).littleEndian, as: UInt16.self)
      case .q80: q80(values, block)
      case .q40: symmetric(values, bits: 4, block)
      case .q50: symmetric(values, bits: 5, block)
      case .q41: ranged(values, bits: 4, block)
      case .q51: ranged(values, bits: 5, block)
      default: preconditionFailure("\(type) elements cannot be encoded")
      }
    }
  }

  private static func store(_ value: Float, at place: UnsafeMutableRawPointer) {
    place.storeBytes(of: Float16(value).bitPattern.littleEndian, as: UInt16.self)
  }

  /// The upper half of the bits, rounded to the nearest, to the even one of two; NaN stays NaN.
  private static func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    guard !value.isNaN else { return UInt16(truncatingIfNeeded: bits >> 16 | 64) }
    return UInt16(truncatingIfNeeded: (UInt64(bits) + 0x7FFF + UInt64(bits >> 16 & 1)) >> 16)
  }

  /// One over a step, or zero where there is none.
  private static func inverse(of step: Float) -> Float { step == 0 ? 0 : 1 / step }

  /// Q8_0: the largest magnitude becomes 127.
  private static func q80(
    _ values: UnsafeBufferPointer<Float>, _ block: UnsafeMutableRawPointer
  ) {
    let step = values.reduce(0) { max($0, abs($1)) } / 127
    let scale = inverse(of: step)
    store(step, at: block)
    for (index, value) in values.enumerated() {
      let number = max(-127, min(127, (value * scale).rounded()))
      block.storeBytes(of: Int8(number), toByteOffset: 2 + index, as: Int8.self)
    }
  }

  /// Q4_0 and Q5_0: the value of the largest magnitude becomes the lowest number.
  private static func symmetric(
    _ values: UnsafeBufferPointer<Float>, bits: Int, _ block: UnsafeMutableRawPointer
  ) {
    let half = Float(1 << (bits - 1))
    let largest = values.reduce(0) { abs($1) > abs($0) ? $1 : $0 }
    let step = largest / -half
    let scale = inverse(of: step)
    store(step, at: block)
    pack(values, bits: bits, block + 2) { $0 * scale + (half + 0.5) }
  }

  /// Q4_1 and Q5_1: the smallest value becomes 0, the largest the highest number.
  private static func ranged(
    _ values: UnsafeBufferPointer<Float>, bits: Int, _ block: UnsafeMutableRawPointer
  ) {
    let low = values.reduce(.infinity, min)
    let high = values.reduce(-.infinity, max)
    let step = (high - low) / Float(1 << bits - 1)
    let scale = inverse(of: step)
    store(step, at: block)
    store(low, at: block + 2)
    pack(values, bits: bits, block + 4) { ($0 - low) * scale + 0.5 }
  }

  /// Numbers cut off below, two to a byte: 0–15 low, 16–31 high. Fifth bits come before them.
  @inline(__always)
  private static func pack(
    _ values: UnsafeBufferPointer<Float>, bits: Int, _ target: UnsafeMutableRawPointer,
    _ number: (Float) -> Float
  ) {
    let limit = Float(1 << bits - 1)
    var fifths: UInt32 = 0
    let pairs = bits == 5 ? target + 4 : target
    for index in 0..<16 {
      // The order of the operands makes NaN the limit.
      let low = UInt8(max(0, min(limit, number(values[index]))))
      let high = UInt8(max(0, min(limit, number(values[index + 16]))))
      fifths |= UInt32(low >> 4) << UInt32(index) | UInt32(high >> 4) << UInt32(index + 16)
      pairs.storeBytes(of: low & 15 | high << 4, toByteOffset: index, as: UInt8.self)
    }
    if bits == 5 { target.storeBytes(of: fifths.littleEndian, as: UInt32.self) }
  }
}
