internal import Numerics

/// AdamW (arXiv:1711.05101) with the gradient's norm clipped, over one flat buffer of parameters.
///
/// Gradients come in several buffers that are added up in order; the work is cut into fixed pieces of the buffer,
/// so the result is the same whatever the number of threads.
final class AdamW: Sendable {
  /// The running mean of the gradients and of their squares.
  let firstMoment: FloatBuffer
  let secondMoment: FloatBuffer
  private let pieces: [Piece]

  private struct Piece: Sendable {
    let range: Range<Int>
    let decays: Bool
    let isHidden: Bool
  }

  init(_ layout: ParameterLayout) {
    firstMoment = FloatBuffer(count: layout.count)
    secondMoment = FloatBuffer(count: layout.count)
    let length = 1 << 14
    pieces = layout.tensors.flatMap { tensor in
      stride(from: 0, to: tensor.count, by: length).map { start in
        let end = min(start + length, tensor.count)
        return Piece(
          range: tensor.offset + start..<tensor.offset + end, decays: tensor.decays,
          isHidden: tensor.hiddenMatrices > 0)
      }
    }
  }

  /// Adds the gradients up.
  ///
  /// - Parameters:
  ///   - gradients: At least one buffer; the first one holds their sum afterwards.
  ///   - workers: The threads.
  /// - Returns: The norm of the sum; not finite where an element is not, or its square has no place in a float.
  func addUp(_ gradients: [FloatBuffer], workers: Workers) -> Double {
    let squares = FloatBuffer(count: pieces.count)
    workers.forEach(pieces.count) { index in
      squares.start[index] = Self.add(gradients, in: pieces[index].range)
    }
    return squares.values.reduce(0.0) { $0 + Double($1) }.squareRoot()
  }

  /// Moves `parameters` against `gradient`, and clears nothing; hidden matrices stay where they are if ``Muon`` moves
  /// them.
  ///
  /// - Parameters:
  ///   - parameters: Changed.
  ///   - gradient: The sum that ``addUp(_:workers:)`` has left.
  ///   - clip: What the gradient is multiplied by first.
  ///   - step: The number of updates before this one.
  ///   - options: Rates and decays.
  ///   - workers: The threads.
  func update(
    _ parameters: FloatBuffer, gradient: FloatBuffer, clip: Float, step: Int,
    options: TrainingOptions, workers: Workers
  ) {
    let update = Update(
      clip: clip, rate: options.rate(at: step), step: step + 1, options: options)
    workers.forEach(pieces.count) { index in
      let piece = pieces[index]
      guard options.muonMomentumDecay == nil || !piece.isHidden else { return }
      let start = piece.range.lowerBound
      update.apply(
        parameters.start + start, gradient: gradient.start + start,
        first: firstMoment.start + start, second: secondMoment.start + start,
        count: piece.range.count, decays: piece.decays)
    }
  }

  /// Adds all buffers to the first one within `range` and returns the sum of the squares.
  private static func add(_ gradients: [FloatBuffer], in range: Range<Int>) -> Float {
    let sum = gradients[0].start + range.lowerBound
    let count = range.count
    for other in gradients.dropFirst() {
      let from = other.start + range.lowerBound
      for index in 0..<count { sum[index] += from[index] }
    }
    return sumOfSquares(sum, count: count)
  }

  /// The sum of the squares of `count` numbers, added up in a fixed order.
  static func sumOfSquares(_ values: UnsafePointer<Float>, count: Int) -> Float {
    var squares = SIMD16<Float>.zero
    var index = 0
    while index &+ 16 <= count {
      let value = UnsafeRawPointer(values + index).loadUnaligned(as: SIMD16<Float>.self)
      squares = squares.addingProduct(value, value)
      index &+= 16
    }
    var total = squares.sum()
    while index < count {
      total += values[index] * values[index]
      index &+= 1
    }
    return total
  }

  /// The numbers of one update that are the same for every parameter.
  private struct Update: Sendable {
    let clip: Float
    let firstDecay: Float
    let secondDecay: Float
    /// The rate with the first moment's correction for its start at zero.
    let correctedRate: Float
    /// One over the root of the second moment's correction.
    let rootCorrection: Float
    let epsilon: Float
    /// What a decaying parameter is multiplied by.
    let keep: Float

    init(clip: Float, rate: Double, step: Int, options: TrainingOptions) {
      self.clip = clip
      firstDecay = Float(options.firstMomentDecay)
      secondDecay = Float(options.secondMomentDecay)
      var powers = (first: 1.0, second: 1.0)
      // Powers by squaring: the same bits on every machine, unlike a library's pow.
      var base = (first: options.firstMomentDecay, second: options.secondMomentDecay)
      var exponent = step
      while exponent > 0 {
        if exponent & 1 == 1 { powers = (powers.first * base.first, powers.second * base.second) }
        base = (base.first * base.first, base.second * base.second)
        exponent >>= 1
      }
      correctedRate = Float(rate / (1 - powers.first))
      rootCorrection = Float(1 / (1 - powers.second).squareRoot())
      epsilon = Float(options.epsilon)
      keep = Float(1 - rate * options.weightDecay)
    }

    func apply(
      _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
      first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, count: Int,
      decays: Bool
    ) {
      let keep = decays ? keep : 1
      for index in 0..<count {
        let slope = gradient[index] * clip
        let mean = first[index] + (1 - firstDecay) * (slope - first[index])
        let square = secondDecay * second[index] + (1 - secondDecay) * slope * slope
        first[index] = mean
        second[index] = square
        let root = square.squareRoot() * rootCorrection + epsilon
        parameters[index] = parameters[index] * keep - correctedRate * mean / root
      }
    }
  }
}
