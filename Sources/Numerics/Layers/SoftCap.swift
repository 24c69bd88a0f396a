#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The soft cap of Gemma 2 on scores and logits, c · tanh(x / c) (arXiv:2408.00118 §2).
package enum SoftCap {
  /// `values ← cap · tanh(values / cap)`, element by element.
  ///
  /// - Precondition: `cap > 0`.
  package static func apply(
    _ cap: Float, to values: UnsafeMutablePointer<Float>, count: Int
  ) {
    var index = 0
    while index &+ 16 <= count {
      value(Vector(at: values + index), cap).store(to: values + index)
      index &+= 16
    }
    if index < count {
      let rest = count &- index
      value(Vector(at: UnsafePointer(values) + index, count: rest), cap)
        .store(to: values + index, count: rest)
    }
  }

  /// The backward of ``apply(_:to:count:)``: the derivative is `1 − (capped / cap)²`.
  ///
  /// - Parameters:
  ///   - cap: The cap.
  ///   - gradient: Multiplied with the derivative.
  ///   - capped: What came out.
  ///   - count: How many elements.
  package static func carryBack(
    _ cap: Float, _ gradient: UnsafeMutablePointer<Float>, capped: UnsafePointer<Float>, count: Int
  ) {
    for index in 0..<count {
      let share = capped[index] / cap
      gradient[index] *= 1 - share * share
    }
  }

  /// tanh u = (1 - e^(-2u)) / (1 + e^(-2u)) for u ≥ 0: the power stays below one.
  @inline(__always) private static func value(_ input: Vector, _ cap: Float) -> Vector {
    let magnitude = input.replacing(with: -input, where: input .< 0)
    let power = (magnitude * (-2 / cap)).exponential
    let capped = cap * (1 - power) / (1 + power)
    return capped.replacing(with: -capped, where: input .< 0)
  }

  /// The specification, in double precision.
  package static func plain(_ input: Double, cap: Double) -> Double { cap * tanh(input / cap) }
}
