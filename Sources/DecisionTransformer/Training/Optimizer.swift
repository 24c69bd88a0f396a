internal import Numerics

/// What moves the parameters of a policy against the gradient of a batch, group by group.
///
/// Hidden matrices are ``Muon``'s where the options ask for it. All others, and they without it, are ``AdamW``'s; of these
/// the tensors that the layout says decay do. Gradients come in several buffers that are added up in order, and the work is
/// cut into fixed pieces, so the result is the same whatever the number of threads.
final class Optimizer: Sendable {
  /// The running mean of the gradients, of which Muon's is the momentum.
  let firstMoment: FloatBuffer
  /// The running mean of their squares.
  let secondMoment: FloatBuffer
  private let all: [Piece]
  private let adamW: [Piece]
  private let muon: Muon?

  /// A part of a tensor.
  private struct Piece: Sendable {
    let range: Range<Int>
    let decays: Bool
    let isHidden: Bool
  }

  /// Moments at zero.
  ///
  /// - Parameters:
  ///   - layout: Where the tensors lie, and of which kind they are.
  ///   - options: Whether hidden matrices are a group of their own.
  init(_ layout: ParameterLayout, options: TrainingOptions) {
    firstMoment = FloatBuffer(count: layout.count)
    secondMoment = FloatBuffer(count: layout.count)
    let length = 1 << 14
    all = layout.tensors.flatMap { tensor in
      stride(from: 0, to: tensor.count, by: length).map { start in
        let end = min(start + length, tensor.count)
        return Piece(
          range: tensor.offset + start..<tensor.offset + end, decays: tensor.decays,
          isHidden: tensor.hiddenMatrices > 0)
      }
    }
    muon = options.muonMomentumDecay.map { _ in Muon(layout) }
    adamW = muon == nil ? all : all.filter { !$0.isHidden }
  }

  /// Adds the gradients up.
  ///
  /// - Parameters:
  ///   - gradients: At least one buffer; the first one holds their sum afterwards.
  ///   - workers: The threads.
  /// - Returns: The norm of the sum; not finite where an element is not, or its square has no place in a float.
  func addUp(_ gradients: [FloatBuffer], workers: Workers) -> Double {
    let squares = FloatBuffer(count: all.count)
    workers.forEach(all.count) { index in
      let range = all[index].range
      let sum = gradients[0].start + range.lowerBound
      for other in gradients.dropFirst() {
        let from = other.start + range.lowerBound
        for index in 0..<range.count { sum[index] += from[index] }
      }
      squares.start[index] = UnsafePointer(sum).sumOfSquares(count: range.count)
    }
    return squares.values.reduce(0.0) { $0 + Double($1) }.squareRoot()
  }

  /// Moves `parameters` against `gradient`, and clears nothing.
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
    let update = AdamW(clip: clip, rate: options.rate(at: step), step: step + 1, options: options)
    workers.forEach(adamW.count) { index in
      let piece = adamW[index]
      let start = piece.range.lowerBound
      update.apply(
        parameters.start + start, gradient: gradient.start + start,
        first: firstMoment.start + start, second: secondMoment.start + start,
        count: piece.range.count, decays: piece.decays)
    }
    guard let muon, let decay = options.muonMomentumDecay else { return }
    muon.update(
      parameters, gradient: gradient, clip: clip, moment: firstMoment, decay: decay, step: step,
      options: options, workers: workers)
  }
}

extension UnsafePointer<Float> {
  /// The sum of the squares of `count` numbers, added up in a fixed order.
  func sumOfSquares(count: Int) -> Float {
    var squares = SIMD16<Float>.zero
    var index = 0
    while index &+ 16 <= count {
      let value = UnsafeRawPointer(self + index).loadUnaligned(as: SIMD16<Float>.self)
      squares = squares.addingProduct(value, value)
      index &+= 16
    }
    var total = squares.sum()
    while index < count {
      total += self[index] * self[index]
      index &+= 1
    }
    return total
  }
}
