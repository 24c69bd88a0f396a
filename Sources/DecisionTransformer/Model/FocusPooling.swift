internal import Numerics

// Dimension key — S: pictures · P: squares of a picture · D: channels · H: heads · C: width.

/// Looks at the squares that matter: each head scores every square by its features, and the mean of the features,
/// weighted by the softmax of the scores, goes through a linear layer to the width.
///
/// What the features say of the player's square is of use wherever the player stands; a linear layer over all squares
/// has to learn it for each of them.
struct FocusPooling: Sendable {
  let squares: Int
  let channels: Int
  let heads: Int
  let width: Int
  private let offsets: ParameterLayout.Focus

  init(squares: Int, channels: Int, width: Int, _ offsets: ParameterLayout.Focus) {
    self.squares = squares
    self.channels = channels
    heads = offsets.heads
    self.width = width
    self.offsets = offsets
  }

  /// What the forward leaves for the backward, and the backward's memory, for up to `capacity` pictures.
  final class Activations {
    let shares: FloatBuffer  // [S × H × P]: each row adds up to 1
    let means: FloatBuffer  // [S × H·D]
    let meanGradients: FloatBuffer  // [S × H·D]
    let shareGradients: FloatBuffer  // [H × P]

    init(_ focus: FocusPooling, capacity: Int) {
      shares = FloatBuffer(count: capacity * focus.heads * focus.squares)
      means = FloatBuffer(count: capacity * focus.heads * focus.channels)
      meanGradients = FloatBuffer(count: capacity * focus.heads * focus.channels)
      shareGradients = FloatBuffer(count: focus.heads * focus.squares)
    }
  }

  /// `output ← output + readout(means(features))`.
  ///
  /// - Parameters:
  ///   - features: `[S × P × D]`.
  ///   - weights: The model's parameters.
  ///   - activations: Overwritten.
  ///   - output: `[S × C]`.
  ///   - count: The number of pictures.
  func forward(
    features: UnsafePointer<Float>, weights: UnsafePointer<Float>, activations: Activations,
    output: UnsafeMutablePointer<Float>, count: Int
  ) {
    for picture in 0..<count {
      let from = features + picture * squares * channels
      let shares = activations.shares.start + picture * heads * squares
      BLAS.multiply(
        weights + offsets.scores, from, into: shares, rows: heads, columns: squares,
        inner: channels, transposingRight: true)
      for head in 0..<heads { Softmax.normalize(shares + head * squares, count: squares) }
      BLAS.multiply(
        shares, from, into: activations.means.start + picture * heads * channels, rows: heads,
        columns: channels, inner: squares)
    }
    Linear.forward(
      input: activations.means.start, weight: weights + offsets.readout, bias: nil,
      residual: output, output: output, rows: count, inputs: heads * channels, outputs: width)
  }

  /// The backward of ``forward(features:weights:activations:output:count:)``; adds to `gradients` and to
  /// `featureGradient`.
  func backward(
    outputGradient: UnsafePointer<Float>, outputStride: Int, features: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, activations: Activations,
    featureGradient: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    Linear.backward(
      outputGradient: outputGradient, outputStride: outputStride, input: activations.means.start,
      weight: weights + offsets.readout, inputGradient: activations.meanGradients.start,
      weightGradient: gradients + offsets.readout, biasGradient: nil, rows: count,
      inputs: heads * channels, outputs: width)
    let slopes = activations.shareGradients.start
    for picture in 0..<count {
      let from = features + picture * squares * channels
      let to = featureGradient + picture * squares * channels
      let shares = activations.shares.start + picture * heads * squares
      let means = activations.meanGradients.start + picture * heads * channels
      BLAS.multiply(
        means, from, into: slopes, rows: heads, columns: squares, inner: channels,
        transposingRight: true)
      BLAS.multiply(
        shares, means, into: to, rows: squares, columns: channels, inner: heads,
        transposingLeft: true, keep: 1)
      // Through the softmax: share · (slope − Σ share · slope).
      for head in 0..<heads {
        var sum: Float = 0
        for place in head * squares..<(head + 1) * squares { sum += shares[place] * slopes[place] }
        for place in head * squares..<(head + 1) * squares {
          slopes[place] = shares[place] * (slopes[place] - sum)
        }
      }
      BLAS.multiply(
        slopes, weights + offsets.scores, into: to, rows: squares, columns: channels,
        inner: heads, transposingLeft: true, keep: 1)
      BLAS.multiply(
        slopes, from, into: gradients + offsets.scores, rows: heads, columns: channels,
        inner: squares, keep: 1)
    }
  }
}
