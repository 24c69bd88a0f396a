// Which rule should choose the components of a matrix that an edit removes? All rules get the same gradients of the same
// validation questions; each names its four most promising matrices, and the edit of the lowest validation loss is asked the
// test questions.
//
//     SelectionRules MODEL TASK FILE [--limit N] [--top-k K] [--threads N]

import BenchmarkSupport
import Foundation
import LanguageModels
import LaserOps
import Numerics

/// A component goes where the loss falls: on all examples, on one half by so many standard errors and on the other half at
/// all, or on both halves and on all by so many.
struct Rule: Equatable {
  enum Examples {
    case all, oneHalfConfirmed, bothHalves
  }

  let examples: Examples
  let errors: Double

  /// By no errors, both halves are one half confirmed.
  static let all = [
    (Examples.all, [0.0, 1, 2]), (.oneHalfConfirmed, [0, 1, 2]), (.bothHalves, [1, 2]),
  ].flatMap { examples, errors in errors.map { Rule(examples: examples, errors: $0) } }

  func removes(_ changes: [Double]) -> Bool {
    let whole = Estimate(of: changes)
    let halves = (0..<2).map { parity in
      Estimate(of: changes.indices.filter { $0 % 2 == parity }.map { changes[$0] })
    }
    func lowersLoss(_ change: Estimate) -> Bool {
      change.mean < -errors * change.standardError
    }
    return switch examples {
    case .all: lowersLoss(whole)
    case .oneHalfConfirmed: lowersLoss(halves[0]) && halves[1].mean < 0
    case .bothHalves: lowersLoss(whole) && halves.allSatisfy { $0.mean < 0 }
    }
  }
}

/// An edit that a rule chose.
struct Choice {
  let rule: Rule
  let edit: Intervention
  let removed: Int
  /// Mean change of the loss and a tenth of its mean square, the order of a guided search without margins.
  let promise: Double

  init?(_ rule: Rule, _ scores: ComponentScores, of matrix: String) {
    let rows = 0..<scores.loss.rows
    let isKept = (0..<scores.count).map { component in
      !rule.removes(rows.map { Double(scores.loss[$0, component]) })
    }
    let mask = ComponentMask(isKept, of: matrix)
    guard mask.removedCount > 0 else { return nil }
    let changes = rows.map { row in
      isKept.indices.reduce(0) { $0 + (isKept[$1] ? 0 : Double(scores.loss[row, $1])) }
    }
    self.rule = rule
    edit = Intervention(at: scores.site, method: .keep(mask))
    removed = mask.removedCount
    promise = changes.reduce(0) { $0 + $1 + 0.1 * $1 * $1 } / Double(changes.count)
  }
}

func loss(_ outcomes: [Outcome]) -> Double {
  outcomes.reduce(0) { $0 + $1.measure } / Double(outcomes.count)
}

func measure<Model: LanguageModel>(_ experiment: QuestionExperiment<Model>) throws {
  let (model, split) = (experiment.model, experiment.split)
  let unedited = try Candidate([], of: model)
  let sites = model.weightSites.filter {
    [WeightKind.mlpInput, .mlpUp, .mlpOutput].contains($0.kind)
  }
  var choices: [Choice] = []
  try experiment.objective.componentScores(of: unedited, at: sites, on: split.validation) {
    scores in
    let matrix = ComponentMask.fingerprint(of: model.weight(at: scores.site).matrix)
    choices += Rule.all.compactMap { Choice($0, scores, of: matrix) }
  }
  let tried = Rule.all.flatMap { rule in
    choices.filter { $0.rule == rule }.sorted { $0.promise < $1.promise }.prefix(4)
  }
  let session = experiment.objective.session(asking: [split.validation, split.test])
  let validation = try session.outcomes(
    of: tried.map { try Candidate([$0.edit], of: model) }, on: split.validation
  ).map(loss)
  let winners = Rule.all.compactMap { rule in
    tried.indices.filter { tried[$0].rule == rule }.min { validation[$0] < validation[$1] }
  }
  let test = try session.outcomes(
    of: [unedited] + winners.map { try Candidate([tried[$0].edit], of: model) }, on: split.test)
  func row(_ name: String, _ validation: Double?, _ outcomes: [Outcome]) {
    let right = Double(outcomes.count(where: \.isSuccess)) / Double(outcomes.count)
    print(
      name, validation.map { String(format: "%.3f", $0) } ?? "-",
      String(format: "%.3f", loss(outcomes)),
      String(format: "%.1f", 100 * right), separator: "\t")
  }
  row("unedited", nil, test[0])
  for (winner, outcomes) in zip(winners, test.dropFirst()) {
    let choice = tried[winner]
    row(
      "\(choice.rule.examples) \(Int(choice.rule.errors))\t\(choice.edit.kind.rawValue):\(choice.edit.layers)\t\(choice.removed)",
      validation[winner], outcomes)
  }
}

func run(
  _ model: some LanguageModel, at url: URL, _ task: BenchmarkTask.Name, _ arguments: Arguments
) throws {
  let topK = arguments.number("top-k", 0)
  try measure(
    QuestionExperiment(
      of: model, at: url, task: task, data: [URL(fileURLWithPath: arguments.plain[2])],
      limit: arguments.number("limit", 500), success: topK > 0 ? .ranked(within: topK) : .right,
      workers: arguments.workers))
}

let arguments = Arguments()
guard arguments.plain.count == 3, let task = BenchmarkTask.Name(rawValue: arguments.plain[1]) else {
  print("usage: SelectionRules MODEL TASK FILE [--limit N] [--top-k K] [--threads N]")
  exit(64)
}
let url = URL(fileURLWithPath: arguments.plain[0])
try run(LanguageModelLoader.load(url), at: url, task, arguments)
