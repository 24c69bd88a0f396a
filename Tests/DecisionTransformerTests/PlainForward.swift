import Numerics
import Foundation
import LaserOps

@testable import DecisionTransformer

/// The specification of a policy's forward, in double precision from the layers' own specifications, over one
/// episode of any length, with the sliding window of K steps in every layer.
struct PlainForward {
  let configuration: PolicyConfiguration
  private let layout: ParameterLayout
  private let weights: [Double]

  init(_ policy: Policy) {
    configuration = policy.configuration
    layout = policy.network.layout
    weights = policy.mergedParameters.values.map { Double($0) }
  }

  private func slice(_ offset: Int, _ count: Int) -> [Double] {
    Array(weights[offset..<offset + count])
  }

  private func linear(
    _ input: [Double], _ pair: ParameterLayout.Pair, _ inputs: Int, _ outputs: Int
  ) -> [Double] {
    Linear.plain(
      input: input, weight: slice(pair.weight, inputs * outputs), bias: slice(pair.bias, outputs),
      inputs: inputs, outputs: outputs)
  }

  private func norm(_ input: [Double], _ pair: ParameterLayout.Pair) -> [Double] {
    LayerNorm.plain(
      input: input, scale: slice(pair.weight, configuration.width),
      shift: slice(pair.bias, configuration.width), epsilon: Double(configuration.layerNormEpsilon))
  }

  private func state(_ picture: ArraySlice<UInt8>) -> [Double] {
    let ring = configuration.encoder.trimsRing ? 1 : 0
    let (height, width) = (
      configuration.pictureHeight - 2 * ring, configuration.pictureWidth - 2 * ring
    )
    var inputs = configuration.pictureChannels
    var values: [Double] = []
    for row in ring..<ring + height {
      let start = picture.startIndex + (row * configuration.pictureWidth + ring) * inputs
      values += picture[start..<start + width * inputs].map { Double(Float($0) * (1 / 255)) }
    }
    let stem = configuration.encoder.channels
    var skipped: [Double] = []
    for (index, pair) in layout.convolutions.enumerated() {
      let outputs = stem[min(index, stem.count - 1)]
      let place = index - stem.count
      if place >= 0, place % 2 == 0 { skipped = values }
      let layer = Convolution(height: height, width: width, inputs: inputs, outputs: outputs)
      values = layer.plain(
        picture: values, weight: slice(pair.weight, 9 * inputs * outputs),
        bias: slice(pair.bias, outputs), residual: place >= 0 && place % 2 == 1 ? skipped : nil)
      inputs = outputs
    }
    let all = linear(values, layout.readout, values.count, configuration.width)
    return zip(all, focus(values, channels: inputs)).map { $0 + $1 }
  }

  /// What single squares add: zero where no head looks at them.
  private func focus(_ features: [Double], channels: Int) -> [Double] {
    guard let focus = layout.focus else {
      return [Double](repeating: 0, count: configuration.width)
    }
    var means: [Double] = []
    for head in 0..<focus.heads {
      let weight = slice(focus.scores + head * channels, channels)
      let squares = stride(from: 0, to: features.count, by: channels)
        .map { Array(features[$0..<$0 + channels]) }
      let powers = squares.map { exp(zip($0, weight).reduce(0) { $0 + $1.0 * $1.1 }) }
      let sum = powers.reduce(0, +)
      for channel in 0..<channels {
        means.append(zip(squares, powers).reduce(0) { $0 + $1.0[channel] * $1.1 } / sum)
      }
    }
    return Linear.plain(
      input: means, weight: slice(focus.readout, means.count * configuration.width),
      bias: [Double](repeating: 0, count: configuration.width), inputs: means.count,
      outputs: configuration.width)
  }

  /// The logits of every step, one after the other.
  func logits(_ packed: PackedWindows) -> [Double] {
    let width = configuration.width
    var stream: [Double] = []
    for step in 0..<packed.count {
      let time = slice(layout.time + packed.times[step] * width, width)
      let value = Double(packed.returns[step] * configuration.returnScale)
      let size = configuration.pictureCount
      let tokens = [
        zip(slice(layout.returns.weight, width), slice(layout.returns.bias, width)).map {
          $0 * value + $1
        },
        state(packed.pictures[step * size..<(step + 1) * size]),
        slice(layout.action + packed.actions[step] * width, width),
      ]
      for token in tokens { stream += zip(token, time).map { $0 + $1 } }
    }
    let attention = CausalAttention(
      heads: configuration.heads, headWidth: configuration.headWidth)
    for block in layout.blocks {
      let all = linear(norm(stream, block.attentionNorm), block.attention, width, 3 * width)
      let parts = (0..<3).map { rows(of: all, every: 3, from: $0) }
      let mixed = attention.plain(queries: parts[0], keys: parts[1], values: parts[2]) {
        max(0, 3 * ($0 / 3 - configuration.contextSteps + 1))
      }
      stream = zip(stream, linear(mixed, block.attentionOutput, width, width)).map { $0 + $1 }
      let hidden = linear(
        norm(stream, block.mlpNorm), block.mlpInput, width, configuration.mlpWidth
      ).map(GELU.plain)
      let update = linear(hidden, block.mlpOutput, configuration.mlpWidth, width)
      stream = zip(stream, update).map { $0 + $1 }
    }
    let states = rows(of: stream, every: 3, from: 1)
    // The head's weights lie [actions × width].
    let normalized = norm(states, layout.finalNorm)
    var logits: [Double] = []
    for step in 0..<packed.count {
      for action in 0..<configuration.actions {
        var sum = weights[layout.head.bias + action]
        let start = layout.head.weight + action * width
        for column in 0..<width {
          sum += normalized[step * width + column] * weights[start + column]
        }
        logits.append(sum)
      }
    }
    return logits
  }

  /// Every so many-th row of `values`, whose rows are as wide as the model.
  private func rows(of values: [Double], every step: Int, from first: Int) -> [Double] {
    let width = configuration.width
    var result: [Double] = []
    for row in stride(from: first, to: values.count / width, by: step) {
      result += values[row * width..<(row + 1) * width]
    }
    return result
  }
}
