#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
public import Numerics
public import Sokoban

extension Policy {
  /// Levels that step through the policy together; a fixed number, so that results do not depend on threads.
  static let levelsTogether = 64

  /// Plays every level once.
  ///
  /// Levels go in groups of 64 in the order given, and leave their group when they are done. A product of matrices may
  /// round its last bit differently in a larger group, so a level's game is the same whenever it is played among the
  /// same levels; alone, two actions that are all but equally likely may change places.
  ///
  /// - Parameters:
  ///   - levels: The levels.
  ///   - numbers: The levels' numbers, which their random numbers come from; nil: their places here.
  ///   - options: How to play.
  ///   - workers: The threads.
  /// - Returns: One result a level, in order; the same bytes whatever the number of threads.
  /// - Throws: `RolloutError`.
  /// - Precondition: As many numbers as levels.
  public func play(
    _ levels: [Level], numbers: [Int]? = nil, options: RolloutOptions = RolloutOptions(),
    workers: Workers = .allCores
  ) throws -> [Rollout] {
    try check(levels, options)
    let numbers = numbers ?? Array(levels.indices)
    precondition(
      numbers.count == levels.count, "\(numbers.count) numbers of \(levels.count) levels")
    let starts = Array(stride(from: 0, to: levels.count, by: Self.levelsTogether))
    let encoder = InferenceEncoder(of: self)
    return try workers.map(starts.count) { index in
      let start = starts[index]
      let group = start..<min(start + Self.levelsTogether, levels.count)
      return try playTogether(
        Array(levels[group]), numbers: Array(numbers[group]), options,
        embeddings: EmbeddingCache(by: encoder))
    }.flatMap { $0 }
  }

  /// Makes sure that the policy can play these levels in this way.
  ///
  /// - Parameters:
  ///   - levels: The levels.
  ///   - options: The way.
  ///   - file: Where the levels are the first ones; nil: what is wrong is said without a file.
  /// - Throws: `RolloutError` naming the level.
  public func check(_ levels: [Level], _ options: RolloutOptions, in file: String? = nil) throws {
    guard (1...configuration.maximumSteps).contains(options.maximumSteps) else {
      throw RolloutError.tooManySteps(
        asked: options.maximumSteps, available: configuration.maximumSteps)
    }
    guard Float(options.targetReturn).isFinite else {
      throw RolloutError.badTargetReturn(options.targetReturn)
    }
    for (index, level) in levels.enumerated()
    where level.rows != configuration.pictureHeight || level.columns != configuration.pictureWidth {
      throw RolloutError.wrongRoomSize(
        level: index, rows: level.rows, columns: level.columns,
        expectedRows: configuration.pictureHeight, expectedColumns: configuration.pictureWidth,
        file: file)
    }
  }

  /// Plays one group of levels that fit the policy.
  ///
  /// - Parameters:
  ///   - levels: At least one.
  ///   - numbers: The levels' numbers, which their random numbers come from.
  ///   - options: Checked.
  ///   - embeddings: Those of the pictures so far.
  /// - Returns: One result a level.
  /// - Throws: `RolloutError.notANumber`.
  func playTogether(
    _ levels: [Level], numbers: [Int], _ options: RolloutOptions, embeddings: EmbeddingCache
  ) throws -> [Rollout] {
    var environments = try EnvironmentBatch(levels, maxSteps: options.maximumSteps)
    let stepper = PolicyStepper(self, sequences: levels.count, embeddings: embeddings)
    var rollouts = [Rollout](repeating: Rollout(), count: levels.count)
    var playing = levels.indices.map {
      PolicyStepper.Input(slot: $0, returnToGo: options.targetReturn, previousAction: 0)
    }
    let size = configuration.pictureCount
    for time in 0..<options.maximumSteps where !playing.isEmpty {
      environments.pictures.withUnsafeBufferPointer { bytes in
        for (index, input) in playing.enumerated() {
          let picture = bytes[input.slot * size..<(input.slot + 1) * size]
          stepper.show(UnsafeBufferPointer(rebasing: picture), at: index)
        }
      }
      stepper.step(playing, time: time)
      var stillPlaying: [PolicyStepper.Input] = []
      for (index, input) in playing.enumerated() {
        let level = numbers[input.slot]
        let logits = UnsafeBufferPointer(
          start: stepper.logits.start + index * configuration.actions,
          count: configuration.actions)
        guard logits.allSatisfy(\.isFinite) else {
          throw RolloutError.notANumber(level: level, step: time)
        }
        let choice = Self.choose(logits, options.choice, level: level, time: time)
        let direction = Direction(rawValue: UInt8(choice)) ?? .up
        let action = Action(pushing: direction)
        let transition = environments.step(input.slot, action)
        rollouts[input.slot].actions.append(action)
        rollouts[input.slot].totalReturn += transition.reward
        if transition.isDone {
          rollouts[input.slot].isSolved = transition.outcome == .solved
          rollouts[input.slot].boxesOnTarget = environments.boxesOnTarget(input.slot)
        } else {
          stillPlaying.append(
            .init(
              slot: input.slot, returnToGo: input.returnToGo - transition.reward,
              previousAction: choice))
        }
      }
      playing = stillPlaying
    }
    return rollouts
  }

  /// The action that `logits` and the way to choose give.
  static func choose(
    _ logits: UnsafeBufferPointer<Float>, _ choice: RolloutOptions.Choice, level: Int, time: Int
  ) -> Int {
    var best = 0
    for action in logits.indices where logits[action] > logits[best] { best = action }
    guard case .sampled(let seed) = choice else { return best }
    // A stream for every level and step: who else is playing does not matter.
    var generator = SplitMix64(seed: seed &+ UInt64(level) &* 0x9E37_79B9, stream: time)
    let powers = logits.map { exp(Double($0) - Double(logits[best])) }
    var rest = generator.nextUniform() * powers.reduce(0, +)
    for action in powers.indices {
      rest -= powers[action]
      if rest < 0 { return action }
    }
    return best
  }
}
