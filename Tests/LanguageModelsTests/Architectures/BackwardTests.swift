import Foundation
@testable import LanguageModels
import Numerics
import Testing

/// The backwards of norms and mixtures against central differences; whole families are compared with PyTorch by
/// `Fixtures/check_gradients.py`.
@Suite struct BackwardTests {
  private let workers = Workers(count: 2)

  @Test(arguments: [Norm.Kind.layer, .rootMeanSquare], [nil, 4])
  func `the gradient of a norm is that of its specification, over rows and over heads`(
    kind: Norm.Kind, width: Int?
  ) {
    let scale: [Float] = [1, -0.5, 2, 0.25, 1.5, 0.75, -1, 3]
    let norm = Norm(
      kind, scale: scale, shift: scale.reversed(), epsilon: 1e-2, width: width)
    let (input, weights) = (numbers(24, seed: 1), numbers(24, seed: 2))
    let gradient = Activations(rows: 3, columns: 8)
    norm.carryBack(
      activations(weights, rows: 3), input: activations(input, rows: 3), to: gradient,
      using: workers)
    let expected = gradientByDifferences(at: input, weights: weights) { input in
      stride(from: 0, to: input.count, by: width ?? 8).flatMap { start -> [Double] in
        let values = Array(input[start..<start + (width ?? 8)])
        let count = Double(values.count)
        let mean = kind == .layer ? values.reduce(0, +) / count : 0
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        return values.enumerated().map { index, value in
          (value - mean) / (variance + 1e-2).squareRoot() * Double(scale[(start + index) % 8])
        }
      }
    }
    check(gradient.matrix.values, expected)
  }

  @Test(arguments: [false, true])
  func
    `the gradient of a token's shares is that of a softmax over all experts or over the chosen ones`(
      isNormalized: Bool
    )
  {
    let scores: [Double] = [0.3, -1.2, 2.5, 1.75, 0.5]
    let weights: [Double] = [0.7, -2, 1.5, -0.25, 3]
    let chosen = [2, 3]
    func shares(_ scores: [Double]) -> [Double] {
      let powers = scores.map { exp($0) }
      let sum = isNormalized ? chosen.reduce(0) { $0 + powers[$1] } : powers.reduce(0, +)
      return powers.indices.map { chosen.contains($0) ? powers[$0] / sum : 0 }
    }
    let found = Routing.gradient(
      of: weights.map { Float($0) }, scores: scores.map { Float($0) },
      shares: shares(scores).map { Float($0) }, isNormalized: isNormalized)
    check(found, gradientByDifferences(at: scores, weights: weights, shares))
  }

  private func check(_ found: [Float], _ expected: [Double]) {
    let largest = expected.reduce(0) { max($0, abs($1)) }
    #expect(largest > 0)
    for (found, expected) in zip(found, expected) {
      #expect(abs(Double(found) - expected) <= 2e-6 * largest)
    }
  }

  private func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Double(Float(generator.nextGaussian())) }
  }

  private func activations(_ values: [Double], rows: Int) -> Activations {
    Activations(
      Matrix(rows: rows, columns: values.count / rows, values: values.map { Float($0) }))
  }

  private func gradientByDifferences(
    at point: [Double], weights: [Double], _ function: ([Double]) -> [Double]
  ) -> [Double] {
    let step = 1e-4
    return point.indices.map { index in
      var (above, below) = (point, point)
      above[index] += step
      below[index] -= step
      let change = zip(function(above), function(below)).map { $0 - $1 }
      return zip(change, weights).reduce(0) { $0 + $1.0 * $1.1 } / (2 * step)
    }
  }
}
