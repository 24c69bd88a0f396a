import ArgumentParser
import Sokoban

/// `laser episodes check` — replays every solution of a file.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Replays every solution and says whether it solves.")

  @Argument(help: "An episode file: levels, each with its Solution line.", completion: .file())
  var file: String
  @OptionGroup var output: OutputOptions

  func run() throws {
    let summary = try EpisodeCollection(contentsOf: [file]).check()
    for error in summary.invalid { Output.note("\(error)") }
    let check = Check(summary)
    if output.isJSON { try Output.json(check) } else { print(check.text) }
    guard summary.invalid.isEmpty else {
      throw InvalidEpisodes(file: file, invalid: check.invalid, of: check.episodes)
    }
  }
}

/// Some solutions do not solve.
private struct InvalidEpisodes: Error, CustomStringConvertible {
  let file: String
  let invalid: Int
  let of: Int

  var description: String {
    "\(file): \(invalid) of \(of) episodes do not solve their level; "
      + "remove those named above, or record them again"
  }
}

/// What `laser episodes check --json` prints.
private struct Check: Encodable {
  let episodes: Int
  let steps: Int
  let meanMoves: Double
  let meanReturn: Double
  let invalid: Int

  enum CodingKeys: String, CodingKey {
    case episodes, steps, invalid
    case meanMoves = "mean_moves"
    case meanReturn = "mean_return"
  }

  init(_ summary: EpisodeSummary) {
    episodes = summary.episodes
    steps = summary.steps
    meanMoves = summary.meanMoves
    meanReturn = summary.meanReturn
    invalid = summary.invalid.count
  }

  var text: String {
    let judgement = invalid == 0 ? "every solution solves" : "\(invalid) do not solve"
    return "\(episodes) episodes, \(steps) steps: \(judgement); "
      + "mean \(meanMoves) moves, mean return \(meanReturn)"
  }
}
