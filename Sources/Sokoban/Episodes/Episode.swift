/// A level and the steps of a solution of it, or of a game that somebody played.
public struct Episode: Hashable, Sendable {
  /// The room as it starts.
  public let level: Level
  /// The steps as a solution's letters tell them apart: push actions (1–4) where a box is pushed,
  /// move actions (5–8) elsewhere.
  public let actions: [Action]
  /// Whether the steps are a game as it was played, with steps against walls and boxes, which may have solved nothing.
  public let isPlayed: Bool

  /// Keeps a level and steps; ``checkSolution()`` says whether they solve it.
  ///
  /// - Precondition: No action is ``Action/none``, which a written solution cannot hold.
  public init(level: Level, actions: [Action]) {
    self.init(level: level, actions: actions, isPlayed: false)
  }

  init(level: Level, actions: [Action], isPlayed: Bool) {
    precondition(!actions.contains(.none), "a solution holds moves and pushes only")
    self.level = level
    self.actions = actions
    self.isPlayed = isPlayed
  }

  /// A game that was played: of each step its direction counts, and whether a box was pushed follows from playing it.
  ///
  /// - Precondition: No action is ``Action/none``.
  public init(level: Level, playing steps: [Action]) {
    var environment = Environment(level, maxSteps: .max)
    self.init(
      level: level,
      actions: steps.map { environment.step($0.asPush).movedBox ? $0.asPush : $0.asMove },
      isPlayed: true)
  }

  /// Keeps a level and the steps of a written solution.
  ///
  /// A solution without a capital letter does not tell pushes from moves, for no level is solved without a push: the
  /// steps that meet a box are its pushes.
  init(level: Level, steps: [Action]) {
    guard !steps.contains(where: \.isPush) else {
      self.init(level: level, actions: steps)
      return
    }
    var environment = Environment(level, maxSteps: max(1, steps.count))
    self.init(
      level: level,
      actions: steps.map { environment.step($0.asPush).movedBox ? $0.asPush : $0 })
  }

  /// Reads the letters of a solution: `udlr` moves, `UDLR` pushes; or small letters alone, or counts before letters.
  ///
  /// - Throws: ``SolutionError/unknownLetter(_:step:)``.
  public init(level: Level, lurd: String) throws {
    let letters =
      RunLength.expanded(ArraySlice(lurd.utf8)) { Action(letter: $0) != nil } ?? Array(lurd.utf8)
    let steps = try letters.enumerated().map { step, letter in
      guard let action = Action(letter: letter) else {
        throw SolutionError.unknownLetter(letter, step: step)
      }
      return action
    }
    self.init(level: level, steps: steps)
  }

  /// The steps as letters.
  public var lurd: String { String(decoding: actions.compactMap(\.letter), as: UTF8.self) }

  /// The steps as push actions only (1–4), which play the same and are all that a policy learns.
  public var pushActions: [Action] { actions.map(\.asPush) }

  /// The image of the episode; it solves the image of the level.
  public func transformed(by symmetry: Symmetry) -> Episode {
    Episode(
      level: level.transformed(by: symmetry), actions: actions.map { symmetry.image(of: $0) },
      isPlayed: isPlayed)
  }

  /// Plays the steps until one ends the episode.
  public func replayed(maxSteps: Int = EnvironmentBatch.defaultMaxSteps) -> EpisodeReplay {
    var environment = Environment(level, maxSteps: maxSteps)
    var replay = EpisodeReplay(states: [environment.tiles])
    for action in actions {
      let transition = environment.step(action)
      replay.transitions.append(transition)
      replay.states.append(environment.tiles)
      if transition.isDone { break }
    }
    return replay
  }

  /// Plays the steps and makes sure that each does what its letter says: those of a game that was played push a box or
  /// do not, and none follows a solved level; those of a solution move too, and the last covers the last target.
  ///
  /// - Throws: ``SolutionError`` naming the step.
  /// - Returns: The sum of the rewards, and whether the level is solved at the end.
  @discardableResult
  public func check() throws -> (totalReward: Double, isSolved: Bool) {
    isPlayed ? try follow(asGame: true) : (try checkSolution(), true)
  }

  /// Plays the steps and makes sure that each does what its letter says and that the last, and only
  /// the last, covers the last target.
  ///
  /// - Throws: ``SolutionError`` naming the step.
  /// - Returns: The sum of the rewards.
  @discardableResult
  public func checkSolution() throws -> Double {
    let (total, isSolved) = try follow(asGame: false)
    guard isSolved else { throw SolutionError.unsolved(after: actions.count) }
    return total
  }

  /// Plays the steps, each of which does what its letter says; only in a game may one do nothing.
  private func follow(asGame: Bool) throws -> (totalReward: Double, isSolved: Bool) {
    var environment = Environment(level, maxSteps: .max)
    var total = 0.0
    for (step, action) in actions.enumerated() {
      guard !environment.isSolved else {
        throw SolutionError.solvedEarly(after: step, of: actions.count)
      }
      let transition = environment.step(asGame ? action.asPush : action)
      guard asGame || transition.movedPlayer else {
        throw SolutionError.blocked(action, step: step)
      }
      guard transition.movedBox == action.isPush else {
        throw action.isPush
          ? SolutionError.pushesNothing(action, step: step)
          : SolutionError.pushes(action, step: step)
      }
      total += transition.reward
    }
    return (total, environment.isSolved)
  }
}

/// What playing an episode gave.
public struct EpisodeReplay: Sendable {
  /// The raw values of the ``Tile``s before the first step and after each.
  public internal(set) var states: [[UInt8]]
  /// The outcome and reward of each step.
  public internal(set) var transitions: [Transition] = []

  /// The reward of each step.
  public var rewards: [Double] { transitions.map(\.reward) }

  /// The sum of the rewards, first to last.
  public var totalReward: Double { transitions.reduce(0) { $0 + $1.reward } }

  /// How the episode ended.
  public var outcome: Outcome { transitions.last?.outcome ?? .ongoing }
}
