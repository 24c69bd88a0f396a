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
      McNemar's exact p-value. POLICY=EDIT is a policy after an edit, or several, as --edit \
      of other commands takes them:

        laser compare policy policy=Uin:3:0.1 other --levels rooms.txt

      A folder of policies, such as those of one training with different seeds, counts as one way to make a policy; then \
      means, interquartile means and the probability of improvement come with bootstrap intervals over seeds and rooms. \
      Policies of the same names in two folders belong together.
      """)

  @Argument(
    help: ArgumentHelp(
      "A policy's folder, a folder of such folders, or either with an edit, FOLDER=EDIT.",
      valueName: "policy"),
    completion: .file(), transform: Contender.init(parsing:))
  var policies: [Contender]
  @Option(help: "A level file (XSB, Boxoban or episodes).", completion: .file())
  var levels: String
  @Option(parsing: .unconditional, help: "Only the first so many levels.")
  var limit: Int?
  @OptionGroup var playing: PlayingOptions
  @Flag(help: "Also compare rooms by the fewest steps that solve them.")
  var lengths = false
  @Option(
    help: "Also write a page with the table and a figure.",
    completion: .file(extensions: ["html"]))
  var report: String?
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
    let read = try policies.map { contender in
      (
        name: contender.name,
        policies: try contender.folders.map { name, url in
          (name: name, policy: try Policy(contentsOf: url).applying(contender.edits))
        }
      )
    }
    let count = read.reduce(0) { $0 + $1.policies.count }
    guard count == policies.count || !lengths else {
      throw ValidationError("--lengths compares single policies, not folders of them.")
    }
    for contender in read {
      for (_, policy) in contender.policies { try policy.check(levels, options) }
    }
    if let report { try OutputPath.checkFile(report, inputs: [self.levels]) }
    // What cannot be solved is said before anything is played.
    let fewestSteps =
      lengths ? try SolutionLengths.fewestSteps(of: levels, workers: threads.workers) : nil
    let progress = ProgressBar("policies")
    var done = 0
    let played = try read.map { contender in
      SeedComparison.Contender(
        name: contender.name,
        policies: try contender.policies.map { name, policy in
          progress.show(done, of: count)
          done += 1
          return (name, try policy.play(levels, options: options, workers: threads.workers))
        })
    }
    progress.finish()
    guard count == policies.count else {
      let comparison = SeedComparison(played, seed: seed.value)
      if output.isJSON { try Output.json(comparison) } else { print(comparison.text) }
      return try ReportDocument.write(comparison.page, to: report)
    }
    let contenders = played.map { (name: $0.name, rollouts: $0.policies[0].rollouts) }
    let comparison = PolicyComparison(
      contenders, on: levels, fewestSteps: fewestSteps, seed: seed.value)
    if output.isJSON { try Output.json(comparison) } else { print(comparison.text) }
    try ReportDocument.write(comparison.page, to: report)
  }
}

/// A policy in a comparison: its folder, and the edits that it undergoes first.
struct Contender {
  let folder: String
  let edits: [Intervention]
  /// As it was written.
  let name: String

  /// - Throws: As ``EditOptions/edits(parsing:)``.
  init(parsing text: String) throws {
    name = text
    // A folder's name may have an equals sign.
    guard !FileManager.default.fileExists(atPath: URL(userPath: text).path) else {
      (folder, edits) = (text, [])
      return
    }
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    folder = String(parts[0])
    edits = try parts.count > 1 ? EditOptions.edits(parsing: String(parts[1])) : []
  }

  /// The policies: the folder itself, or those in it.
  var folders: [(name: String, url: URL)] { Self.policies(in: folder) }

  /// The folder itself, or the policies in it, by name in the order of their numbers.
  static func policies(in folder: String) -> [(name: String, url: URL)] {
    let url = URL(userPath: folder)
    let files = FileManager.default
    func isPolicy(_ url: URL) -> Bool {
      files.fileExists(atPath: url.appendingPathComponent("config.json").path)
    }
    let names = (try? files.contentsOfDirectory(atPath: url.path)) ?? []
    let inside = names.filter { isPolicy(url.appendingPathComponent($0)) }
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    return isPolicy(url) || inside.isEmpty
      ? [(folder, url)] : inside.map { ($0, url.appendingPathComponent($0)) }
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
      + "\(ReportNumber.significance(change.pValue)), +\(change.gained) −\(change.lost) rooms; return "
      + "\(ReportNumber.signed(change.meanReturn, digits: 3)), 95 % interval "
      + interval(change.meanReturnInterval, times: 1, digits: 3)
  }
}

extension SeedComparison {
  /// The comparison for a person.
  var text: String {
    let title =
      "\(levels) \(levels == 1 ? "room" : "rooms"), 95 % intervals over seeds and rooms (of a single policy: over rooms alone)"
    return ([title] + rows.enumerated().map { "  \($1.text(isBase: $0 == 0))" })
      .joined(separator: "\n")
  }
}

extension SeedComparison.Row {
  fileprivate func text(isBase: Bool) -> String {
    func percent(_ value: SeedStatistics.Interval) -> String {
      "\(ReportNumber.percent(value.value)) [\(ReportNumber.fixed(100 * value.low, digits: 1)), "
        + "\(ReportNumber.fixed(100 * value.high, digits: 1))]"
    }
    func signed(_ value: SeedStatistics.Interval, times factor: Double, digits: Int) -> String {
      ReportNumber.signedInterval(
        value.value, [value.low, value.high], times: factor, digits: digits)
    }
    let score =
      "\(name), \(seeds) \(seeds == 1 ? "policy" : "policies"): solved \(percent(solveRate.otherMean)), "
      + "interquartile mean \(percent(solveRate.otherMiddle))"
    guard !isBase else { return score }
    return score
      + "\n    \(signed(solveRate.difference, times: 100, digits: 1)) points, of the interquartile means "
      + "\(signed(solveRate.middleDifference, times: 100, digits: 1)); better with probability "
      + "\(percent(solveRate.improvement)); return \(signed(meanReturn.difference, times: 1, digits: 3))"
      + (isPaired ? "" : "\n    (policies of other names: not paired)")
  }
}
