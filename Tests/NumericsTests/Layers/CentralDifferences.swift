import Numerics

/// What the layers' tests share: seeded inputs, and gradients by central differences of a layer's
/// specification in double precision.
enum CentralDifferences {
  /// Normal numbers that single precision holds exactly, so that both versions see the same.
  static func numbers(_ count: Int, seed: UInt64, deviation: Double = 1) -> [Double] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Double(Float(deviation * generator.nextGaussian())) }
  }

  /// The gradient of `Σ weights · function(point)`: `(f(x + h) - f(x - h)) / 2h`, error O(h²) ≈ 1e-8.
  static func gradient(
    at point: [Double], weights: [Double], _ function: ([Double]) -> [Double]
  ) -> [Double] {
    let step = 1e-4
    return point.indices.map { index in
      var above = point
      var below = point
      above[index] += step
      below[index] -= step
      let difference = zip(function(above), function(below)).map { $0 - $1 }
      return zip(difference, weights).reduce(0) { $0 + $1.0 * $1.1 } / (2 * step)
    }
  }

  /// The largest error of a gradient along eight random directions, in roundings of `terms` sums of that size.
  ///
  /// For a function that is linear between two kinks: one short step of a direction is exact, and cheaper than one along
  /// every axis.
  static func directionalError(
    of gradient: [Float], at point: [Double], incoming: [Double], terms: Int,
    _ function: ([Double]) -> [Double]
  ) -> Double {
    (0..<8).map { seed in
      let direction = numbers(point.count, seed: UInt64(10 + seed))
      let slope = self.gradient(at: [0], weights: incoming) { step in
        function(zip(point, direction).map { $0 + step[0] * $1 * 1e-3 })
      }[0]
      let products = zip(gradient, direction).map { Double($0) * $1 * 1e-3 }
      let norm = products.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let error = abs(products.reduce(0, +) - slope)
      return error.isNaN || norm == 0
        ? .infinity : error / (norm * Double(terms) * Double(Float.ulpOfOne))
    }.max() ?? .infinity
  }

  /// The largest difference of two lists relative to the norm of the expected one.
  static func error(_ found: [Float], _ expected: [Double]) -> Double {
    precondition(found.count == expected.count, "\(found.count) and \(expected.count) numbers")
    let norm = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let difference = zip(found, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    return difference.isNaN || norm == 0 ? .infinity : difference / norm
  }

  /// Single-precision rounding of `terms` sums in a row, and the h² of the central difference.
  static func tolerance(terms: Int) -> Double { 4 * Double(terms) * Double(Float.ulpOfOne) + 1e-7 }
}

extension FloatBuffer {
  /// A buffer with numbers rounded to single precision.
  convenience init(_ values: [Double]) { self.init(values.map { Float($0) }) }
}

/// Keeps the buffers of a test alive while their addresses are in use.
final class Held {
  private var buffers: [FloatBuffer] = []

  func hold(_ values: [Double]) -> FloatBuffer {
    buffers.append(FloatBuffer(values))
    return buffers[buffers.count - 1]
  }
}
