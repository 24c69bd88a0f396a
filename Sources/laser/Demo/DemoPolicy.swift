import Reports
import Numerics
import DecisionTransformer
import Foundation
import LaserOps
import Sokoban

/// A policy of the demo on its way through the search.
struct DemoPolicy {
  let policy: Policy
  /// Its folder.
  let path: String
  /// The held-out levels; the first of them are played.
  let levelFile: String
  /// Which matrices are cut; nil for all.
  let kinds: [WeightKind]?
  /// The fractions of the rank that are tried at each.
  let fractions: [Double]
  let composes: Bool
  /// What the search's folder is called.
  let name: String
  let settings: DemoSettings
  let folder: URL

  /// Searches what is not searched yet, and keeps games that the edit changes.
  func run(workers: Workers) throws -> (report: SearchReport, games: ComparedGames) {
    let levels = Array(try LevelFile(contentsOf: levelFile).first(settings.searchedLevels))
    let experiment = PolicyExperiment(
      policy: policy, levels: levels, rollout: settings.rollout,
      split: try DataSplit(exampleCount: levels.count), workers: workers)
    let search = InterventionSearch(
      model: policy, objective: experiment.objective, split: experiment.split,
      space: try SearchSpace(kinds: kinds, fractions: fractions),
      options: .init(composes: composes))
    let progress = SearchBar(name)
    let target = RunFolder(folder.appendingPathComponent(name))
    _ = try target.run(
      search, of: experiment.identity, from: .current(model: path, data: [levelFile]),
      progress: progress.show)
    progress.finish("\(levels.count) rooms with every edit of \(path)")
    let (result, _, trials) = try target.finishedSearch()
    let games = try experiment.games(result.best.edit)
    games.sayWhatIsMissing()
    try games.write(in: target)
    return (SearchReport(result: result, trials: trials, vocabulary: .policy), games)
  }

  /// The command that repeats the search of the policy at `policy` in another folder.
  func command(at policy: String) -> ShellCommand {
    var words = [
      "laser", "search", "--policy", policy, "--levels", levelFile, "--limit",
      "\(settings.searchedLevels)",
    ]
    if let kinds { words += ["--kinds", kinds.map(\.rawValue).joined(separator: ",")] }
    words += ["--rhos", fractions.map { "\($0)" }.joined(separator: ",")]
    if composes { words.append("--compose") }
    return ShellCommand(
      words + ["-o", folder.appendingPathComponent("again/\(name)").relativePath])
  }
}
