#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// GELU with the error function, x · Φ(x) (arXiv:1606.08415): what BERT and RoBERTa were trained with.
///
/// ``GELU`` is the tanh form; the two differ by up to 4.7e-4 per activation.
package enum ExactGELU {
  /// `values ← GELU(values)`, element by element.
  package static func apply(to values: UnsafeMutablePointer<Float>, count: Int) {
    var index = 0
    while index &+ 16 <= count {
      value(Vector(at: values + index)).store(to: values + index)
      index &+= 16
    }
    if index < count {
      let rest = count &- index
      value(Vector(at: UnsafePointer(values) + index, count: rest))
        .store(to: values + index, count: rest)
    }
  }

  @inline(__always) private static func value(_ input: Vector) -> Vector {
    input * distribution(input)
  }

  /// The derivative, Φ(x) + x · φ(x) with the normal density φ.
  @inline(__always) static func slope(_ input: Vector) -> Vector {
    let density = (input * input * -0.5).exponential * 0.398_942_28
    return distribution(input).addingProduct(input, density)
  }

  /// Φ(x) = ½ (1 + erf(x / √2)), the error function by Abramowitz and Stegun 7.1.26: absolute error below 1.5e-7.
  @inline(__always) private static func distribution(_ input: Vector) -> Vector {
    let scaled = input * Vector(repeating: 0.707_106_78)
    let magnitude = scaled.replacing(with: -scaled, where: scaled .< 0)
    let fraction = 1 / Vector(repeating: 1).addingProduct(magnitude, Vector(repeating: 0.327_591_1))
    var series = Vector(repeating: 1.061_405_429)
    series = Vector(repeating: -1.453_152_027).addingProduct(series, fraction)
    series = Vector(repeating: 1.421_413_741).addingProduct(series, fraction)
    series = Vector(repeating: -0.284_496_736).addingProduct(series, fraction)
    series = Vector(repeating: 0.254_829_592).addingProduct(series, fraction)
    let complement = series * fraction * (-(magnitude * magnitude)).exponential
    // 1 + erf: 2 - complement above zero, complement below, so that nothing cancels in the lower tail.
    let onePlus = (2 - complement).replacing(with: complement, where: input .< 0)
    return onePlus * 0.5
  }

  /// The specification, in double precision.
  package static func plain(_ input: Double) -> Double {
    0.5 * input * (1 + erf(input / 2.0.squareRoot()))
  }
}
