import ArgumentParser
import DecisionTransformer
import Files
import Foundation
import Numerics
import Sokoban

/// `laser episodes record` — episodes of levels from files or from the generator: optimal ones, ones with random steps in
/// between, a policy's games, or corrections of such games.
struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract:
      "Writes levels with their shortest solutions, with games that are played on them, or with games corrected.",
    discussion: """
      With --noise a share of the steps goes in a random direction; with --policy a policy plays instead of the solver. \
      Such games are written as they were played, with the return that they earned; to train on a mixture, record \
      several files and give all of them to `laser train`. --correct turns games into lessons: what to do where they went \
      wrong, learned from where the policy itself leads (DAgger).

      Killed and started again with the same arguments it goes on where it was: finished episodes \
      wait in FILE.partial until all are there.

      Of --shards N processes each records a part that hangs together, into a file of its own; the files one behind the \
      other hold what one process records.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files of levels to solve.", valueName: "file"), completion: .file())
  var levels: [String] = []
  @Option(help: "How many rooms to generate and solve, instead of --levels.")
  var generate: Int?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "With --generate: files whose levels, and their mirror images, do not count.",
      valueName: "file"), completion: .file())
  var exclude: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Files of episodes to leave the shortest path of: instead of a room its position after some of the episode's \
      steps and up to --stray random ones is solved.
      """, valueName: "file"), completion: .file())
  var beside: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Files of games to correct: wherever a game leaves the shortest way, an episode begins as the game does and goes \
      on to the solution from there.
      """, valueName: "file"), completion: .file())
  var correct: [String] = []
  @Option(
    parsing: .unconditional,
    help: "With --beside: the most random steps, from one up (default: 6).")
  var stray: Int?
  @Option(
    parsing: .unconditional,
    help:
      "The share of steps that go in a random direction, 0 to 1; the level is solved anew from where they lead."
  )
  var noise: Double?
  @Option(
    help: "Let the policy in this folder play, its actions drawn by their probability.",
    completion: .file())
  var policy: String?
  @Option(
    parsing: .unconditional,
    help: "With --policy: the return that it is asked for (default: 10).")
  var targetReturn: Double?
  @Option(
    parsing: .unconditional,
    help: "With --noise or --policy: the steps after which a game ends unsolved (default: 120).")
  var maxSteps: Int?
  @Option(help: "With --levels: only the first so many.")
  var count: Int?
  @OptionGroup var rooms: RoomOptions
  @OptionGroup var seed: SeedOptions
  @Option(
    parsing: .unconditional,
    help: "Give a level up after so many positions (default: \(Solver.defaultLimit)).")
  var limit: Int?
  @OptionGroup(title: "Many processes") var sharing: BlockOptions
  @OptionGroup var threads: ThreadOptions
  @Option(name: .shortAndLong, help: "The episode file to write.", completion: .file())
  var output: String

  func validate() throws {
    guard
      [generate != nil, !levels.isEmpty, !beside.isEmpty, !correct.isEmpty].count(where: { $0 })
        == 1
    else {
      throw ValidationError(
        "Give one of --levels FILE…, --generate N, --beside FILE… and --correct FILE….")
    }
    guard (1...1_000).contains(stray ?? 1) else {
      throw ValidationError("--stray takes a number from 1 to 1000.")
    }
    guard stray == nil || !beside.isEmpty else {
      throw ValidationError("--stray goes with --beside.")
    }
    try CountLimit.check(generate, option: "--generate")
    try CountLimit.check(count, option: "--count")
    guard !levels.isEmpty || count == nil else {
      throw ValidationError("--count goes with --levels.")
    }
    guard generate != nil || exclude.isEmpty else {
      throw ValidationError("--exclude goes with --generate.")
    }
    guard generate != nil || rooms.isEmpty else {
      throw ValidationError("--boxes and --size go with --generate.")
    }
    guard noise == nil || policy == nil else {
      throw ValidationError(
        "--noise is for the solver's steps and --policy plays without it; record two files.")
    }
    let hasEpisodes = !beside.isEmpty || !correct.isEmpty
    guard !hasEpisodes || (noise == nil && policy == nil) else {
      throw ValidationError("--noise and --policy go with --levels and --generate.")
    }
    guard (0...1).contains(noise ?? 0) else {
      throw ValidationError("--noise takes a share from 0 to 1, such as 0.25.")
    }
    guard targetReturn == nil || policy != nil else {
      throw ValidationError("--target-return goes with --policy.")
    }
    guard maxSteps == nil || noise != nil || policy != nil else {
      throw ValidationError("--max-steps goes with --noise or --policy.")
    }
    guard maxSteps ?? 1 >= 1 else { throw ValidationError("--max-steps takes a number from 1.") }
    guard limit == nil || policy == nil else {
      throw ValidationError("--limit is the solver's, and --policy plays without it.")
    }
    guard limit ?? 1 >= 1 else { throw ValidationError("--limit takes a number from 1.") }
    guard !hasEpisodes || sharing.shards == nil else {
      throw ValidationError(
        "--shards divides --levels and --generate; give each process its own files with --beside and --correct."
      )
    }
  }

  func run() throws {
    try OutputPath.checkFile(output, inputs: levels + exclude + beside + correct)
    // What went to a pipe or a device is not there to go on from.
    if try !Destination(of: output).isDirect { Interruption.endsWithCode() }
    guard beside.isEmpty else { return try recordBeside() }
    guard correct.isEmpty else { return try recordCorrections() }
    let all = generate == nil ? try selectedLevels() : nil
    let count = generate ?? all?.count ?? 0
    let work = Work(levels: all, count: count, block: try sharing.block(of: count))
    if let policy { try recordGames(of: policy, work) } else { try recordSolutions(work) }
  }

  /// What there is to do for this process: levels from files, or rooms to generate.
  private struct Work {
    let levels: [Level]?
    let count: Int
    /// Which of them.
    let block: Range<Int>
  }

  /// The file, begun or gone on with, without `excluded` levels.
  private func open(
    _ description: String, excluding excluded: Set<LevelClass> = [], _ progress: ProgressBar
  ) throws -> EpisodeWriter {
    let writer = try EpisodeWriter(path: output, description: description)
    try writer.check(excluding: excluded)
    if writer.completed > 0 {
      Output.note("episodes: going on after the \(writer.completed) that \(output).partial has")
    }
    progress.goOn(after: writer.completed)
    return writer
  }

  private func recordBeside() throws {
    let episodes = try EpisodeCollection(contentsOf: beside)
    let progress = ProgressBar("episodes")
    let writer = try open("\(description), \(try fingerprint(of: episodes))", progress)
    let seed = seed.value
    report(
      try solving.record(
        besides: episodes, upTo: mostStray, to: writer,
        generator: { SplitMix64(seed: seed, stream: $0) },
        progress: { progress.show($0, of: episodes.count) }), progress)
  }

  private func recordCorrections() throws {
    let games = try EpisodeCollection(contentsOf: correct)
    let progress = ProgressBar("games")
    let writer = try open("\(description), \(try fingerprint(of: games))", progress)
    report(
      try solving.record(
        corrections: games, to: writer, progress: { progress.show($0, of: games.count) }), progress)
  }

  private var solving: EpisodeRecorder {
    EpisodeRecorder(threads: threads.workers.count, limit: limit ?? Solver.defaultLimit)
  }

  private func recordSolutions(_ work: Work) throws {
    let (first, count) = (work.block.lowerBound, work.block.count)
    let (seed, seedOfNoise) = (seed.value, seed.value ^ 0x6E01_5E00)
    let recorder = EpisodeRecorder(
      threads: threads.workers.count, limit: limit ?? Solver.defaultLimit,
      noise: noise.map { share in
        EpisodeNoise(share: share, maximumSteps: maxSteps ?? EnvironmentBatch.defaultMaxSteps) {
          SplitMix64(seed: seedOfNoise, stream: first + $0)
        }
      })
    let progress = ProgressBar("episodes")
    if let levels = work.levels {
      let wanted = Array(levels[work.block])
      let writer = try open("\(description), \(fingerprint(of: wanted))", progress)
      report(
        try recorder.record(wanted, to: writer, progress: { progress.show($0, of: count) }),
        progress, first: first)
    } else {
      let excluded = try excludedLevels()
      let writer = try open(description, excluding: excluded, progress)
      report(
        try recorder.record(
          rooms: rooms.configuration, count: count, excluding: excluded, to: writer,
          generator: { SplitMix64(seed: seed, stream: first + $0) },
          progress: { progress.show($0, of: count) }), progress, first: first)
    }
  }

  private func report(_ summary: RecordingSummary, _ progress: ProgressBar, first: Int = 0) {
    progress.finish("\(summary.episodes) recorded, \(summary.moves) moves, in \(output)")
    for (index, error) in summary.unsolved { Output.note("level \(first + index): \(error)") }
  }

  /// Lets the policy play.
  private func recordGames(of folder: String, _ work: Work) throws {
    var options = RolloutOptions()
    options.choice = .sampled(seed: seed.value)
    if let targetReturn { options.targetReturn = targetReturn }
    if let maxSteps { options.maximumSteps = maxSteps }
    let policy = try Policy(contentsOf: URL(userPath: folder))
    if targetReturn != nil, !policy.configuration.readsReturn {
      Output.note("\(folder) was trained without returns: --target-return makes no difference")
    }
    let excluded = try excludedLevels()
    let (seed, configuration) = (seed.value, rooms.configuration)
    // One room of the size that is generated stands for all.
    try policy.check(
      work.levels
        ?? [Self.room(0, of: RoomGenerator(configuration), excluding: [], seed: 0)], options)
    let recorder = GameRecorder(policy, options: options, workers: threads.workers)
    let progress = ProgressBar("games")
    let levels = work.levels.map { ", \(fingerprint(of: $0))" } ?? ""
    let writer = try open(
      "\(description)\(levels), policy \(policy.fingerprint)", excluding: excluded, progress)
    let summary = try recorder.record(
      work.block, of: work.count, to: writer,
      levels: { numbers in
        if let levels = work.levels { return Array(levels[numbers]) }
        let rooms = try RoomGenerator(configuration)
        return try numbers.map { try Self.room($0, of: rooms, excluding: excluded, seed: seed) }
      }, progress: { progress.show($0, of: work.block.count) })
    let mean = summary.totalReturn / Double(max(1, summary.games))
    progress.finish(
      "\(summary.games) games recorded, \(summary.solved) solved, \(summary.steps) steps, mean return "
        + "\(String(format: "%.2f", mean)), in \(output)")
  }

  private static func room(
    _ number: Int, of rooms: RoomGenerator, excluding excluded: Set<LevelClass>, seed: UInt64
  ) throws -> Level {
    var rooms = rooms
    var draws = SplitMix64(seed: seed, stream: number)
    return try rooms.room(excluding: excluded, using: &draws)
  }

  private func excludedLevels() throws -> Set<LevelClass> {
    Set(try exclude.flatMap { try LevelFile(contentsOf: $0).levels.map(LevelClass.init) })
  }

  private func fingerprint(of levels: [Level]) -> String {
    var fingerprint = Fingerprint()
    for level in levels { fingerprint.combine(level.description) }
    return "\(levels.count) levels, \(fingerprint)"
  }

  private func fingerprint(of episodes: EpisodeCollection) throws -> String {
    var fingerprint = Fingerprint()
    for index in 0..<episodes.count { fingerprint.combine(try episodes.episode(at: index)) }
    return "\(episodes.count) in all, \(fingerprint)"
  }

  private var mostStray: Int { stray ?? 6 }

  private func selectedLevels() throws -> [Level] {
    let all = try levels.flatMap { try LevelFile(contentsOf: $0).levels }
    guard let count else { return all }
    guard count <= all.count else {
      throw LevelFileError.tooFewLevels(
        file: levels.joined(separator: ", "), wanted: count, count: all.count)
    }
    return Array(all.prefix(count))
  }

  /// What the file holds; it stands in its first line and tells one recording from another.
  private var description: String {
    guard beside.isEmpty else {
      return
        "optimal episodes from up to \(mostStray) random steps beside those of "
        + "\(beside.joined(separator: ", ")), seed \(seed.value)\(otherLimit)"
    }
    guard correct.isEmpty else {
      return "solutions after the mistakes of the games in \(correct.joined(separator: ", ")), "
        + "\(limit ?? Solver.defaultLimit) positions at most"
    }
    let share = sharing.shards.map { ", share \((try? sharing.index()) ?? 0) of \($0)" } ?? ""
    let kind =
      if let policy {
        "games of the policy \(policy), target return \(targetReturn ?? RolloutOptions().targetReturn), "
          + "\(maxSteps ?? RolloutOptions().maximumSteps) steps at most,"
      } else if let noise {
        "episodes with a share of \(noise) random steps, \(maxSteps ?? EnvironmentBatch.defaultMaxSteps) at most,"
      } else {
        "optimal episodes"
      }
    guard let generate else {
      return "\(kind) of \(count.map { "the first \($0) levels of " } ?? "")"
        + levels.joined(separator: ", ")
        + (noise == nil && policy == nil ? "" : ", seed \(seed.value)") + otherLimit + share
    }
    let rooms = rooms.configuration
    return "\(kind) of \(generate) rooms, \(rooms.rows) × \(rooms.columns), "
      + "\(rooms.boxes) \(rooms.boxes == 1 ? "box" : "boxes"), seed \(seed.value)"
      + (exclude.isEmpty ? "" : ", none of \(exclude.joined(separator: ", "))") + otherLimit + share
  }

  /// The solver's limit where it is not the default: with that, recordings are called what they were.
  private var otherLimit: String {
    guard let limit, limit != Solver.defaultLimit else { return "" }
    return ", \(limit) positions at most"
  }
}
