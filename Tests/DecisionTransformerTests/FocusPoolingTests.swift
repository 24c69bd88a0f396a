import Numerics
import Testing

@testable import DecisionTransformer

/// Two pictures of five squares with three channels, two heads, a width of four.
@Suite struct FocusPoolingTests {
  private let focus = FocusPooling(
    squares: 5, channels: 3, width: 4, ParameterLayout.Focus(heads: 2, scores: 0, readout: 6))
  private let pictures = 2
  private let features = Self.numbers(2 * 5 * 3, seed: 1)
  /// Scores, `[2 × 3]`, then the readout, `[6 × 4]`.
  private let weights = Self.numbers(6 + 24, seed: 2)
  private let residual = Self.numbers(2 * 4, seed: 3)

  @Test func `what is added to the output is the specification's`() {
    let output = FloatBuffer(residual)
    forward(into: output)
    let expected = zip(residual, plain(features: features, weights: weights)).map(+)
    for (index, value) in expected.enumerated() {
      #expect(abs(Double(output.start[index]) - value) <= 1e-5)
    }
  }

  @Test func `its gradients are those of central differences, added to what is there`() {
    let direction = Self.numbers(8, seed: 4)
    let activations = forward(into: FloatBuffer(residual))
    let (featureGradient, gradients) = (FloatBuffer(count: 30), FloatBuffer(count: 30))
    (featureGradient.start[0], gradients.start[0]) = (3, 5)
    let (above, from, with) = (
      FloatBuffer(direction), FloatBuffer(features), FloatBuffer(weights)
    )
    withExtendedLifetime((above, from, with)) {
      focus.backward(
        outputGradient: above.start, outputStride: 4, features: from.start, weights: with.start,
        activations: activations, featureGradient: featureGradient.start,
        gradients: gradients.start, count: pictures)
    }
    let ofFeatures = differences(at: features, direction) { plain(features: $0, weights: weights) }
    let ofWeights = differences(at: weights, direction) { plain(features: features, weights: $0) }
    for index in 0..<30 {
      let before = index == 0 ? (3.0, 5.0) : (0, 0)
      #expect(abs(Double(featureGradient.start[index]) - before.0 - ofFeatures[index]) <= 1e-4)
      #expect(abs(Double(gradients.start[index]) - before.1 - ofWeights[index]) <= 1e-4)
    }
  }

  @discardableResult
  private func forward(into output: FloatBuffer) -> FocusPooling.Activations {
    let activations = FocusPooling.Activations(focus, capacity: pictures)
    let (from, with) = (FloatBuffer(features), FloatBuffer(weights))
    withExtendedLifetime((from, with, output)) {
      focus.forward(
        features: from.start, weights: with.start, activations: activations, output: output.start,
        count: pictures)
    }
    return activations
  }

  private func plain(features: [Double], weights: [Double]) -> [Double] {
    (0..<pictures).flatMap {
      focus.plain(
        features: Array(features[$0 * 15..<($0 + 1) * 15]), scores: Array(weights[..<6]),
        readout: Array(weights[6...]))
    }
  }

  /// The gradient of `Σ direction · function(point)`.
  private func differences(
    at point: [Double], _ direction: [Double], _ function: ([Double]) -> [Double]
  ) -> [Double] {
    point.indices.map { index in
      let sums = [1e-4, -1e-4].map { step in
        var moved = point
        moved[index] += step
        return zip(function(moved), direction).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return (sums[0] - sums[1]) / 2e-4
    }
  }

  private static func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Double(Float(generator.nextGaussian())) }
  }
}

extension FloatBuffer {
  fileprivate convenience init(_ values: [Double]) { self.init(values.map { Float($0) }) }
}
