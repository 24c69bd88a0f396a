import Foundation
@testable import LaserOps
import Numerics
import Synchronization
import Testing

/// A loss that is linear in the matrices, so that a first-order prediction is the truth: ⟨direction, W⟩ for every example.
private final class LinearObjective: Objective {
  let secondaryMeasure: SecondaryMeasure
  let exampleCount: Int
  let directions: [[WeightSite: Matrix]]
  /// By how much every edit raises the loss, which no gradient says.
  let harm: Double
  let passes = Mutex<[String]>([])
  /// Counts the questions to models.
  let calls: CallLimit

  /// The loss does not depend on the matrix at `unused`.
  init(
    model: ToyModel, seed: UInt64, count: Int = 20, measure: SecondaryMeasure = .loss,
    harm: Double = 0, unused: WeightSite? = nil, calls: CallLimit = CallLimit()
  ) {
    secondaryMeasure = measure
    exampleCount = count
    self.harm = harm
    self.calls = calls
    var generator = SplitMix64(seed: seed)
    directions = (0..<count).map { _ in
      Dictionary(
        uniqueKeysWithValues: model.weightSites.map { site in
          let weight = model.weight(at: site)
          let direction = Matrix.random(
            rows: weight.rows, columns: weight.columns, using: &generator)
          return (
            site, site == unused ? Matrix(rows: weight.rows, columns: weight.columns) : direction
          )
        })
    }
  }

  private func loss(of model: ToyModel, on example: Int) -> Double {
    model.weightSites.reduce(0) { sum, site in
      let direction = directions[example][site]?.values ?? []
      return sum
        + zip(direction, model.weight(at: site).matrix.values)
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }

  func outcomes(of candidates: [Candidate<ToyModel>], on examples: [Int]) throws -> [[Outcome]] {
    try calls.call()
    return candidates.map { candidate in
      let harm = candidate.interventions.isEmpty ? 0 : harm
      return examples.map { example in
        let loss = loss(of: candidate.model, on: example) + harm
        return Outcome(
          isSuccess: 1 - loss > 0, measure: secondaryMeasure == .loss ? loss : -loss,
          margin: Float(1 - loss))
      }
    }
  }

  func componentScores(
    of candidate: Candidate<ToyModel>, at sites: [WeightSite], on examples: [Int],
    _ receive: (ComponentScores) throws -> Void
  ) throws {
    passes.withLock { $0.append(candidate.interventions.text) }
    let measures = examples.map { example in
      let loss = loss(of: candidate.model, on: example)
      return ExampleMeasure(loss: loss, margin: 1 - loss)
    }
    for site in sites.reversed() {
      let decomposition = try SingularValueDecomposition(
        of: candidate.model.weight(at: site).matrix)
      var changes = Matrix(rows: examples.count, columns: decomposition.count)
      for (row, example) in examples.enumerated() {
        for component in 0..<decomposition.count {
          let direction = try #require(directions[example][site])
          var sum = 0.0
          for i in 0..<direction.rows {
            for j in 0..<direction.columns {
              sum +=
                Double(direction[i, j]) * Double(decomposition.left[i, component])
                * Double(decomposition.rightTransposed[component, j])
            }
          }
          changes[row, component] = Float(-decomposition.singularValues[component] * sum)
        }
      }
      var margins = changes
      for index in margins.values.indices { margins.values[index].negate() }
      try receive(
        ComponentScores(site: site, examples: measures, loss: changes, margin: margins))
    }
  }
}

@Suite struct GuidedSearchTests {
  private let model = ToyModel()

  private func search(
    _ objective: LinearObjective, trials: Int, composes: Bool = false, race: Race? = nil,
    fractions: [Double] = [0.75, 0.5, 0.25]
  ) throws -> InterventionSearch<LinearObjective> {
    InterventionSearch(
      model: model, objective: objective,
      split: try DataSplit(exampleCount: objective.exampleCount),
      space: try SearchSpace(fractions: fractions),
      options: .init(composes: composes, race: race, guide: try Guide(trials: trials)))
  }

  @Test func `what is predicted of a linear loss is what is measured, and few edits are tried`()
    throws
  {
    let journal = Journal<Trial>()
    let result = try #require(
      try search(LinearObjective(model: model, seed: 2), trials: 5).run(journal: journal))
    let guide = try #require(result.guide)
    #expect(guide.predicted == 12)
    #expect(guide.tried.count == 5)
    #expect(guide.untried == 7.0 / 12)
    #expect(result.trialCount == 5)
    let base = try #require(journal.trial(of: [], on: .validation))
    for edit in guide.tried {
      let trial = try #require(
        journal.trial(of: Intervention.list(parsing: edit.edit), on: .validation))
      let change = trial.measure.mean - base.measure.mean
      #expect(abs(change - edit.loss) <= 1e-4 * max(1, abs(change)))
      #expect(edit.successes == trial.score)
    }
  }

  @Test
  func
    `a guide that may try everything finds what the whole grid finds, one that may not begins alike`()
    throws
  {
    let objective = LinearObjective(model: model, seed: 3)
    let exhaustive = InterventionSearch(
      model: model, objective: objective,
      split: try DataSplit(exampleCount: objective.exampleCount),
      space: try SearchSpace(fractions: [0.75, 0.5, 0.25]))
    let best = try #require(try exhaustive.run(journal: Journal()))
    let guided = try #require(
      try search(objective, trials: 12).run(journal: Journal()))
    #expect(guided.best.edit == best.best.edit)
    let whole = try #require(guided.guide).tried
    let few = try #require(try search(objective, trials: 3).run(journal: Journal()))
    #expect(few.guide?.tried == Array(whole.prefix(3)))
    #expect(few.guide?.tried.first?.cautiousLoss == whole.map(\.cautiousLoss).min())
  }

  @Test(arguments: [8, 11]) func `a quarter of the trials are ranks beside the best`(trials: Int)
    throws
  {
    let objective = LinearObjective(model: model, seed: 2)
    let fractions = [0.75, 0.5, 0.25, 0]
    let journal = Journal<Trial>()
    let result = try #require(
      try search(objective, trials: trials, fractions: fractions).run(journal: journal))
    let tried = try #require(result.guide).tried
    #expect(tried.count == trials)
    let promising = trials - trials / 4
    for index in promising..<trials {
      let before = tried[..<index].map(\.edit)
      let edit = try Intervention(parsing: tried[index].edit)
      func site(_ edit: String) -> Substring { edit[..<(edit.lastIndex(of: ":") ?? edit.endIndex)] }
      let beside = try before.contains { name in
        guard site(name) == site(tried[index].edit), case .rank(let one) = edit.method,
          case .rank(let two) = try Intervention(parsing: name).method
        else { return false }
        return abs(one.count(of: 4) - two.count(of: 4)) == 1
      }
      #expect(beside)
    }
    // The best of all has no untried neighbour, or there was no trial left for it.
    #expect(
      journal.trial(of: try Intervention.list(parsing: result.best.edit), on: .validation) != nil)
    #expect(
      try search(objective, trials: trials, fractions: fractions).run(journal: journal) == result)
  }

  @Test func `where all ranks beside the tried ones are known, the next promising edit is tried`()
    throws
  {
    let result = try #require(
      try search(LinearObjective(model: model, seed: 2), trials: 11, fractions: [0.5]).run())
    let guide = try #require(result.guide)
    #expect(guide.tried.count == guide.predicted)
    #expect(Set(guide.tried.map(\.edit)).count == guide.predicted)
  }

  @Test func `a search that goes on takes no gradient twice`() throws {
    let objective = LinearObjective(model: model, seed: 2)
    let predictions = Journal<SitePrediction>()
    let journal = Journal<Trial>()
    let first = try search(objective, trials: 4).run(journal: journal, predictions: predictions)
    let second = try search(objective, trials: 4).run(journal: journal, predictions: predictions)
    #expect(first == second)
    #expect(objective.passes.withLock(\.self) == [""])
  }

  @Test func `one pass serves the predictions and the components of a matrix`() throws {
    let objective = LinearObjective(model: model, seed: 2)
    let site = try #require(model.weightSites.first)
    let study = GradientStudy(
      of: model, objective: objective,
      split: try DataSplit(exampleCount: objective.exampleCount),
      space: try SearchSpace(kinds: [site.kind], layers: [site.layer]), tellsComponents: true)
    let journal = Journal<SitePrediction>()
    let first = try study.run(journal: journal)
    #expect(objective.passes.withLock(\.count) == 1)
    #expect(first.components?.list.count == 4)
    // A journal has predictions, not components: another pass, with the same results.
    #expect(try study.run(journal: journal) == first)
    #expect(objective.passes.withLock(\.count) == 2)
  }

  @Test func `a composition takes the gradient anew after every edit that is kept`() throws {
    let objective = LinearObjective(model: model, seed: 4)
    let result = try #require(
      try search(objective, trials: 6, composes: true).run(journal: Journal()))
    let kept = try #require(result.composition?.edit)
    let edits = try Intervention.list(parsing: kept)
    #expect(edits.count > 1)
    #expect(Set(edits.map { WeightSite($0.kind, layer: 0) }).count <= edits.count)
    // Of the unedited model once, then of every model on the way, whether or not its edits helped.
    let passes = objective.passes.withLock(\.self)
    #expect(passes.count == Set(passes).count)
    #expect(passes.contains(edits.dropLast().map(\.self).text))
  }

  @Test func `a composition ends where the gradient names no edit at the matrices that are left`()
    throws
  {
    // No component of this matrix lowers the loss; every edit of the others helps.
    let unused = try #require(model.weightSites.last)
    let objective = LinearObjective(model: model, seed: 4, harm: -100, unused: unused)
    let result = try #require(
      try InterventionSearch(
        model: model, objective: objective,
        split: try DataSplit(exampleCount: objective.exampleCount),
        space: try SearchSpace(method: .select),
        options: .init(composes: true, guide: try Guide())
      ).run())
    let edits = try #require(try result.composition?.interventions())
    #expect(!edits.isEmpty)
    #expect(try !edits.flatMap(model.sites(of:)).contains(unused))
  }

  @Test
  func `edits that are the same rank are predicted once, and one that removes nothing is not`()
    throws
  {
    let result = try #require(
      try search(
        LinearObjective(model: model, seed: 2), trials: 50, fractions: [1, 0.3, 0.26, 0]
      ).run(journal: Journal()))
    #expect(result.guide?.predicted == 8)
  }

  /// Predictions of matrices in layers from 0 on.
  private func predictions(_ edits: [PredictedEdit]...) -> [SitePrediction] {
    edits.enumerated().map {
      SitePrediction(
        after: "base", site: WeightSite(.mlpInput, layer: $0), examples: 2, edits: $1)
    }
  }

  @Test func `what is good for the loss and what is good for successes are tried in turns`() {
    func edit(_ name: String, _ losses: [Double], _ margins: [Double]) -> PredictedEdit {
      PredictedEdit(name, lossChanges: losses, margins: ([0, 0], margins))
    }
    let edits = [
      edit("harm", [3, 3], [-3, -3]), edit("loss", [-1, -1], [-2, -2]),
      edit("steps", [1, 1], [0.1, 0.1]), edit("less", [-0.5, 0], [-4, -4]),
      edit("soft", [2, 2], [-0.1, 9]), edit("least", [0, 0], [-5, -5]),
    ]
    #expect(
      predictions(edits).byPromise(isSpread: true).map(\.edit)
        == ["loss", "steps", "less", "soft", "least", "harm"])
    // A loss that falls by much on one example and rises on another is not trusted.
    let bold = edit("bold", [-12, 9], [0, 0])
    #expect(bold.loss < edits[1].loss && bold.cautiousLoss > edits[1].cautiousLoss)
  }

  @Test func `soft successes do not depend on the unit of the margins`() throws {
    func soft(_ unit: Double) throws -> Double {
      let edit = PredictedEdit(
        "edit", lossChanges: [0, 0, 0],
        margins: ([-3, 0, 3].map { $0 * unit }, [1, -1, 1].map { $0 * unit }))
      return try #require(edit.softSuccesses)
    }
    // The spread of the margins before the edit is √6, so the width is √6 / 3.
    let expected = [-2.0, -1, 4].map { 1 / (1 + exp(-$0 * 3 / 6.0.squareRoot())) }
    #expect(abs(try soft(1) - expected.reduce(0, +) / 3) < 1e-12)
    #expect(abs(try soft(1) - soft(10)) < 1e-12)
  }

  @Test func `the loss names every matrix at one fraction before it names a second`() {
    func edit(_ name: String, _ loss: Double) -> PredictedEdit {
      PredictedEdit(name, lossChanges: [loss], margins: nil)
    }
    let sites = predictions(
      [edit("a1", -0.9), edit("a2", -0.8), edit("a3", -0.7)], [edit("b1", 0.1), edit("b2", -0.1)])
    #expect(sites.byPromise(isSpread: true).map(\.edit) == ["a1", "b2", "a2", "a3", "b1"])
    #expect(sites.byPromise(isSpread: false).map(\.edit) == ["a1", "a2", "a3", "b2", "b1"])
  }

  @Test(arguments: [SecondaryMeasure.loss, .meanReturn])
  func `a race of a short list has both winners of one that asks everything, and asks less`(
    measure: SecondaryMeasure
  ) throws {
    var (best, lowest, asked) = (0, 0, 0.0)
    let seeds = 0..<20 as Range<UInt64>
    for seed in seeds {
      let objective = LinearObjective(model: model, seed: seed, count: 500, measure: measure)
      let parts = Journal<PartialTrial>()
      let whole = try #require(try search(objective, trials: 12).run())
      let raced = try #require(
        try search(objective, trials: 12, race: Race(risk: 0.01)).run(
          journal: Journal(), parts: parts))
      best += raced.best.validation.score == whole.best.validation.score ? 1 : 0
      lowest += raced.lowestLoss == whole.lowestLoss ? 1 : 0
      let race = try #require(raced.race)
      // Those of the shortlist and the ranks beside the best of them.
      #expect(race.finished + race.stopped == 12)
      let answers = parts.lines.filter { Int($0.part) != nil }.reduce(0) { $0 + $1.examples }
      #expect(abs(race.asked - Double(answers) / (12 * 100)) < 1e-9)
      asked += race.asked
    }
    #expect(best >= 19 && lowest >= 19)
    #expect(asked < 0.8 * Double(seeds.count))
  }

  /// Through gradient, race, ranks beside the best, composition and test split; where every edit does harm, too.
  @Test(arguments: [0, 10.0])
  func `a raced guided search killed anywhere and started again ends with the same bytes`(
    harm: Double
  ) throws {
    let race = try Race(risk: 0.05)
    try expectSameBytesWhereverKilled(moreCallsThan: 10) {
      try search(
        LinearObjective(model: model, seed: 2, count: 200, harm: harm, calls: $0), trials: 8,
        composes: true, race: race)
    }
  }

  @Test func `where every edit does harm a race tries ranks beside the most promising one`() throws
  {
    let objective = LinearObjective(model: model, seed: 2, count: 200, harm: 10)
    let found = try #require(
      try search(objective, trials: 8, race: Race(risk: 0.01)).run())
    #expect(found.best.edit == "base" && found.lowestLoss?.edit == "base")
    let tried = try #require(found.guide?.tried.map(\.edit))
    #expect(tried.count == 8)
    func matrix(_ edit: String) -> Substring { edit.prefix { $0 != "." } }
    #expect(
      tried.dropFirst(6).allSatisfy { edit in
        tried.prefix(6).contains { matrix($0) == matrix(edit) }
      })
  }

  @Test(arguments: [0, 0.01])
  func `a raced shortlist ends alike over shares and after a restart`(risk: Double) throws {
    let objective = LinearObjective(model: model, seed: 2, count: 500)
    let whole = try search(objective, trials: 8)
    let result = try #require(try whole.run())
    let (journal, parts) = (Journal<Trial>(), Journal<PartialTrial>())
    let predictions = Journal<SitePrediction>()
    func run(
      _ options: InterventionSearch<LinearObjective>.Options, in journal: Journal<Trial>,
      _ parts: Journal<PartialTrial>
    ) throws -> SearchResult? {
      var options = options
      options.guide = try Guide(trials: 8)
      options.race = try Race(risk: risk)
      return try InterventionSearch(
        model: model, objective: objective, split: whole.split, space: whole.space,
        options: options
      ).run(journal: journal, parts: parts, predictions: predictions)
    }
    let found = try #require(try run(.init(), in: journal, parts))
    #expect(found.best == result.best)
    // No answer bounds a loss.
    #expect(found.lowestLoss == (risk == 0 ? nil : result.lowestLoss))
    #expect(found.guide?.tried.count == 8)
    #expect(try #require(found.race).stopped > 0)
    // A composition asks everything of what was stopped.
    let composed = try #require(try run(.init(composes: true), in: journal, parts))
    #expect(composed.guide == found.guide)
    #expect(try run(.init(composes: true), in: journal, parts) == composed)
    let (shared, sharedParts) = (Journal<Trial>(), Journal<PartialTrial>())
    for index in 0..<3 {
      _ = try run(.init(shard: Shard(index: index, of: 3)), in: shared, sharedParts)
    }
    let merged = try #require(try run(.init(merges: 3), in: shared, sharedParts))
    #expect(merged.best == found.best && merged.lowestLoss == found.lowestLoss)
    #expect(merged.guide == found.guide)
  }

  @Test func `a guided search over shares ends as one process does`() throws {
    let objective = LinearObjective(model: model, seed: 2)
    let whole = try search(objective, trials: 5)
    let result = try whole.run()
    let (journal, predictions) = (Journal<Trial>(), Journal<SitePrediction>())
    func run(_ options: InterventionSearch<LinearObjective>.Options) throws -> SearchResult? {
      var options = options
      options.guide = try Guide(trials: 5)
      return try InterventionSearch(
        model: model, objective: objective, split: whole.split, space: whole.space,
        options: options
      ).run(journal: journal, predictions: predictions)
    }
    for index in 0..<3 { #expect(try run(.init(shard: Shard(index: index, of: 3))) == nil) }
    // Ranks beside the best are tried by the merge, which knows all trials.
    #expect(journal.count == 5)
    #expect(try run(.init(merges: 3)) == result)
  }

  /// Runs a share of `search`, or its merge, in a folder.
  private func run(
    _ search: InterventionSearch<LinearObjective>,
    _ options: InterventionSearch<LinearObjective>.Options, in folder: RunFolder
  ) throws {
    var options = options
    options.guide = search.options.guide
    _ = try folder.run(
      InterventionSearch(
        model: search.model, objective: search.objective, split: search.split, space: search.space,
        options: options), of: RunIdentity(model: "linear"))
  }

  @Test func `shares of a guided search are done when their part of the shortlist is tried`() throws
  {
    try withTemporaryFolder { url in
      let search = try search(LinearObjective(model: model, seed: 2), trials: 5)
      let folder = RunFolder(url)
      try run(search, .init(shard: Shard(index: 1, of: 2)), in: folder)
      #expect(try RunStatus(of: folder).missing > 0)
      try run(search, .init(shard: Shard(index: 0, of: 2)), in: folder)
      // A fifth trial, a rank beside the best, is the merge's.
      let shares = try RunStatus(of: folder)
      #expect(shares.done == 4 && shares.missing == 0 && !shares.isFinished)
      try run(search, .init(merges: 2), in: folder)
      #expect(try RunStatus(of: folder).done == 5)
    }
  }

  @Test
  func `shares of a guided search are done where fewer edits are predicted than may be tried`()
    throws
  {
    try withTemporaryFolder { url in
      let search = try search(LinearObjective(model: model, seed: 2), trials: 100)
      let folder = RunFolder(url)
      for index in 0..<2 { try run(search, .init(shard: Shard(index: index, of: 2)), in: folder) }
      let shares = try RunStatus(of: folder)
      #expect(shares.total == 12 && shares.missing == 0 && !shares.isFinished)
      try run(search, .init(merges: 2), in: folder)
      let merged = try RunStatus(of: folder)
      #expect(merged.total == 12 && merged.missing == 0 && merged.isFinished)
    }
  }

  @Test(arguments: [RunKind.search, .study(.gradient)])
  func `predictions of an earlier version's scores are not mixed with today's`(kind: RunKind) throws
  {
    var today = RunIdentity(kind: kind, model: "linear")
    today.guide = .init(trials: 5)
    today.grid = try SearchSpace(fractions: [0.5]).identity(for: model)
    var earlier = today
    earlier.guide =
      kind == .search
      ? try JSONDecoder().decode(RunIdentity.GuideRules.self, from: Data(#"{"trials": 5}"#.utf8))
      : nil
    #expect(today.difference(from: earlier)?.field == "guide.scores")
    var fewer = today
    fewer.guide = .init(trials: 3)
    #expect(today.difference(from: fewer) == nil)
    var finer = today
    finer.grid = try SearchSpace(fractions: [0.25]).identity(for: model)
    #expect(today.difference(from: finer)?.field == "grid.fractions")
  }

  /// A guided search of one layer.
  private func search(
    ofLayer layer: Int, trials: Int = 5
  ) throws -> InterventionSearch<LinearObjective> {
    InterventionSearch(
      model: model, objective: LinearObjective(model: model, seed: 2),
      split: try DataSplit(exampleCount: 20),
      space: try SearchSpace(layers: [layer], fractions: [0.75, 0.5, 0.25]),
      options: .init(guide: try Guide(trials: trials)))
  }

  /// Begins `search` in a folder without trying anything.
  private func begin(
    _ search: InterventionSearch<LinearObjective>, in folder: RunFolder
  ) throws {
    let header = RunHeader(try search.identity(RunIdentity(model: "linear")))
    let journal = try Data(contentsOf: folder.journal)
    try (journal + header.line + [UInt8(ascii: "\n")]).write(to: folder.journal)
  }

  @Test func `the edits of an earlier guided search do not count for one of other matrices`() throws
  {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      try run(search(ofLayer: 0), .init(), in: folder)
      #expect(try RunStatus(of: folder).isFinished)
      try begin(search(ofLayer: 1), in: folder)
      let begun = try RunStatus(of: folder)
      #expect(begun.done == 0 && begun.missing == 5)
      #expect(begun.hasEarlierResult && !begun.isFinished)
      try run(search(ofLayer: 1), .init(), in: folder)
      #expect(try RunStatus(of: folder).isFinished)
      // Nothing is left to try, but the result is that of the first again, and then of fewer edits.
      try run(search(ofLayer: 0), .init(), in: folder)
      #expect(try RunStatus(of: folder).isFinished)
      try run(search(ofLayer: 0, trials: 4), .init(), in: folder)
      let status = try RunStatus(of: folder)
      #expect(status.isFinished && status.total == 4)
    }
  }

  @Test func `a guided search whose edits are all tried is not finished without its own result`()
    throws
  {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      try run(search(ofLayer: 0), .init(), in: folder)
      let earlier = try Data(contentsOf: folder.result)
      try run(search(LinearObjective(model: model, seed: 2), trials: 5), .init(), in: folder)
      #expect(try RunStatus(of: folder).isFinished)
      // As if it had been killed between its last trial and its result.
      try earlier.write(to: folder.result)
      let status = try RunStatus(of: folder)
      #expect(status.missing == 0 && status.hasEarlierResult && !status.isFinished)
    }
  }

  @Test func `what makes no sense for a guide is refused`() throws {
    #expect(throws: SearchError.noTrials(0)) { try Guide(trials: 0) }
    let objective = LinearObjective(model: model, seed: 2)
    let search = try search(objective, trials: 3)
    let pruned = InterventionSearch(
      model: model, objective: objective, split: search.split,
      space: try SearchSpace(method: .prune), options: .init(guide: try Guide()))
    #expect(throws: SearchError.guidedMethod(.prune)) {
      try pruned.run(journal: Journal())
    }
    let played = InterventionSearch(
      model: model, objective: IndifferentObjective(), split: search.split, space: search.space,
      options: .init(guide: try Guide()))
    #expect(throws: GradientError.noGradient(of: .meanReturn)) {
      try played.run(journal: Journal())
    }
  }

  @Test(arguments: [(rows: 7, columns: 5), (rows: 5, columns: 7)])
  func `the sums over rows are those of the gradient that is never held`(
    shape: (rows: Int, columns: Int)
  ) throws {
    var generator = SplitMix64(seed: 5)
    let (rows, columns) = shape
    let weight = Matrix.random(rows: rows, columns: columns, using: &generator)
    let bias = Matrix.random(rows: 1, columns: rows, using: &generator).values
    let input = Matrix.random(rows: 9, columns: columns, using: &generator)
    var output = input.multiplied(byTransposeOf: weight)
    for row in 0..<9 { for column in 0..<rows { output[row, column] += bias[column] } }
    let gradient = Matrix.random(rows: 9, columns: rows, using: &generator)
    let examples = [0, 0, 2, 1, 1, 1, 2, 0, 2]
    let gram = try GramDecomposition(of: weight)
    let isTall = gram.side == .inputs
    #expect(isTall == (rows > columns))
    let values = Activations(isTall ? input : output)
    let carried = isTall ? gradient.multiplied(by: weight) : gradient
    let found = [1, 3].map { count in
      var sums = ComponentSums(of: gram, bias: bias, functions: 2, examples: 3)
      for function in 0..<2 {
        sums.add(
          values, gradient: Activations(carried), of: function, examples: examples,
          using: Workers(count: count))
      }
      return sums.scores
    }
    #expect(found[0] == found[1])
    #expect(found[0][0] == found[0][1])
    let decomposition = try SingularValueDecomposition(of: weight)
    for example in 0..<3 {
      for component in 0..<5 {
        var expected = 0.0
        for row in 0..<9 where examples[row] == example {
          let left = (0..<rows).reduce(0.0) {
            $0 + Double(gradient[row, $1]) * Double(decomposition.left[$1, component])
          }
          let right = (0..<columns).reduce(0.0) {
            $0 + Double(input[row, $1]) * Double(decomposition.rightTransposed[component, $1])
          }
          expected -= decomposition.singularValues[component] * left * right
        }
        #expect(abs(Double(found[0][0][example, component]) - expected) <= 1e-4)
      }
    }
  }
}
