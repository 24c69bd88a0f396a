import Reports
import Foundation
import Synchronization
import Testing

@testable import LaserOps
@testable import Numerics

/// Gives every edit outcomes of its own, made from its name; counts what it is asked.
final class TableObjective: Objective {
  let seed: UInt64
  let exampleCount: Int
  let hasMargins: Bool
  let secondaryMeasure: SecondaryMeasure
  let answers = Mutex(0)
  let calls: CallLimit

  init(
    seed: UInt64, examples: Int = 200, hasMargins: Bool = true,
    secondaryMeasure: SecondaryMeasure = .loss, calls: CallLimit = CallLimit()
  ) {
    self.seed = seed
    exampleCount = examples
    self.hasMargins = hasMargins
    self.secondaryMeasure = secondaryMeasure
    self.calls = calls
  }

  /// The margins of an edit: those of the unedited model, moved, stretched and disturbed.
  func margins(of edits: [Intervention]) -> [Float] {
    var common = SplitMix64(seed: seed)
    let base = (0..<exampleCount).map { _ in Float(common.nextGaussian()) }
    guard !edits.isEmpty else { return base }
    let name = edits.text.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) }
    var own = SplitMix64(seed: name)
    let shift = Float(0.2 * own.nextGaussian())
    let noise = Float(0.4 * own.nextUniform())
    return base.map { 0.9 * $0 + shift + noise * Float(own.nextGaussian()) }
  }

  func outcomes(of candidates: [Candidate<ToyModel>], on examples: [Int]) throws -> [[Outcome]] {
    try calls.call()
    answers.withLock { $0 += candidates.count * examples.count }
    return candidates.map { candidate in
      let margins = margins(of: candidate.interventions)
      return examples.map { example in
        let margin = margins[example]
        return Outcome(
          isSuccess: margin > 0, measure: Double(secondaryMeasure == .loss ? 2 - margin : margin),
          answer: margin > 0 ? "yes" : "no", margin: hasMargins ? margin : nil)
      }
    }
  }
}

/// Every edit does as well as every other, and better than the unedited model.
struct EqualObjective: Objective {
  let exampleCount = 200
  let secondaryMeasure = SecondaryMeasure.loss

  func outcomes(of candidates: [Candidate<ToyModel>], on examples: [Int]) throws -> [[Outcome]] {
    candidates.map { candidate in
      examples.map { example in
        let isSuccess = example.isMultiple(of: 2) || !candidate.interventions.isEmpty
        return Outcome(isSuccess: isSuccess, measure: 1, margin: isSuccess ? 1 : -1)
      }
    }
  }
}

/// Remembers which lists of examples were announced and which were asked for.
final class ListObjective: Objective {
  let exampleCount = 200
  let secondaryMeasure = SecondaryMeasure.loss
  let lists = Mutex<(announced: Set<[Int]>, asked: Set<[Int]>)>(([], []))

  func session(asking parts: [[Int]]) -> any ScoringSession<ToyModel> {
    lists.withLock { $0.announced.formUnion(parts) }
    return Session(objective: self)
  }

  private final class Session: ScoringSession {
    let objective: ListObjective

    init(objective: ListObjective) { self.objective = objective }

    func outcomes(of candidates: [Candidate<ToyModel>], on examples: [Int]) throws -> [[Outcome]] {
      try objective.outcomes(of: candidates, on: examples)
    }
  }

  func outcomes(of candidates: [Candidate<ToyModel>], on examples: [Int]) throws -> [[Outcome]] {
    lists.withLock { _ = $0.asked.insert(examples) }
    return candidates.map { candidate in
      examples.map { example in
        let isSuccess = (example + 7 * candidate.interventions.text.utf8.count) % 3 > 0
        return Outcome(isSuccess: isSuccess, measure: 1, margin: isSuccess ? 1 : -1)
      }
    }
  }
}

/// A model that counts how often a matrix of it is read.
private struct CountingModel: EditableModel {
  final class Counter: Sendable {
    let count = Mutex(0)
  }

  var model = ToyModel()
  let counter = Counter()

  var readings: Int { counter.count.withLock { $0 } }
  var weightSites: [WeightSite] { model.weightSites }

  func weight(at site: WeightSite) -> Weight {
    counter.count.withLock { $0 += 1 }
    return model.weight(at: site)
  }

  func replacing(_ site: WeightSite, with weight: Weight) -> CountingModel {
    var edited = self
    edited.model = model.replacing(site, with: weight)
    return edited
  }
}

/// The outcomes of a table for the edits of such a model.
private struct CountedObjective: Objective {
  let table = TableObjective(seed: 3)
  var exampleCount: Int { table.exampleCount }
  var secondaryMeasure: SecondaryMeasure { table.secondaryMeasure }

  func outcomes(
    of candidates: [Candidate<CountingModel>], on examples: [Int]
  ) throws -> [[Outcome]] {
    try table.outcomes(
      of: candidates.map {
        Candidate(
          model: $0.model.model, interventions: $0.interventions,
          lowestEditedLayer: $0.lowestEditedLayer)
      }, on: examples)
  }
}

@Suite struct RaceTests {
  func search(
    _ objective: TableObjective, race: Race?, composes: Bool = false
  ) throws -> InterventionSearch<TableObjective> {
    InterventionSearch(
      model: ToyModel(), objective: objective,
      split: try DataSplit(exampleCount: objective.exampleCount, validationShare: 0.5),
      space: try SearchSpace(fractions: [0.9, 0.75, 0.5, 0.4, 0.25, 0.2, 0.1, 0]),
      options: .init(composes: composes, race: race, seed: objective.seed))
  }

  func result(_ objective: TableObjective, race: Race?) throws -> SearchResult {
    try #require(try search(objective, race: race).run(journal: Journal()))
  }

  @Test(arguments: [true, false], [SecondaryMeasure.loss, .meanReturn])
  func `a race for certainty finds what trying everything finds`(
    hasMargins: Bool, measure: SecondaryMeasure
  ) throws {
    var spared = 0
    for seed in 0..<40 as Range<UInt64> {
      let objective = TableObjective(
        seed: seed, hasMargins: hasMargins, secondaryMeasure: measure)
      let raced = try result(objective, race: .certain)
      let whole = try result(
        TableObjective(seed: seed, hasMargins: hasMargins, secondaryMeasure: measure), race: nil)
      #expect(raced.best == whole.best && raced.base == whole.base)
      spared += raced.race?.stopped ?? 0
    }
    #expect(spared > 0)
  }

  @Test(arguments: [true, false])
  func `a race with a small risk finds the same on most tables and asks less`(
    hasMargins: Bool
  ) throws {
    var (same, raced, whole) = (0, 0, 0)
    for seed in 0..<40 as Range<UInt64> {
      let racing = TableObjective(seed: seed, hasMargins: hasMargins)
      let trying = TableObjective(seed: seed, hasMargins: hasMargins)
      let found = try result(racing, race: Race(risk: 0.01))
      same += found.best == (try result(trying, race: nil)).best ? 1 : 0
      raced += racing.answers.withLock { $0 }
      whole += trying.answers.withLock { $0 }
      #expect((found.race?.asked ?? 1) < 1)
    }
    // Of the trials that would have won, about one in a hundred is stopped.
    #expect(same >= 36)
    #expect(2 * raced < whole)
  }

  @Test func `a chance that is forecast is the share of the trials that reach the best`() throws {
    var (forecast, reached, count) = (0.0, 0.0, 0)
    for seed in 0..<60 as Range<UInt64> {
      let objective = TableObjective(seed: seed)
      let edits = try (1...8).map { try Intervention.list(parsing: "Uin:0:0.\($0)") }
      let models = try ([[]] + edits).map { try Candidate($0, of: ToyModel()) }
      let all = try objective.outcomes(of: models, on: Array(0..<200))
      let bar = RaceForecast.Bar(
        successes: all[0].count(where: \.isSuccess),
        measure: all[0].reduce(0) { $0 + Double($1.measure) })
      let order = try RaceOrder(
        of: all[0], race: Race(risk: 0.01), isHigherBetter: false, seed: seed)
      let race = RaceForecast(
        base: all[0], isHigherBetter: false, evenlyAsked: order.evenlyAsked)
      for outcomes in all.dropFirst() {
        let places = order.parts[0] + order.parts[1]
        forecast +=
          race.chance(
            of: race.outlook(
              after: .init(places: places, outcomes: places.map { outcomes[$0] })), reaching: bar)
        let successes = outcomes.count(where: \.isSuccess)
        reached += successes > bar.successes ? 1 : 0
        count += 1
      }
    }
    // 480 trials: the share has a standard error of 0.023, a little more as eight share a table.
    #expect(abs(forecast - reached) < 0.1 * Double(count))
  }

  @Test(arguments: [true, false])
  func `a chance of the lowest loss that is forecast is the share of the trials that have it`(
    hasMargins: Bool
  ) throws {
    var (forecast, lower, count) = (0.0, 0, 0)
    for seed in 0..<60 as Range<UInt64> {
      let objective = TableObjective(seed: seed, hasMargins: hasMargins)
      let edits = try (1...8).map { try Intervention.list(parsing: "Uin:0:0.\($0)") }
      let models = try ([[]] + edits).map { try Candidate($0, of: ToyModel()) }
      let all = try objective.outcomes(of: models, on: Array(0..<200))
      let bar = all[0].reduce(0) { $0 + $1.measure }
      let order = try RaceOrder(
        of: all[0], race: Race(risk: 0.01).findingLowestLoss, isHigherBetter: false, seed: seed)
      let race = RaceForecast(
        base: all[0], isHigherBetter: false, evenlyAsked: order.evenlyAsked)
      let places = order.parts[0]
      for outcomes in all.dropFirst() {
        forecast += race.chance(
          of: race.outlook(
            after: .init(places: places, outcomes: places.map { outcomes[$0] })),
          reachingMeasure: bar)
        lower += outcomes.reduce(0) { $0 + $1.measure } < bar ? 1 : 0
        count += 1
      }
    }
    // 480 trials: the share has a standard error of 0.023, a little more as eight share a table.
    #expect(abs(forecast - Double(lower)) < 0.1 * Double(count))
  }

  @Test func `games that no edit has changed so far are no proof that none will change`() throws {
    let base = (0..<100).map { Outcome(isSuccess: $0 % 2 == 0, measure: $0 % 2 == 0 ? 10 : -12) }
    let forecast = RaceForecast(base: base, isHigherBetter: true, evenlyAsked: 100)
    let places = Array(0..<25)
    let asked = forecast.outlook(
      after: .init(places: places, outcomes: places.map { base[$0] }))
    let sum = base.reduce(0) { $0 + $1.measure }
    // One room more, and eighty.
    #expect((0.1..<0.5).contains(forecast.chance(of: asked, reachingMeasure: sum + 22)))
    #expect(forecast.chance(of: asked, reachingMeasure: sum + 80 * 22) < 1e-6)
  }

  @Test func `every beginning of a race for the lowest loss is spread evenly over the margins`()
    throws
  {
    var generator = SplitMix64(seed: 1)
    let ranks = generator.shuffle(Array(0..<400))
    let base = ranks.map { rank in
      Outcome(isSuccess: rank >= 200, measure: 0, margin: Float(rank) - 199.5)
    }
    let order = RaceOrder(
      of: base, race: try Race(risk: 0.01).findingLowestLoss, isHigherBetter: false, seed: 1)
    var asked: [Int] = []
    for part in order.parts {
      asked += part
      // Of any eighth of all ranks within two of its share.
      for eighth in 0..<8 {
        let found = asked.count { ranks[$0] / 50 == eighth }
        #expect(abs(Double(found) - Double(asked.count) / 8) <= 2)
      }
    }
    #expect(order.evenlyAsked == 400)
  }

  /// From the unedited model's answers through all parts to the composition and the test split.
  @Test func `a race killed anywhere and started again ends with the same bytes`() throws {
    let race = try Race(risk: 0.05)
    try expectSameBytesWhereverKilled(moreCallsThan: 20) {
      try search(TableObjective(seed: 3, examples: 80, calls: $0), race: race, composes: true)
    }
  }

  @Test func `decompositions that there is no memory for change nothing`() throws {
    func tried(memory: Int) throws -> [String?] {
      let search = try search(TableObjective(seed: 3), race: Race(risk: 0.05))
      let journal = Journal<Trial>()
      let steps = try search.space.steps(for: search.model)
      let sweep = try RacingSweep(
        race: Race(risk: 0.05), seed: 3,
        runner: TrialRunner(
          model: search.model, objective: search.objective, split: search.split, journal: journal),
        journal: Journal(), memory: memory)
      try sweep.run(steps) { _ in }
      return [sweep.summary?.text]
        + steps.flatMap(\.interventions).map { journal.trial(of: [$0], on: .validation)?.successes }
    }
    #expect(try tried(memory: 0) == tried(memory: 1 << 20))
  }

  @Test func `a second run over the same matrices reads none of them again`() throws {
    func readings(memory: Int) throws -> (first: Int, second: Int) {
      let model = CountingModel()
      let objective = CountedObjective()
      let sweep = try RacingSweep(
        race: .certain, seed: 3,
        runner: TrialRunner(
          model: model, objective: objective,
          split: try DataSplit(exampleCount: objective.exampleCount, validationShare: 0.5),
          journal: Journal()),
        journal: Journal(), memory: memory)
      try sweep.run(try SearchSpace(fractions: [0.9, 0.5]).steps(for: model)) { _ in }
      let first = model.readings
      try sweep.run(try SearchSpace(fractions: [0.7, 0.3]).steps(for: model)) { _ in }
      return (first, model.readings - first)
    }
    let kept = try readings(memory: 1 << 20)
    #expect(kept.first > 0 && kept.second == 0)
    // Two of the four matrices fit: 4 · (6 · 4 + (6 + 4) · 4) bytes each.
    let some = try readings(memory: 512).second
    #expect(try some > 0 && some < readings(memory: 0).second)
  }

  @Test func `the best of a race with a composition is the best of all that were asked everything`()
    throws
  {
    for seed in 0..<40 as Range<UInt64> {
      let journal = Journal<Trial>()
      let race = try search(TableObjective(seed: seed), race: Race(risk: 0.2), composes: true)
      let found = try #require(try race.run(journal: journal))
      let best = found.best.validation
      for edit in try race.space.steps(for: ToyModel()).flatMap(\.interventions) {
        guard let trial = journal.trial(of: [edit], on: .validation) else { continue }
        #expect(trial.successFlags.count(where: \.self) <= Int((best.score * 100).rounded()))
      }
    }
  }

  @Test func `a race asks for the lists of examples that it has announced`() throws {
    let objective = ListObjective()
    let search = InterventionSearch(
      model: ToyModel(), objective: objective,
      split: try DataSplit(exampleCount: objective.exampleCount, validationShare: 0.5),
      space: try SearchSpace(fractions: [0.9, 0.5, 0.1]), options: .init(race: .certain))
    _ = try search.run(journal: Journal())
    let (announced, asked) = objective.lists.withLock { $0 }
    let validation = Set(asked.filter { $0.count < 100 })
    #expect(!validation.isEmpty && validation.isSubset(of: announced))
  }

  @Test func `a stopped trial has no line among the trials, and one of its own that says so`()
    throws
  {
    let objective = TableObjective(seed: 5)
    let journal = Journal<Trial>()
    let parts = Journal<PartialTrial>()
    let race = try search(objective, race: Race(risk: 0.01))
    let found = try #require(try race.run(journal: journal, parts: parts)?.race)
    var (stopped, finished) = (0, 0)
    for step in try race.space.steps(for: ToyModel()) {
      for edit in step.interventions {
        let trial = journal.trial(of: [edit], on: .validation)
        finished += trial == nil ? 0 : 1
        guard
          let line = parts[.init(edit: Trial.name(of: [edit]), part: PartialTrial.stopped)],
          let stop = line.stop
        else { continue }
        stopped += 1
        #expect(trial == nil)
        #expect(line.examples < 100 && stop.atMost == stop.successes + 100 - line.examples)
        #expect(stop.chance < 0.01 && line.values.isEmpty)
      }
    }
    #expect(stopped == found.stopped && finished == found.finished && stopped > 0)
  }

  @Test func `a folder belongs to one race, and what reads scores refuses it`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      func run(risk: Double?, fractions: [Double]) throws {
        let race = try risk.map(Race.init)
        _ = try folder.run(
          InterventionSearch(
            model: ToyModel(), objective: TableObjective(seed: 5),
            split: try DataSplit(exampleCount: 200), space: try SearchSpace(fractions: fractions),
            options: .init(race: race)),
          of: RunIdentity(model: "toy"))
      }
      try run(risk: 0.01, fractions: [0.5, 0.1])
      try run(risk: 0.01, fractions: [0.5, 0.1])
      for (risk, fractions, field) in [
        (0.02, [0.5, 0.1], "race.risk"), (0.01, [0.5], "grid.fractions"),
        (nil, [0.5, 0.1], "race.order"),
      ] {
        #expect {
          try run(risk: risk, fractions: fractions)
        } throws: { error in
          guard case RunError.foreignJournal(_, field, _, _) = error else { return false }
          return true
        }
      }
      #expect(throws: RunError.raced(folder: url.path)) { try folder.trials(ofModel: "toy") }
    }
  }

  @Test func `a line of a race with too few outcomes is refused by name`() throws {
    try withTemporaryFolder { url in
      func run() throws {
        _ = try RunFolder(url).run(
          search(TableObjective(seed: 5), race: Race(risk: 0.01)), of: RunIdentity(model: "toy"))
      }
      try run()
      let file = url.appending(path: "race.jsonl")
      let text = try String(contentsOf: file, encoding: .utf8)
      try text.replacing(/("part":"all".*?"successes":")[01]+/) { "\($0.output.1)1" }
        .write(to: file, atomically: true, encoding: .utf8)
      #expect {
        try run()
      } throws: { error in
        guard case RunError.foreignTrial(_, "base", 100, 1) = error else { return false }
        return true
      }
    }
  }

  @Test func `an edit that changes nothing does not win a race`() throws {
    let model = ToyModel()
    let search = InterventionSearch(
      model: model, objective: ToyObjective(target: model), split: try DataSplit(exampleCount: 200),
      space: try SearchSpace(fractions: [1]), options: .init(race: .certain))
    #expect(try search.run(journal: Journal())?.best.edit == "base")
  }

  @Test(arguments: [0, 0.01]) func `of full ties the first wins a race, as it wins a search`(
    risk: Double
  ) throws {
    func best(_ race: Race?) throws -> String? {
      try InterventionSearch(
        model: ToyModel(), objective: EqualObjective(), split: try DataSplit(exampleCount: 200),
        space: try SearchSpace(fractions: [0.5, 0.49, 0.25]), options: .init(race: race)
      ).run(journal: Journal())?.best.edit
    }
    #expect(try best(Race(risk: risk)) == best(nil))
  }

  @Test func `of the trials that a race stops few would have won`() throws {
    var (stopped, lost) = (0, 0)
    for seed in 0..<30 as Range<UInt64> {
      let journal = Journal<Trial>()
      let race = try search(TableObjective(seed: seed), race: Race(risk: 0.05))
      let raced = try #require(try race.run(journal: journal))
      let whole = Journal<Trial>()
      _ = try search(TableObjective(seed: seed), race: nil).run(journal: whole)
      for edit in try race.space.steps(for: ToyModel()).flatMap(\.interventions)
      where journal.trial(of: [edit], on: .validation) == nil {
        let trial = try #require(whole.trial(of: [edit], on: .validation))
        stopped += 1
        lost += trial.score > raced.best.validation.score ? 1 : 0
      }
    }
    // Each had a chance below 0.05 when it was stopped, most of them far below.
    #expect(stopped > 500)
    #expect(Double(lost) < 0.02 * Double(stopped))
  }

  @Test(arguments: [-0.1, 1, .nan, .infinity, 1e-4])
  func `a risk is 0 or a probability that can be forecast`(risk: Double) {
    #expect { _ = try Race(risk: risk) } throws: { error in
      guard case SearchError.invalidRisk = error else { return false }
      return true
    }
  }

  @Test(
    arguments: [Race.certain, try Race(risk: 0.01), try Race(risk: 0.01).findingLowestLoss],
    [0, 1, 15, 16, 33, 100])
  func `the parts of a race are all examples, each once`(race: Race, count: Int) throws {
    var generator = SplitMix64(seed: 1)
    let base = (0..<count).map { _ in
      let margin = Float(generator.nextGaussian())
      return Outcome(isSuccess: margin > 0, measure: Double(-margin), margin: margin)
    }
    let order = RaceOrder(of: base, race: race, isHigherBetter: false, seed: 1)
    #expect(order.parts.flatMap { $0 }.sorted() == Array(0..<count))
  }
}

@Suite struct CountDistributionTests {
  @Test func `independent examples give the binomial distribution`() {
    var distribution = CountDistribution()
    for _ in 0..<4 { distribution.add(0.5) }
    for (found, expected) in zip(distribution.probabilities, [1, 4, 6, 4, 1]) {
      #expect(abs(found - Double(expected) / 16) < 1e-15)
    }
  }

  @Test func `a rate of which nothing is known makes every number equally probable`() {
    for probability in CountDistribution.betaBinomial(count: 9, ones: 1, zeros: 1) {
      #expect(abs(probability - 0.1) < 1e-12)
    }
  }

  @Test func `two distributions add to that of the sum`() {
    var sum = CountDistribution([0.25, 0.75])
    sum.add([0.5, 0, 0.5])
    #expect(sum.probabilities == [0.125, 0.375, 0.125, 0.375])
  }
}
