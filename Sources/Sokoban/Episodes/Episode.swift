/// A level and the steps of a solution of it, of a game that somebody played, or of both: a game that is corrected.
public struct Episode: Hashable, Sendable {
  /// The room as it starts.
  public let level: Level
  /// The steps as a solution's letters tell them apart: push actions (1–4) where a box is pushed,
  /// move actions (5–8) elsewhere.
  public let actions: [Action]
  /// What the steps are.
  public let kind: Kind

  /// What an episode's steps are.
  public enum Kind: Hashable, Sendable {
    /// A solution.
    case solution
    /// A game as it was played, with steps against walls and boxes, which may have solved nothing.
    case game
    /// The beginning of a game as it was played, and a solution from the step with this number on, which counts from 0.
    case correction(from: Int)
  }

  /// How many of the first steps nobody should learn from: those of a game before it is corrected.
  public var mistakenSteps: Int {
    if case .correction(let first) = kind { first } else { 0 }
  }

  /// Keeps a level and steps; ``checkSolution()`` says whether they solve it.
  ///
  /// - Precondition: No action is ``Action/none``, which a written solution cannot hold.
  public init(level: Level, actions: [Action]) {
    self.init(level: level, actions: actions, kind: .solution)
  }

  init(level: Level, actions: [Action], kind: Kind) {
    precondition(!actions.contains(.none), "a solution holds moves and pushes only")
    self.level = level
    self.actions = actions
    self.kind = kind
  }

  /// A game that was played: of each step its direction counts, and whether a box was pushed follows from playing it.
  ///
  /// - Precondition: No action is ``Action/none``.
  public init(level: Level, playing steps: [Action]) {
    self.init(level: level, playing: steps, kind: .game)
  }

  /// The beginning of a game, and a solution from where it leads.
  ///
  /// - Precondition: No action is ``Action/none``.
  public init(level: Level, playing steps: [Action], correctedBy solution: [Action]) {
    self.init(level: level, playing: steps + solution, kind: .correction(from: steps.count))
  }

  private init(level: Level, playing steps: [Action], kind: Kind) {
    var environment = Environment(level, maxSteps: .max)
    self.init(
      level: level,
      actions: steps.map { environment.step($0.asPush).movedBox ? $0.asPush : $0.asMove },
      kind: kind)
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
  /// - Throws: `SolutionError.unknownLetter`.
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
  package func transformed(by symmetry: Symmetry) -> Episode {
    Episode(
      level: level.transformed(by: symmetry), actions: actions.map { symmetry.image(of: $0) },
      kind: kind)
  }

  /// Plays the steps until one ends the episode.
  package func replayed(maxSteps: Int = EnvironmentBatch.defaultMaxSteps) -> EpisodeReplay {
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
  /// do not, and none follows a solved level; those of a solution move too, and the last covers the last target, as that
  /// of a correction does.
  ///
  /// - Throws: `SolutionError` naming the step.
  /// - Returns: The sum of the rewards, and whether the level is solved at the end.
  @discardableResult
  public func check() throws -> (totalReward: Double, isSolved: Bool) {
    switch kind {
    case .solution: (try checkSolution(), true)
    case .game: try follow(playing: actions.count)
    case .correction(let first): (try solve(playing: first), true)
    }
  }

  /// Plays the steps and makes sure that each does what its letter says and that the last, and only
  /// the last, covers the last target.
  ///
  /// - Throws: `SolutionError` naming the step.
  /// - Returns: The sum of the rewards.
  @discardableResult
  public func checkSolution() throws -> Double { try solve(playing: 0) }

  private func solve(playing first: Int) throws -> Double {
    let (total, isSolved) = try follow(playing: first)
    guard isSolved else { throw SolutionError.unsolved(after: actions.count) }
    return total
  }

  /// Plays the steps, each of which does what its letter says; only the `first` ones, those of a game, may do nothing.
  private func follow(playing first: Int) throws -> (totalReward: Double, isSolved: Bool) {
    var environment = Environment(level, maxSteps: .max)
    var total = 0.0
    for (step, action) in actions.enumerated() {
      guard !environment.isSolved else {
        throw SolutionError.solvedEarly(after: step, of: actions.count)
      }
      let isGame = step < first
      let transition = environment.step(isGame ? action.asPush : action)
      guard isGame || transition.movedPlayer else {
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
package struct EpisodeReplay: Sendable {
  /// The raw values of the ``Tile``s before the first step and after each.
  package internal(set) var states: [[UInt8]]
  /// The outcome and reward of each step.
  package internal(set) var transitions: [Transition] = []

  /// The reward of each step.
  package var rewards: [Double] { transitions.map(\.reward) }

  /// The sum of the rewards, first to last.
  package var totalReward: Double { transitions.reduce(0) { $0 + $1.reward } }

  /// How the episode ended.
  package var outcome: GameOutcome { transitions.last?.outcome ?? .ongoing }
}
