import Reports
import ArgumentParser
import DecisionTransformer
import Foundation
import LaserOps
import Sokoban

/// `laser evaluate` — how many levels a policy solves.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Plays levels with a policy and counts what it solves.",
    discussion: """
      Of several policies, such as those of one training with different seeds, each is counted, and then their mean with \
      Student's 95 % interval over policies.

      With --target-returns each return is asked for in turn: what is achieved stands beside what was asked, and --report \
      draws it. Each folder of policies then counts as a kind of its own; single policies do by whether they are told the \
      return, and whether they learned from the best episodes alone.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The policy's folder, a folder of such folders, or several.", valueName: "policy"),
    completion: .file())
  var policy: [String]
  @Option(help: "A level file (XSB, Boxoban or episodes).", completion: .file())
  var levels: String
  @Option(parsing: .unconditional, help: "Only the first so many levels.")
  var limit: Int?
  // The name of 0.3.0.
  @Option(parsing: .unconditional, help: .hidden)
  var count: Int?
  @OptionGroup var playing: PlayingOptions
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Ask for each of these returns instead of one; negative ones behind an equals sign: --target-returns=-10,-5,0,5,11.",
      valueName: "returns"))
  var targetReturns: [CommaList<Double>] = []
  @Option(
    help: "With --target-returns: write a page with the figure of achieved against asked.",
    completion: .file(extensions: ["html"]))
  var report: String?
  @Flag(help: "Compare the solutions found with the shortest ones.")
  var lengths = false
  @OptionGroup var edit: EditOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !policy.isEmpty else { throw ValidationError("--policy takes at least one folder.") }
    try CountLimit.check(limit, option: "--limit")
    guard report == nil || !targetReturns.isEmpty else {
      throw ValidationError("--report draws what --target-returns asks for; give both.")
    }
    guard targetReturns.isEmpty || !lengths && playing.targetReturn == nil else {
      throw ValidationError("--lengths and --target-return do not go with --target-returns.")
    }
    for asked in targetReturns.numbers where !Float(asked).isFinite {
      throw ValidationError("--target-returns takes numbers, not \(asked).")
    }
    try CountLimit.check(count, option: "--count")
    guard limit == nil || count == nil else {
      throw ValidationError("--count is an old name of --limit; give one of them.")
    }
  }

  func run() throws {
    let read = try policy.flatMap { argument in
      try Contender.policies(in: argument).map { name, url in
        PolicyOfKind(
          argument: argument, name: name == argument ? name : "\(argument)/\(name)", url: url,
          policy: try Policy(contentsOf: url).applying(edit.interventions))
      }
    }
    let file = try LevelFile(contentsOf: levels)
    let chosen = Array(try file.first(limit ?? count ?? file.levels.count))
    let options = playing.rollout(seed: seed.value)
    guard targetReturns.isEmpty else { return try askForReturns(read, chosen, options) }
    var evaluations: [Evaluation] = []
    for contender in read {
      let rollouts = try contender.policy.play(chosen, options: options, workers: threads.workers)
      let evaluation = Evaluation(
        of: rollouts, by: read.count > 1 ? contender.name : nil, played: options,
        lengths: lengths
          ? try SolutionLengths(chosen, rollouts, workers: threads.workers) : nil)
      evaluations.append(evaluation)
      if output.isJSON { try Output.json(evaluation) } else { print(evaluation.text) }
    }
    guard read.count > 1 else { return }
    let all = EvaluationOfMany(evaluations)
    if output.isJSON { try Output.json(all) } else { print(all.text) }
  }

  /// Asks policies of every kind for every return.
  private func askForReturns(
    _ policies: [PolicyOfKind], _ levels: [Level], _ options: RolloutOptions
  ) throws {
    if let report { try OutputPath.checkFile(report, inputs: [self.levels]) }
    var kinds: [(name: String, policies: [Policy])] = []
    for contender in policies {
      try contender.policy.check(levels, options)
      let name = try contender.kind
      if let place = kinds.firstIndex(where: { $0.name == name }) {
        kinds[place].policies.append(contender.policy)
      } else {
        kinds.append((name, [contender.policy]))
      }
    }
    let asked = targetReturns.numbers
    let progress = ProgressBar("games")
    var done = 0
    let achieved = try kinds.map { kind in
      defer { done += kind.policies.count * asked.count }
      return try AchievedReturns(
        named: kind.name, policies: kind.policies, levels: levels, asked: asked,
        options: options, workers: threads.workers,
        progress: { progress.show(done + $0, of: policies.count * asked.count) })
    }
    progress.finish()
    for kind in achieved {
      if output.isJSON { try Output.json(kind) } else { print(kind.text) }
    }
    try ReportDocument.write(achieved.page, to: report)
  }
}

/// A policy, and where it was found.
private struct PolicyOfKind {
  /// What the user named: the policy's folder, or the one that it lies in.
  let argument: String
  let name: String
  let url: URL
  let policy: Policy

  /// What it counts as.
  var kind: String {
    get throws {
      let share = try TrainingOptions(ofTrainingIn: url)?.bestShare
      let best = share.map { " of the best \(ReportNumber.percent($0))" } ?? ""
      let kind =
        policy.configuration.readsReturn
        ? "Decision Transformer\(best)" : "behaviour cloning\(best)"
      return name == argument ? kind : "\(argument), \(kind)"
    }
  }
}

/// What `laser evaluate --json` prints.
private struct Evaluation: Encodable {
  /// The policy's folder, where there are several.
  let policy: String?
  let levels: Int
  let solved: Int
  let solveRate: Double
  let solveRateStandardError: Double
  let meanReturn: Double
  let meanReturnStandardError: Double
  /// How they were played: `greedy`, or `sampled` with its seed.
  let actions: String
  let seed: UInt64?
  let targetReturn: Double
  let maxSteps: Int
  /// With `--lengths`: how many solutions are shortest, their mean steps, and the mean of the fewest steps; without a
  /// solution there are no means.
  let shortest: Int?
  let meanSteps: Double?
  let meanFewestSteps: Double?

  enum CodingKeys: String, CodingKey {
    case policy, levels, solved, actions, seed, shortest
    case solveRate = "solve_rate"
    case solveRateStandardError = "solve_rate_se"
    case meanReturn = "mean_return"
    case meanReturnStandardError = "mean_return_se"
    case targetReturn = "target_return"
    case maxSteps = "max_steps"
    case meanSteps = "mean_steps"
    case meanFewestSteps = "mean_fewest_steps"
  }

  init(
    of rollouts: [Rollout], by policy: String?, played options: RolloutOptions,
    lengths: SolutionLengths?
  ) {
    self.policy = policy
    let rate = Estimate(of: rollouts.map { $0.isSolved ? 1 : 0 })
    let reward = Estimate(of: rollouts.map(\.totalReturn))
    levels = rollouts.count
    solved = rollouts.count { $0.isSolved }
    solveRate = rate.mean
    solveRateStandardError = rate.standardError
    meanReturn = reward.mean
    meanReturnStandardError = reward.standardError
    (actions, seed) =
      switch options.choice {
      case .greedy: ("greedy", nil)
      case .sampled(let seed): ("sampled", seed)
      }
    targetReturn = options.targetReturn
    maxSteps = options.maximumSteps
    shortest = lengths?.shortest
    let solutions = lengths.flatMap { $0.solved > 0 ? $0 : nil }
    meanSteps = solutions.map { Double($0.steps) / Double($0.solved) }
    meanFewestSteps = solutions.map { Double($0.fewestSteps) / Double($0.solved) }
  }

  var text: String {
    let result =
      (policy.map { "\($0): " } ?? "")
      + "\(solved) of \(levels) levels solved: \(ReportNumber.percent(solveRate)) "
      + "± \(ReportNumber.percent(solveRateStandardError)), mean return "
      + "\(ReportNumber.fixed(meanReturn, digits: 3)) ± "
      + ReportNumber.fixed(meanReturnStandardError, digits: 3)
    guard let shortest else { return result }
    guard let meanSteps, let meanFewestSteps else {
      return result + "\nno level solved, no lengths to compare"
    }
    return result
      + "\n\(shortest) in the fewest steps; \(ReportNumber.fixed(meanSteps, digits: 2)) steps on "
      + "average where the fewest are \(ReportNumber.fixed(meanFewestSteps, digits: 2))"
  }
}

/// The last line that `laser evaluate --json` prints of several policies.
private struct EvaluationOfMany: Encodable {
  let policies: Int
  let solveRate: Double
  let solveRateInterval: [Double]?
  let meanReturn: Double
  let meanReturnInterval: [Double]?

  enum CodingKeys: String, CodingKey {
    case policies
    case solveRate = "solve_rate"
    case solveRateInterval = "solve_rate_interval"
    case meanReturn = "mean_return"
    case meanReturnInterval = "mean_return_interval"
  }

  init(_ evaluations: [Evaluation]) {
    func bounds(_ of: StudentInterval) -> [Double]? {
      of.interval.map { [$0.lowerBound, $0.upperBound] }
    }
    let rate = StudentInterval(of: evaluations.map(\.solveRate))
    let reward = StudentInterval(of: evaluations.map(\.meanReturn))
    policies = evaluations.count
    (solveRate, solveRateInterval) = (rate.mean, bounds(rate))
    (meanReturn, meanReturnInterval) = (reward.mean, bounds(reward))
  }

  var text: String {
    func interval(_ bounds: [Double]?, times factor: Double, digits: Int) -> String {
      (bounds ?? []).map { ReportNumber.fixed(factor * $0, digits: digits) }
        .joined(separator: " to ")
    }
    return "mean of \(policies) policies: \(ReportNumber.percent(solveRate)), 95 % interval "
      + "\(interval(solveRateInterval, times: 100, digits: 1)); mean return "
      + "\(ReportNumber.fixed(meanReturn, digits: 3)), 95 % interval "
      + interval(meanReturnInterval, times: 1, digits: 3)
  }
}
