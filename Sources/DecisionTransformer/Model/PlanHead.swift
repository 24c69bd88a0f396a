#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import Numerics

// Dimension key — S: pictures · P: squares of a picture · D: channels · O: outputs of a square.

/// Reads the rest of the episode from the features of every square: which way the player will next leave it, and which
/// way a box on it will next be pushed, each of them one of five answers, never among them.
///
/// It is there for training only, where it tells the encoder at every square what the actions tell once a step. What it
/// asks for are the concepts that are found in agents that have learned to plan (arXiv:2504.01871).
struct PlanHead: Sendable {
  /// Never, or one of four directions.
  static let answers = 5
  /// Stands in place of an answer where nobody asks.
  static let unasked: UInt8 = .max
  /// Leaving a square, pushing a box from it.
  static let questions = 2
  /// Logits of a square.
  static let outputs = answers * questions

  let squares: Int
  let channels: Int
  private let offsets: ParameterLayout.Pair

  init(squares: Int, channels: Int, _ offsets: ParameterLayout.Pair) {
    self.squares = squares
    self.channels = channels
    self.offsets = offsets
  }

  /// Turns features into the gradients of the logits, and says what the logits were worth.
  ///
  /// - Parameters:
  ///   - features: `[S × P × D]`.
  ///   - targets: The right answers, `[S × P × questions]`, or ``unasked``, which costs nothing and teaches nothing.
  ///   - scale: What the sum of all cross-entropies is multiplied by.
  ///   - weights: The model's parameters.
  ///   - gradients: `[S × P × O]`; overwritten.
  ///   - count: The number of pictures.
  /// - Returns: The sum of the cross-entropies in nats.
  func loss(
    features: UnsafePointer<Float>, targets: [UInt8], scale: Float,
    weights: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>, count: Int
  ) -> Double {
    let rows = count * squares
    precondition(
      targets.count == rows * Self.questions, "\(targets.count) answers for \(rows) squares")
    Linear.forward(
      input: features, weight: weights + offsets.weight, bias: weights + offsets.bias,
      output: gradients, rows: rows, inputs: channels, outputs: Self.outputs)
    var sum = 0.0
    for (question, target) in targets.enumerated() {
      let logits = gradients + question * Self.answers
      guard target != Self.unasked else {
        for answer in 0..<Self.answers { logits[answer] = 0 }
        continue
      }
      var peak = logits[0]
      for answer in 1..<Self.answers { peak = max(peak, logits[answer]) }
      let right = logits[Int(target)]
      var total: Float = 0
      for answer in 0..<Self.answers {
        logits[answer] = exp(logits[answer] - peak)
        total += logits[answer]
      }
      sum += Double(log(total) + (peak - right))
      for answer in 0..<Self.answers { logits[answer] *= scale / total }
      logits[Int(target)] -= scale
    }
    return sum
  }

  /// Adds what the logits' gradients say to the features' and to the head's.
  func backward(
    logitGradients: UnsafePointer<Float>, features: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, featureGradient: UnsafeMutablePointer<Float>,
    gradients: UnsafeMutablePointer<Float>, count: Int
  ) {
    Linear.backward(
      outputGradient: logitGradients, input: features, weight: weights + offsets.weight,
      inputGradient: featureGradient, addingToInput: true,
      weightGradient: gradients + offsets.weight, biasGradient: gradients + offsets.bias,
      rows: count * squares, inputs: channels, outputs: Self.outputs)
  }
}
