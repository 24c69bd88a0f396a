internal import Numerics
public import Sokoban

/// Episodes to train on: which of them fit the model, and how a batch of windows is drawn from them.
///
/// A window is drawn by choosing a time step of all episodes at random, so that an episode's chance is proportional
/// to its length, and then a start from which K steps fit: episodes of at most K steps come whole, as the policy will
/// see them when it plays. In longer ones the first and the last steps come less often than the others; where every step
/// shall come equally often, the start may lie before the episode or the end behind it, and the window is shorter.
///
/// Of a game that is corrected the steps of the correction are learned from; those before it, the game's own, are there to
/// be looked back at.
public struct EpisodeDataset: Sendable {
  private let episodes: EpisodeCollection
  /// The episodes that fit, the first step of each to learn from, and the number of steps to learn from before each of
  /// them; one more entry at the end.
  private let indices: [Int]
  private let firsts: [Int]
  private let starts: [Int]
  private let contextSteps: Int
  /// Identifies the levels and steps of the episodes that fit, in their order, which windows are drawn by.
  let fingerprint: Fingerprint
  /// The ways to turn and mirror that keep the room's size: eight for a square, four for a rectangle.
  private let symmetries: [Symmetry]
  /// The cells of a room that ``PlanHead`` is asked about, in its order.
  private let plannedCells: [Int]

  /// The number of episodes that fit.
  public var count: Int { indices.count }
  /// The number of episodes left out because they have no step or more than the model can number.
  public let skipped: Int
  /// The time steps of all episodes that fit, without those of a game before it is corrected.
  public var stepCount: Int { starts[indices.count] }

  /// Looks through `episodes` once.
  ///
  /// - Parameters:
  ///   - episodes: Solutions and played games, as the recorders write them.
  ///   - configuration: The sizes of the model that they have to fit.
  ///   - checksSolutions: Whether every solution is played to see that it solves its level. False lets a control
  ///     experiment train on steps that solve nothing, such as shuffled ones.
  ///   - bestShare: The share of the episodes that fit, those that earned most, to learn from; nil: all.
  /// - Throws: `TrainingError.wrongRoomSize`,
  ///   `TrainingError.badEpisode`, `TrainingError.noUsableEpisode`.
  /// - Complexity: Linear in the steps of all episodes; a few microseconds an episode.
  public init(
    _ episodes: EpisodeCollection, for configuration: PolicyConfiguration,
    checksSolutions: Bool = true,
    bestShare: Double? = nil
  ) throws {
    var fitting: [(index: Int, steps: Range<Int>, earned: Double)] = []
    var fingerprint = Fingerprint()
    for index in 0..<episodes.count {
      let episode = try episodes.episode(at: index)
      guard episode.level.rows == configuration.pictureHeight,
        episode.level.columns == configuration.pictureWidth
      else {
        throw TrainingError.wrongRoomSize(
          episode: index, rows: episode.level.rows, columns: episode.level.columns,
          expectedRows: configuration.pictureHeight, expectedColumns: configuration.pictureWidth)
      }
      let earned = checksSolutions ? try Self.earned(by: episode, at: index) : 0
      guard let steps = Self.steps(of: episode, numberedTo: configuration.maximumSteps) else {
        continue
      }
      fitting.append((index, steps, earned))
      fingerprint.combine(episode)
    }
    skipped = episodes.count - fitting.count
    if let bestShare {
      // A share such as 0.07 of 100 is 7, whatever its last bit says.
      let wanted = Int((bestShare * Double(fitting.count) - 1e-9).rounded(.up))
      fitting = fitting.sorted { ($1.earned, $0.index) < ($0.earned, $1.index) }
        .prefix(wanted).sorted { $0.index < $1.index }
      fingerprint = try Self.fingerprint(of: fitting.map(\.index), in: episodes)
    }
    guard !fitting.isEmpty else {
      throw TrainingError.noUsableEpisode(
        episodes: episodes.count, maximumSteps: configuration.maximumSteps)
    }
    self.episodes = episodes
    indices = fitting.map(\.index)
    firsts = fitting.map(\.steps.lowerBound)
    starts = fitting.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.steps.count) }
    self.fingerprint = fingerprint
    contextSteps = configuration.contextSteps
    let isSquare = configuration.pictureHeight == configuration.pictureWidth
    symmetries = Symmetry.allCases.filter { isSquare || !$0.transposes }
    let ring = configuration.encoder.trimsRing ? 1 : 0
    plannedCells = (ring..<configuration.pictureHeight - ring).flatMap { row in
      (ring..<configuration.pictureWidth - ring).map { row * configuration.pictureWidth + $0 }
    }
  }

  /// The steps to learn from; nil where there are none, or a solution or game has more than the model can number. A
  /// correction teaches at its beginning what it is there for, and is cut.
  private static func steps(of episode: Episode, numberedTo maximum: Int) -> Range<Int>? {
    let count = episode.actions.count
    let isCut = episode.mistakenSteps > 0
    guard count <= maximum || isCut, episode.mistakenSteps < min(count, maximum) else { return nil }
    return episode.mistakenSteps..<min(count, maximum)
  }

  /// What an episode earns; a solution has to solve.
  private static func earned(by episode: Episode, at index: Int) throws -> Double {
    do {
      return try episode.check().totalReward
    } catch let reason as SolutionError {
      throw TrainingError.badEpisode(index, reason)
    }
  }

  /// What ``fingerprint`` was when there were only the first `count` of the episodes that fit.
  func fingerprint(ofFirst count: Int) throws -> Fingerprint {
    guard count < indices.count else { return fingerprint }
    return try Self.fingerprint(of: indices.prefix(max(0, count)), in: episodes)
  }

  private static func fingerprint(
    of indices: some Sequence<Int>, in episodes: EpisodeCollection
  ) throws -> Fingerprint {
    var fingerprint = Fingerprint()
    for index in indices { fingerprint.combine(try episodes.episode(at: index)) }
    return fingerprint
  }

  /// A stretch of an episode, turned and mirrored.
  struct Window: Sendable {
    let episode: Int
    let steps: Range<Int>
    /// How many of the steps are learned from: the last ones, at least one.
    let learned: Int
    let symmetry: Symmetry

    /// - Parameters:
    ///   - episode: Its number among those that fit.
    ///   - steps: The stretch.
    ///   - learned: How many of the last steps are learned from; nil: all.
    ///   - symmetry: How it is turned and mirrored.
    init(episode: Int, steps: Range<Int>, learned: Int? = nil, symmetry: Symmetry) {
      self.episode = episode
      self.steps = steps
      self.learned = learned ?? steps.count
      self.symmetry = symmetry
    }
  }

  /// The window that `generator` chooses.
  ///
  /// - Parameters:
  ///   - augmented: Whether it is turned and mirrored.
  ///   - even: Whether every step comes equally often.
  ///   - generator: Where the choice comes from.
  /// - Returns: At least one step and at most K.
  func window(
    augmented: Bool, even: Bool = false, using generator: inout SplitMix64
  ) -> Window {
    let step = generator.draw(below: stepCount)
    // The last episode that starts at or before the step.
    var low = 0
    var high = indices.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= step { low = middle } else { high = middle }
    }
    let first = firsts[low]
    let end = first + starts[low + 1] - starts[low]
    // At least one of the window's steps is one to learn from.
    let earliest = even ? first + 1 - contextSteps : max(0, first + 1 - contextSteps)
    let latest = even ? end - 1 : max(0, end - contextSteps)
    let start = earliest + generator.draw(below: latest - earliest + 1)
    let symmetry = augmented ? symmetries[generator.draw(below: symmetries.count)] : nil
    return window(of: low, from: start, symmetry: symmetry ?? Symmetry())
  }

  /// The K steps of an episode from `start`, which may lie before it, as far as there are such steps.
  private func window(of episode: Int, from start: Int, symmetry: Symmetry) -> Window {
    let first = firsts[episode]
    let end = first + starts[episode + 1] - starts[episode]
    let steps = max(0, start)..<min(end, start + contextSteps)
    return Window(
      episode: episode, steps: steps, learned: steps.upperBound - max(first, steps.lowerBound),
      symmetry: symmetry)
  }

  /// The first K steps of an episode that fits, as it stands; of a correction half as many from before it.
  func opening(of episode: Int) -> Window {
    window(of: episode, from: max(0, firsts[episode] - contextSteps / 2), symmetry: Symmetry())
  }

  /// Plays a window's episode and adds the window to `packed`.
  ///
  /// - Parameters:
  ///   - window: One of this dataset's.
  ///   - packed: Added to.
  ///   - planned: Whether what `PlanHead` is asked is added too; the same for all windows of `packed`.
  /// - Throws: What reading the episode throws.
  func append(_ window: Window, to packed: inout PackedWindows, planned: Bool = false) throws {
    let episode = try episodes.episode(at: indices[window.episode])
    Self.append(
      window.steps, of: episode.transformed(by: window.symmetry), to: &packed,
      planned: planned ? plannedCells : nil)
  }

  /// Plays an episode and adds a window of it to `packed`; the steps of a game before it is corrected as none to learn
  /// from.
  ///
  /// - Parameters:
  ///   - steps: The window.
  ///   - turned: The episode.
  ///   - packed: Added to.
  ///   - plannedCells: The cells that ``PlanHead`` is asked about; nil for none.
  static func append(
    _ steps: Range<Int>, of turned: Episode, to packed: inout PackedWindows,
    planned plannedCells: [Int]? = nil
  ) {
    var environment = Environment(turned.level, maxSteps: max(1, turned.actions.count))
    var rewards: [Double] = []
    var moves: [PlanTargets.Move?] = []
    let first = packed.count
    for (step, action) in turned.actions.enumerated() {
      guard let direction = action.direction else { continue }
      if steps.contains(step) {
        packed.append(
          time: step, action: Int(direction.rawValue), isLearned: step >= turned.mistakenSteps,
          picture: environment.picture)
      }
      let player = environment.player
      let transition = environment.step(action.asPush)
      rewards.append(transition.reward)
      moves.append(
        transition.movedPlayer
          ? .init(cell: player, direction: direction, pushes: transition.movedBox) : nil)
    }
    if let plannedCells { packed.reservePlans(size: plannedCells.count * PlanHead.questions) }
    var plan = PlanTargets(cells: turned.level.cellCount, columns: turned.level.columns)
    var toGo = 0.0
    for step in rewards.indices.reversed() {
      toGo += rewards[step]
      if let move = moves[step] { plan.precede(with: move) }
      guard steps.contains(step) else { continue }
      let place = first + step - steps.lowerBound
      packed.setReturnToGo(toGo, at: place)
      if let plannedCells, step >= turned.mistakenSteps {
        packed.setPlan(plan.answers(at: plannedCells), at: place)
      }
    }
    packed.endWindow()
  }
}

extension Fingerprint {
  /// Adds an episode's level and steps, and which of them are a correction.
  package mutating func combine(_ episode: Episode) {
    combine(episode.level.description)
    combine(episode.lurd)
    if case .correction(let first) = episode.kind { combine(String(first)) }
  }
}
