import ArgumentParser
import DecisionTransformer
import Foundation
import LaserOps
import Reports
import Sokoban

/// `laser compare` — policies, or a policy's edits, on the same rooms.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Plays policies, or edits of one, on the same rooms.",
    discussion: """
      Every policy is compared with the first, room by room: paired bootstrap intervals of 95 % and \
      McNemar's exact p-value. POLICY=EDIT is a policy after an edit:

        laser compare policy policy=Uin:3:0.1 other --levels rooms.txt
      """)

  @Argument(
    help: ArgumentHelp("A policy's folder, or FOLDER=EDIT.", valueName: "policy"),
    completion: .file(), transform: Contender.init(parsing:))
  var policies: [Contender]
  @Option(help: "A level file (XSB, Boxoban or episodes).", completion: .file())
  var levels: String
  @Option(parsing: .unconditional, help: "Only the first so many levels.")
  var limit: Int?
  @OptionGroup var playing: PlayingOptions
  @Flag(help: "Also compare rooms by the fewest steps that solve them.")
  var lengths = false
  @OptionGroup var seed: SeedOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try CountLimit.check(limit, option: "--limit")
    guard policies.count > 1 else {
      throw ValidationError("compare takes two policies or more, the one to compare with first.")
    }
  }

  func run() throws {
    let file = try LevelFile(contentsOf: levels)
    let levels = Array(try file.first(limit ?? file.levels.count))
    let options = playing.rollout(seed: seed.value)
    let policies = try policies.map { contender in
      try Policy(contentsOf: URL(userPath: contender.folder)).applying(contender.edits)
    }
    let progress = ProgressBar("policies")
    let contenders = try zip(self.policies, policies).enumerated().map { index, pair in
      progress.show(index, of: policies.count)
      return (
        name: pair.0.name,
        rollouts: try pair.1.play(levels, options: options, workers: threads.workers)
      )
    }
    progress.finish()
    let comparison = PolicyComparison(
      contenders, on: levels,
      fewestSteps: lengths
        ? try SolutionLengths.fewestSteps(of: levels, workers: threads.workers) : nil,
      seed: seed.value)
    if output.isJSON { try Output.json(comparison) } else { print(comparison.text) }
  }
}

/// A policy in a comparison: its folder, and the edits that it undergoes first.
struct Contender {
  let folder: String
  let edits: [Intervention]
  /// As it was written.
  let name: String

  /// - Throws: ``InterventionError`` for an edit that is none.
  init(parsing text: String) throws {
    name = text
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    folder = String(parts[0])
    edits = try parts.count > 1 ? Intervention.list(parsing: String(parts[1])) : []
  }
}

extension PolicyComparison {
  /// The comparison for a person.
  var text: String {
    groups.map { group in
      let levels = group.rows.first?.levels ?? 0
      let title = "\(group.name): \(levels) \(levels == 1 ? "room" : "rooms")"
      return ([title] + group.rows.map { "  \($0.text)" }).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}

extension PolicyComparison.Row {
  /// A line for a person.
  fileprivate var text: String {
    let score =
      "\(name): \(ReportNumber.percent(solveRate)) ± \(ReportNumber.percent(solveRateStandardError)), "
      + "mean return \(ReportNumber.fixed(meanReturn, digits: 3)) ± "
      + ReportNumber.fixed(meanReturnStandardError, digits: 3)
    guard let change else { return score }
    func interval(_ bounds: [Double], times factor: Double, digits: Int) -> String {
      bounds.map { ReportNumber.signed(factor * $0, digits: digits) }.joined(separator: " to ")
    }
    return score
      + "\n    \(ReportNumber.signed(100 * change.solveRate, digits: 1)) points, 95 % interval "
      + "\(interval(change.solveRateInterval, times: 100, digits: 1)), "
      + "p = \(ReportNumber.pValue(change.pValue)), +\(change.gained) −\(change.lost) rooms; return "
      + "\(ReportNumber.signed(change.meanReturn, digits: 3)), 95 % interval "
      + interval(change.meanReturnInterval, times: 1, digits: 3)
  }
}
