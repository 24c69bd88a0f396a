#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// SiLU, x / (1 + e^(-x)) (arXiv:1702.03118), as the gate of Llama's MLP (SwiGLU, arXiv:2002.05202).
package enum SiLU {
  /// `gate ← SiLU(gate) · up`, element by element.
  package static func multiplyGate(
    _ gate: UnsafeMutablePointer<Float>, by up: UnsafePointer<Float>, count: Int
  ) {
    var index = 0
    while index &+ 16 <= count {
      (value(Vector(at: gate + index)) * Vector(at: up + index)).store(to: gate + index)
      index &+= 16
    }
    if index < count {
      let rest = count &- index
      let product =
        value(Vector(at: UnsafePointer(gate) + index, count: rest))
        * Vector(at: up + index, count: rest)
      product.store(to: gate + index, count: rest)
    }
  }

  /// `values ← SiLU(values)`, element by element.
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
    input / (1 + (-input).exponential)
  }

  /// The derivative, σ(x) · (1 + x · (1 − σ(x))) with the logistic function σ.
  @inline(__always) static func slope(_ input: Vector) -> Vector {
    let share = 1 / (1 + (-input).exponential)
    return share * (1 + input * (1 - share))
  }

  /// The specification, in double precision.
  package static func plain(_ input: Double) -> Double {
    input / (1 + exp(-input))
  }
}
