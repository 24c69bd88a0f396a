extension Activation {
  /// The backward of ``apply(to:count:)``: `gradient ← gradient · activation'(input)`, element by element.
  ///
  /// - Parameters:
  ///   - gradient: That of what came out.
  ///   - input: What went in.
  ///   - count: How many elements.
  package func carryBack(
    _ gradient: UnsafeMutablePointer<Float>, input: UnsafePointer<Float>, count: Int
  ) {
    switch self {
    case .tanhGELU: GELU.backward(input: input, gradient: gradient, count: count)
    case .gelu: multiply(gradient, input, count, by: ExactGELU.slope)
    case .silu: multiply(gradient, input, count, by: SiLU.slope)
    case .relu: for index in 0..<count where !(input[index] > 0) { gradient[index] = 0 }
    }
  }

  /// The backward of ``multiplyGate(_:by:count:)``.
  ///
  /// - Parameters:
  ///   - gradient: That of what came out; becomes the gate's.
  ///   - gate: What went into the gate.
  ///   - up: What was multiplied.
  ///   - upGradient: Where the gradient of `up` is put.
  ///   - count: How many elements.
  package func carryBackGate(
    _ gradient: UnsafeMutablePointer<Float>, gate: UnsafePointer<Float>,
    up: UnsafePointer<Float>, upGradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    upGradient.update(from: gate, count: count)
    apply(to: upGradient, count: count)
    for index in 0..<count {
      upGradient[index] *= gradient[index]
      gradient[index] *= up[index]
    }
    carryBack(gradient, input: gate, count: count)
  }

  @inline(__always) private func multiply(
    _ gradient: UnsafeMutablePointer<Float>, _ input: UnsafePointer<Float>, _ count: Int,
    by slope: (Vector) -> Vector
  ) {
    var index = 0
    while index &+ 16 <= count {
      (slope(Vector(at: input + index)) * Vector(at: gradient + index)).store(to: gradient + index)
      index &+= 16
    }
    if index < count {
      let rest = count &- index
      (slope(Vector(at: input + index, count: rest))
        * Vector(at: UnsafePointer(gradient) + index, count: rest))
        .store(to: gradient + index, count: rest)
    }
  }
}
