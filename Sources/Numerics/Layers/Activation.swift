/// What an MLP does to every element of its inner layer.
package enum Activation: String, Sendable, CaseIterable {
  /// x · Φ(x), with the error function: `ExactGELU`.
  case gelu
  /// The tanh form of the same: `GELU`.
  case tanhGELU
  /// x / (1 + e^(-x)): `SiLU`.
  case silu
  /// max(0, x).
  case relu

  /// `values ← activation(values)`, element by element.
  package func apply(to values: UnsafeMutablePointer<Float>, count: Int) {
    switch self {
    case .gelu: ExactGELU.apply(to: values, count: count)
    case .tanhGELU: GELU.forward(input: values, output: values, count: count)
    case .silu: SiLU.apply(to: values, count: count)
    case .relu: for index in 0..<count where values[index] < 0 { values[index] = 0 }
    }
  }

  /// `gate ← activation(gate) · up`, element by element (arXiv:2002.05202).
  package func multiplyGate(
    _ gate: UnsafeMutablePointer<Float>, by up: UnsafePointer<Float>, count: Int
  ) {
    guard self != .silu else { return SiLU.multiplyGate(gate, by: up, count: count) }
    apply(to: gate, count: count)
    for index in 0..<count { gate[index] *= up[index] }
  }

  /// The specification, in double precision.
  package func plain(_ input: Double) -> Double {
    switch self {
    case .gelu: ExactGELU.plain(input)
    case .tanhGELU: GELU.plain(input)
    case .silu: SiLU.plain(input)
    case .relu: max(0, input)
    }
  }
}
