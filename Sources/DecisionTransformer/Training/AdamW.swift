/// One update of AdamW (arXiv:1711.05101): the numbers that are the same for every parameter.
struct AdamW: Sendable {
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

  /// The update of a step.
  ///
  /// - Parameters:
  ///   - clip: What the gradient is multiplied by first.
  ///   - rate: The learning rate.
  ///   - step: The number of this update, counted from 1.
  ///   - options: Decays and ε.
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

  /// Moves some parameters against their gradient.
  ///
  /// - Parameters:
  ///   - parameters: Changed.
  ///   - gradient: Theirs.
  ///   - first: The running mean of their gradients; changed.
  ///   - second: That of the squares; changed.
  ///   - count: How many.
  ///   - decays: Whether they decay.
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
