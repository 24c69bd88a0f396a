extension ElementType {
  /// The sum of the squares of what rounding `values` to this type changes.
  ///
  /// Types that can be written are tried. Of the others it is what evenly spread numbers lose: a twelfth of the square of
  /// the step between two neighbours, which the range of each sub-block and the bits of a number give.
  ///
  /// - Precondition: The type is a weight and `values` are a whole number of its blocks.
  package func squaredRounding(of values: UnsafeBufferPointer<Float>) -> Double {
    guard let source = values.baseAddress, self != .float32 else { return 0 }
    guard BlockEncoder.types.contains(self) else { return estimatedRounding(of: values) }
    var bytes = [UInt8](repeating: 0, count: values.count / blockLength * blockBytes)
    return bytes.withUnsafeMutableBytes { bytes in
      guard let target = bytes.baseAddress else { return 0 }
      BlockEncoder.encode(self, from: source, count: values.count, into: target)
      return withUnsafeTemporaryAllocation(of: Float.self, capacity: values.count) { decoded in
        guard let start = decoded.baseAddress else { return 0 }
        BlockDecoder.decode(self, from: target, count: values.count, into: start)
        return (0..<values.count).reduce(0) { sum, index in
          let difference = Double(start[index]) - Double(values[index])
          return sum + difference * difference
        }
      }
    }
  }

  private func estimatedRounding(of values: UnsafeBufferPointer<Float>) -> Double {
    guard let steps = subBlockSteps else { return 0 }
    var sum = 0.0
    for start in stride(from: 0, to: values.count, by: steps.length) {
      let part = values[start..<min(start + steps.length, values.count)]
      let (low, high) = (Double(part.min() ?? 0), Double(part.max() ?? 0))
      let range = steps.isSymmetric ? 2 * max(abs(low), abs(high)) : high - low
      let step = range / steps.count
      sum += step * step / 12 * Double(part.count)
    }
    return sum
  }

  /// How many elements share a scale, how many steps its range has, and whether that lies around zero.
  private var subBlockSteps: (length: Int, count: Double, isSymmetric: Bool)? {
    switch self {
    case .q2K: (16, 3, false)
    case .q3K: (16, 8, true)
    case .q4K: (32, 15, false)
    case .q5K: (32, 31, false)
    case .q6K: (16, 64, true)
    case .iq4NL, .iq4XS, .mxfp4: (32, 15, true)
    case .nvfp4: (16, 15, true)
    case .iq3XXS, .iq3S: (32, 8, true)
    case .iq2XXS: (32, 4, true)
    case .iq2XS, .iq2S: (16, 4, true)
    case .iq1S, .iq1M: (32, 2, true)
    case .tq10, .tq20: (256, 2, true)
    case .q10: (128, 1, true)
    default: nil
    }
  }
}
