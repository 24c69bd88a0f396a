import Numerics
import ArgumentParser
import Sokoban

/// `laser episodes record` — optimal episodes of levels from files or from the generator.
struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Solves levels in the fewest moves and writes level and solution.",
    discussion: """
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
  @Option(help: "With --beside: the most random steps, from one up.")
  var stray = 6
  @Option(help: "With --levels: only the first so many.")
  var count: Int?
  @OptionGroup var rooms: RoomOptions
  @OptionGroup var seed: SeedOptions
  @Option(help: "Give a level up after so many positions.")
  var limit = Solver.defaultLimit
  @OptionGroup(title: "Many processes") var sharing: BlockOptions
  @OptionGroup var threads: ThreadOptions
  @Option(name: .shortAndLong, help: "The episode file to write.", completion: .file())
  var output: String

  func validate() throws {
    guard [generate != nil, !levels.isEmpty, !beside.isEmpty].count(where: { $0 }) == 1 else {
      throw ValidationError("Give either --levels FILE…, --generate N or --beside FILE….")
    }
    guard (1...1_000).contains(stray) else {
      throw ValidationError("--stray takes a number from 1 to 1000.")
    }
    try CountLimit.check(generate, option: "--generate")
    try CountLimit.check(count, option: "--count")
    guard !levels.isEmpty || count == nil else {
      throw ValidationError("--count goes with --levels.")
    }
    guard generate != nil || exclude.isEmpty else {
      throw ValidationError("--exclude goes with --generate.")
    }
    guard limit >= 1 else { throw ValidationError("--limit takes a number from 1.") }
    guard beside.isEmpty || sharing.shards == nil else {
      throw ValidationError(
        "--shards divides --levels and --generate; give each process its own files with --beside.")
    }
  }

  func run() throws {
    let recorder = EpisodeRecorder(threads: threads.workers.count, limit: limit)
    let progress = ProgressBar("episodes")
    let summary: RecordingSummary
    var first = 0
    if let generate {
      let block = try sharing.block(of: generate)
      first = block.lowerBound
      let excluded = Set(
        try exclude.flatMap { try LevelFile(contentsOf: $0).levels.map(LevelClass.init) })
      let writer = try EpisodeWriter(path: output, description: description)
      noteResumption(of: writer)
      progress.goOn(after: writer.completed)
      let seed = seed.value
      summary = try recorder.record(
        rooms: rooms.configuration, count: block.count, excluding: excluded, to: writer,
        generator: { SplitMix64(seed: seed, stream: $0 + block.lowerBound) },
        progress: { progress.show($0, of: block.count) })
    } else if !beside.isEmpty {
      let episodes = try EpisodeCollection(contentsOf: beside)
      let writer = try EpisodeWriter(path: output, description: description)
      noteResumption(of: writer)
      progress.goOn(after: writer.completed)
      let seed = seed.value
      summary = try recorder.record(
        besides: episodes, upTo: stray, to: writer,
        generator: { SplitMix64(seed: seed, stream: $0) },
        progress: { progress.show($0, of: episodes.count) })
    } else {
      let all = try selectedLevels()
      let block = try sharing.block(of: all.count)
      first = block.lowerBound
      let wanted = Array(all[block])
      var fingerprint = Fingerprint()
      for level in wanted { fingerprint.combine(level.description) }
      let writer = try EpisodeWriter(
        path: output, description: "\(description), \(wanted.count) levels, \(fingerprint)")
      noteResumption(of: writer)
      progress.goOn(after: writer.completed)
      summary = try recorder.record(
        wanted, to: writer, progress: { progress.show($0, of: wanted.count) })
    }
    progress.finish("\(summary.episodes) recorded, \(summary.moves) moves, in \(output)")
    for (index, error) in summary.unsolved { Output.note("level \(first + index): \(error)") }
  }

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
      return "optimal episodes from up to \(stray) random steps beside those of "
        + "\(beside.joined(separator: ", ")), seed \(seed.value)"
    }
    let share = sharing.shards.map { ", share \((try? sharing.index()) ?? 0) of \($0)" } ?? ""
    guard let generate else {
      return "optimal episodes of \(count.map { "the first \($0) levels of " } ?? "")"
        + levels.joined(separator: ", ") + share
    }
    return "optimal episodes of \(generate) rooms, \(rooms.size) × \(rooms.size), "
      + "\(rooms.boxes) \(rooms.boxes == 1 ? "box" : "boxes"), seed \(seed.value)"
      + (exclude.isEmpty ? "" : ", none of \(exclude.joined(separator: ", "))") + share
  }

  private func noteResumption(of writer: EpisodeWriter) {
    guard writer.completed > 0 else { return }
    Output.note("episodes: going on after the \(writer.completed) that \(output).partial has")
  }
}
