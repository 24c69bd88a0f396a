import LaserOps
public import Sokoban

/// Episodes to train on: which of them fit the model, and how a batch of windows is drawn from them.
///
/// A window is drawn by choosing a time step of all episodes at random, so that an episode's chance is proportional
/// to its length, and then a start from which K steps fit: episodes of at most K steps come whole, as the policy will
/// see them when it plays.
public struct EpisodeDataset: Sendable {
  private let episodes: EpisodeCollection
  /// The episodes that fit, and the number of steps before each of them; one more entry at the end.
  private let indices: [Int]
  private let starts: [Int]
  private let contextSteps: Int
  /// Identifies the levels and steps of the episodes that fit, in their order, which windows are drawn by.
  let fingerprint: Fingerprint
  /// The ways to turn and mirror that keep the room's size: eight for a square, four for a rectangle.
  private let symmetries: [Symmetry]

  /// The number of episodes that fit.
  public var count: Int { indices.count }
  /// The number of episodes left out because they have no step or more than the model can number.
  public let skipped: Int
  /// The time steps of all episodes that fit.
  public var stepCount: Int { starts[indices.count] }

  /// Looks through `episodes` once.
  ///
  /// - Parameters:
  ///   - episodes: Optimal solutions, as the recorder writes them.
  ///   - configuration: The sizes of the model that they have to fit.
  ///   - checksSolutions: Whether every episode is played to see that it solves its level. False lets a control
  ///     experiment train on steps that solve nothing, such as shuffled ones.
  /// - Throws: ``TrainingError/wrongRoomSize(episode:rows:columns:expectedRows:expectedColumns:)``,
  ///   ``TrainingError/badEpisode(_:_:)``, ``TrainingError/noUsableEpisode(episodes:maximumSteps:)``.
  /// - Complexity: Linear in the steps of all episodes; a few microseconds an episode.
  public init(
    _ episodes: EpisodeCollection, for configuration: Configuration, checksSolutions: Bool = true
  ) throws {
    var fingerprint = Fingerprint()
    var indices: [Int] = []
    var starts = [0]
    for index in 0..<episodes.count {
      let episode = try episodes.episode(at: index)
      guard episode.level.rows == configuration.pictureHeight,
        episode.level.columns == configuration.pictureWidth
      else {
        throw TrainingError.wrongRoomSize(
          episode: index, rows: episode.level.rows, columns: episode.level.columns,
          expectedRows: configuration.pictureHeight, expectedColumns: configuration.pictureWidth)
      }
      if checksSolutions { try Self.checkSolution(of: episode, at: index) }
      guard (1...configuration.maximumSteps).contains(episode.actions.count) else { continue }
      fingerprint.combine(episode.level.description)
      fingerprint.combine(episode.lurd)
      indices.append(index)
      starts.append(starts[indices.count - 1] + episode.actions.count)
    }
    guard !indices.isEmpty else {
      throw TrainingError.noUsableEpisode(
        episodes: episodes.count, maximumSteps: configuration.maximumSteps)
    }
    self.episodes = episodes
    self.indices = indices
    self.starts = starts
    self.fingerprint = fingerprint
    skipped = episodes.count - indices.count
    contextSteps = configuration.contextSteps
    let isSquare = configuration.pictureHeight == configuration.pictureWidth
    symmetries = Symmetry.allCases.filter { isSquare || !$0.transposes }
  }

  private static func checkSolution(of episode: Episode, at index: Int) throws {
    do {
      try episode.checkSolution()
    } catch let reason as SolutionError {
      throw TrainingError.badEpisode(index, reason)
    }
  }

  /// A stretch of an episode, turned and mirrored.
  struct Window: Sendable {
    let episode: Int
    let steps: Range<Int>
    let symmetry: Symmetry
  }

  /// The window that `generator` chooses.
  func window(augmented: Bool, using generator: inout SplitMix64) -> Window {
    let step = Int.random(in: 0..<stepCount, using: &generator)
    // The last episode that starts at or before the step.
    var low = 0
    var high = indices.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= step { low = middle } else { high = middle }
    }
    let length = starts[low + 1] - starts[low]
    let start = Int.random(in: 0...max(0, length - contextSteps), using: &generator)
    let symmetry = augmented ? symmetries.randomElement(using: &generator) : nil
    return Window(
      episode: low, steps: start..<min(length, start + contextSteps),
      symmetry: symmetry ?? Symmetry())
  }

  /// The first K steps of an episode that fits, as it stands.
  func opening(of episode: Int) -> Window {
    let length = starts[episode + 1] - starts[episode]
    return Window(episode: episode, steps: 0..<min(length, contextSteps), symmetry: Symmetry())
  }

  /// Plays a window's episode and adds the window to `packed`.
  func append(_ window: Window, to packed: inout PackedWindows) throws {
    let episode = try episodes.episode(at: indices[window.episode])
    let turned = episode.transformed(by: window.symmetry)
    var environment = Environment(turned.level, maxSteps: max(1, turned.actions.count))
    var rewards: [Double] = []
    let first = packed.count
    for (step, action) in turned.actions.enumerated() {
      guard let direction = action.direction else { continue }
      if window.steps.contains(step) {
        packed.append(
          time: step, action: Int(direction.rawValue), picture: environment.picture)
      }
      rewards.append(environment.step(action.asPush).reward)
    }
    var toGo = 0.0
    for step in rewards.indices.reversed() {
      toGo += rewards[step]
      if window.steps.contains(step) {
        packed.setReturnToGo(toGo, at: first + step - window.steps.lowerBound)
      }
    }
    packed.endWindow()
  }
}
