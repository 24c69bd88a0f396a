import ArgumentParser
import Reports
import Sokoban

/// `laser episodes check` — replays every solution of some files.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Replays every solution and game, and says what solves and which levels occur twice.")

  @Argument(
    help: ArgumentHelp(
      "Episode files: levels, each with its Solution line, its Played line, or that and a Corrected line. Levels count as the same turned and mirrored, in all files.",
      valueName: "file"), completion: .file())
  var files: [String]
  @OptionGroup var output: OutputOptions

  /// How many levels that occur twice are named.
  private static let namedLevels = 10

  func run() throws {
    let collection = try EpisodeCollection(contentsOf: files)
    let summary = try collection.check()
    for error in summary.invalid { Output.note("\(error)") }
    let repeated = try collection.repeatedLevels()
    for level in repeated.prefix(Self.namedLevels) {
      Output.note("\(level.again) has the level of \(level.first)")
    }
    if repeated.count > Self.namedLevels {
      Output.note("and \(repeated.count - Self.namedLevels) more")
    }
    let check = Check(summary, repeated: repeated.count)
    if output.isJSON { try Output.json(check) } else { print(check.text) }
    guard summary.invalid.isEmpty else {
      throw InvalidEpisodes(
        file: files.joined(separator: ", "), invalid: check.invalid, of: check.episodes)
    }
  }
}

/// Some solutions do not solve, or some games were not played so.
private struct InvalidEpisodes: Error, CustomStringConvertible {
  let file: String
  let invalid: Int
  let of: Int

  var description: String {
    "\(file): \(invalid) of \(of) episodes are not what they say; "
      + "remove those named above, or record them again"
  }
}

/// What `laser episodes check --json` prints.
private struct Check: Encodable {
  let episodes: Int
  let steps: Int
  let meanMoves: Double
  let meanReturn: Double
  /// How many are games that were played, and how many of those solve their level.
  let played: Int
  let solvedGames: Int
  /// How many are games that a solution goes on from.
  let corrected: Int
  let invalid: Int
  /// How many episodes have the level of an earlier one.
  let repeated: Int

  enum CodingKeys: String, CodingKey {
    case episodes, steps, played, invalid, repeated, corrected
    case solvedGames = "solved_games"
    case meanMoves = "mean_moves"
    case meanReturn = "mean_return"
  }

  init(_ summary: EpisodeSummary, repeated: Int) {
    self.repeated = repeated
    episodes = summary.episodes
    steps = summary.steps
    meanMoves = summary.meanMoves
    meanReturn = summary.meanReturn
    played = summary.played
    solvedGames = summary.solvedGames
    corrected = summary.corrected
    invalid = summary.invalid.count
  }

  var text: String {
    let judgements = [
      invalid > 0
        ? "\(invalid) are not what they say"
        : played < episodes ? "every solution solves" : nil,
      played > 0 ? "\(played) are games as they were played, of which \(solvedGames) solve" : nil,
      corrected > 0 ? "\(corrected) are games that a solution goes on from" : nil,
    ].compactMap(\.self).joined(separator: "; ")
    return "\(episodes) episodes, \(steps) steps: \(judgements); "
      + "mean \(ReportNumber.fixed(meanMoves, digits: 3)) moves, "
      + "mean return \(ReportNumber.fixed(meanReturn, digits: 3))"
      + (repeated > 0 ? "; \(repeated) have the level of an earlier one" : "")
  }
}
