#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// GELU, tanh approximation (arXiv:1606.08415 §2): what GPT-2 and GPT-J were trained with.
///
/// ½ x (1 + tanh u) = x / (1 + e^(-2u)) with u = √(2/π) (x + 0.044715 x³), which needs no tanh.
package enum GELU {
  private static let doubleRoot: Float = 1.595_769_121_605_731  // 2 √(2/π)
  private static let cubic: Float = 0.044_715

  /// `output ← GELU(input)`, element by element; the output may be the input.
  package static func forward(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    var index = 0
    while index &+ 16 <= count {
      value(Vector(at: input + index)).store(to: output + index)
      index &+= 16
    }
    if index < count {
      let rest = count &- index
      value(Vector(at: input + index, count: rest)).store(to: output + index, count: rest)
    }
  }

  /// The backward: `gradient ← gradient · GELU'(input)`, in place.
  package static func backward(
    input: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    var index = 0
    while index &+ 16 <= count {
      (slope(Vector(at: input + index)) * Vector(at: gradient + index)).store(to: gradient + index)
      index &+= 16
    }
    if index < count {
      let rest = count &- index
      let product =
        slope(Vector(at: input + index, count: rest))
        * Vector(at: UnsafePointer(gradient) + index, count: rest)
      product.store(to: gradient + index, count: rest)
    }
  }

  @inline(__always) private static func value(_ input: Vector) -> Vector {
    input * logistic(input)
  }

  @inline(__always) private static func slope(_ input: Vector) -> Vector {
    let share = logistic(input)
    let inner = Vector(repeating: doubleRoot)
      .addingProduct(input * input, Vector(repeating: 3 * cubic * doubleRoot))
    return share.addingProduct(input * share * (1 - share), inner)
  }

  /// 1 / (1 + e^(-2u)).
  @inline(__always) private static func logistic(_ input: Vector) -> Vector {
    let twice =
      input
      * Vector(repeating: doubleRoot)
      .addingProduct(input * input, Vector(repeating: cubic * doubleRoot))
    return 1 / (1 + (-twice).exponential)
  }

  /// The specification: the formula of the paper, in double precision.
  package static func plain(_ input: Double) -> Double {
    let inner = (2 / Double.pi).squareRoot() * (input + 0.044_715 * input * input * input)
    return 0.5 * input * (1 + tanh(inner))
  }
}
