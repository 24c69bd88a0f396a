internal import Numerics

/// Every edit of some sites on validation, like a ``Sweep``, but asked part by part and stopped when it will not win.
///
/// Each part goes through all sites, and what several parts or runs need is kept: decompositions here, the unedited model's
/// streams by the objective.
final class RacingSweep<SomeObjective: Objective> {
  let race: Race
  /// The model and what scores it; trials that were asked everything go to its journal.
  let runner: TrialRunner<SomeObjective>
  /// Where parts of trials are, and go.
  let journal: Journal<PartialTrial>
  private var kept: KeptVariants
  /// The unedited model.
  let base: Trial
  private let order: RaceOrder
  private let forecast: RaceForecast
  private let session: any ScoringSession<SomeObjective.Model>
  /// The best that arrived, which the others have to reach.
  private var best: Standing
  /// That with the lowest loss or the highest return.
  private var lowest: Trial
  /// What the races so far asked and spared; nil before the first.
  private(set) var summary: Race.Summary?
  /// The names of the edits that were asked everything, which are in the runner's journal.
  private(set) var finished: Set<String> = []

  /// Asks the unedited model everything, unless the journal has that.
  ///
  /// - Parameters:
  ///   - race: The rules.
  ///   - seed: Shuffles the examples where nothing better is known.
  ///   - runner: The model and what scores it.
  ///   - journal: Where parts of trials are, and go.
  ///   - memory: About how many bytes of decompositions may be kept.
  /// - Throws: `SearchError` and `RunError`, and the objective's errors.
  init(
    race: Race, seed: UInt64, runner: TrialRunner<SomeObjective>, journal: Journal<PartialTrial>,
    memory: Int = Race.memory
  ) throws {
    self.race = race
    self.runner = runner
    self.journal = journal
    kept = KeptVariants(memory: memory)
    let unedited = try Self.baseOutcomes(runner, journal)
    base = unedited.trial
    best = Standing(trial: base, removed: 0)
    lowest = base
    let isHigherBetter = runner.objective.secondaryMeasure != .loss
    order = RaceOrder(of: unedited.outcomes, race: race, isHigherBetter: isHigherBetter, seed: seed)
    forecast = RaceForecast(
      base: unedited.outcomes, isHigherBetter: isHigherBetter, evenlyAsked: order.evenlyAsked)
    session = runner.objective.session(
      asking: order.parts.map { $0.map { runner.split.validation[$0] } })
  }

  /// An edit on its way.
  private struct Racer {
    let step: Int
    let edit: Intervention
    var asked = RaceForecast.Asked() { didSet { outlook = nil } }
    var seconds = 0.0
    var state = State.running
    /// How many examples it was asked when it was stopped by this process or another; nil while it was not.
    var stoppedAfter: Int?
    private var outlook: RaceForecast.Outlook?

    enum State { case running, finished, stopped }

    init(step: Int, edit: Intervention) {
      self.step = step
      self.edit = edit
    }

    /// What it may become; forecast once for what it was asked.
    mutating func outlook(by forecast: RaceForecast) -> RaceForecast.Outlook {
      let outlook = outlook ?? forecast.outlook(after: asked)
      self.outlook = outlook
      return outlook
    }
  }

  /// Makes the models of a step.
  private typealias Variants = (Intervention) throws -> SomeObjective.Model

  /// What makes the models of the sites whose decomposition is kept.
  private struct KeptVariants {
    private var kept: [WeightSite: (variants: Variants, bytes: Int)] = [:]
    /// About how many more bytes of decompositions may be kept.
    private var spareMemory: Int

    init(memory: Int) { spareMemory = memory }

    /// What is kept of a site.
    subscript(site: WeightSite) -> Variants? { kept[site]?.variants }

    /// Keeps what makes a site's models, if there is memory for its decomposition beside those of the `needed` sites.
    mutating func keep(
      _ variants: @escaping Variants, of site: WeightSite, bytes: Int,
      beside needed: Set<WeightSite>
    ) {
      let others = kept.filter { !needed.contains($0.key) }
      guard bytes <= spareMemory + others.values.reduce(0, { $0 + $1.bytes }) else { return }
      for (other, old) in others where bytes > spareMemory {
        spareMemory += old.bytes
        kept[other] = nil
      }
      spareMemory -= bytes
      kept[site] = (variants, bytes)
    }
  }

  /// The edits on their way and the best of those that arrived.
  private struct Field {
    /// The sites with the edits of each.
    let steps: [SearchSpace.Step]
    var racers: [Racer]
    /// The best that arrived, which the others have to reach.
    private(set) var best: Standing
    /// That with the lowest loss or the highest return.
    private(set) var lowest: Trial

    init(
      steps: [SearchSpace.Step], racers: [Racer], best: Standing, lowest: Trial
    ) {
      self.steps = steps
      self.racers = racers
      self.best = best
      self.lowest = lowest
    }

    /// The sites with an edit on its way.
    var racingSites: Set<WeightSite> { Set(running.map { steps[racers[$0].step].site }) }

    var running: [Int] { racers.indices.filter { racers[$0].state == .running } }

    var bar: RaceForecast.Bar {
      RaceForecast.Bar(
        successes: best.trial.successFlags.count(where: \.self),
        measure: best.trial.values.reduce(0, +))
    }

    /// The sum of all measures of the trial with the lowest loss or the highest return.
    var lowestSum: Double { lowest.values.reduce(0, +) }

    mutating func arrive(_ standing: Standing) {
      if best < standing { best = standing }
      if standing.trial.measure.merit > lowest.measure.merit { lowest = standing.trial }
    }
  }

  /// Runs what the journals do not have yet.
  ///
  /// - Parameters:
  ///   - steps: The sites, lowest layer first, with the edits of each.
  ///   - progress: Called before the first edit and after every group of edits.
  /// - Throws: `InterventionError`, `SearchError` and `RunError`, and the objective's errors.
  func run(
    _ steps: [SearchSpace.Step], progress: @escaping (SearchProgress) -> Void
  ) throws {
    var field = Field(
      steps: steps,
      racers: steps.enumerated().flatMap { step, edits in
        edits.interventions.map { Racer(step: step, edit: $0) }
      }, best: best, lowest: lowest)
    // What a process has stopped stays stopped: in a share of the sites only what could not outdo the share's best.
    for index in field.racers.indices {
      let edit = Trial.name(of: [field.racers[index].edit])
      guard let line = journal[.init(edit: edit, part: PartialTrial.stopped)] else { continue }
      field.racers[index].state = .stopped
      field.racers[index].stoppedAfter = line.examples
    }
    var tracker = SearchProgress.Tracker(
      total: field.racers.count * forecast.base.count, unit: .answers, report: progress)
    tracker.begin(base: base, best: best.trial)
    let last = order.parts.count - 1
    for part in order.parts.indices {
      for (step, edits) in steps.enumerated() {
        let racing = field.running.filter { field.racers[$0].step == step }
        let made = try ask(racing, of: &field, parts: part..<part + 1)
        tracker.advance(
          past: edits.interventions.count * order.parts[part].count, made: made,
          of: edits.site.description, base: base, best: field.best.trial)
      }
      guard part < last else { break }
      try stopHopeless(of: &field)
      try finishPacemakers(of: &field, after: part)
      try stopHopeless(of: &field)
    }
    for index in field.running { try finish(index, of: &field) }
    (best, lowest) = (field.best, field.lowest)
    let here = summary(of: field.racers, examples: forecast.base.count)
    summary = summary.map { $0.joined(with: here) } ?? here
    finished.formUnion(
      field.racers.filter { $0.state == .finished }.map { Trial.name(of: [$0.edit]) })
  }

  private func summary(of racers: [Racer], examples: Int) -> Race.Summary {
    let stopped = racers.filter { $0.state == .stopped }
    let spared = stopped.reduce(0) { $0 + examples - ($1.stoppedAfter ?? $1.asked.places.count) }
    return Race.Summary(
      risk: race.risk, guarantee: race.guarantee, finished: racers.count - stopped.count,
      stopped: stopped.count, asked: 1 - Double(spared) / Double(max(1, racers.count * examples)),
      trials: RunFolder.raceFile)
  }

  /// The unedited model's outcomes with their margins, which the search's journal does not have.
  private static func baseOutcomes(
    _ runner: TrialRunner<SomeObjective>, _ journal: Journal<PartialTrial>
  ) throws -> (trial: Trial, outcomes: [Outcome]) {
    let examples = runner.split.validation
    let line = try lines(
      of: [[]], part: PartialTrial.whole, on: examples,
      // What it keeps goes before the race needs the memory.
      in: runner.objective.session(asking: []), runner, journal, making: { _ in runner.model }
    ).lines[0]
    let trial =
      try runner.journal.trial(of: [], on: .validation, examples: examples.count)
      ?? runner.record([], split: .validation, outcomes: line.outcomes, seconds: line.seconds)
    return (trial, line.outcomes)
  }

  /// Asks the most promising edits everything, so that the others have something to reach.
  private func finishPacemakers(of field: inout Field, after part: Int) throws {
    let pacemakers = pacemakers(of: &field)
    for step in Set(pacemakers.map { field.racers[$0].step }).sorted() {
      try ask(
        pacemakers.filter { field.racers[$0].step == step }, of: &field,
        parts: part + 1..<order.parts.count)
    }
    for index in pacemakers { try finish(index, of: &field) }
  }

  /// The trials that are expected to have the most successes, or with two winners, those that are expected to become one.
  private func pacemakers(of field: inout Field) -> [Int] {
    let expected = field.running.map { index in
      (field.racers[index].outlook(by: forecast).expected, index)
    }
    let byScore = expected.sorted { ($1.0, $0.1) < ($0.0, $1.1) }
    guard race.findsLowestLoss else {
      return byScore.prefix(Race.pacemakers).map(\.1).sorted()
    }
    let merits = field.running.compactMap { index in
      field.racers[index].outlook(by: forecast).total.map { ($0.merit, index) }
    }
    let byMerit = merits.max { ($0.0, $1.1) < ($1.0, $0.1) }
    // A short list would be finished by its pacemakers: one that is to stay behind sets no bar.
    let leaders = [
      byScore.first.flatMap { $0.0 > Double(field.bar.successes) ? $0.1 : nil },
      byMerit.flatMap { $0.0 > forecast.merit(of: field.lowestSum) ? $0.1 : nil },
    ]
    return Set(leaders.compactMap(\.self)).sorted()
  }

  /// Asks edits of one site some parts.
  ///
  /// - Returns: How many answers were not in the journal.
  @discardableResult private func ask(
    _ indices: [Int], of field: inout Field, parts: Range<Int>
  ) throws -> Int {
    guard let first = indices.first else { return 0 }
    var made = 0
    // Made when the journal lacks an answer, and once for all of these parts.
    var variants: Variants?
    for part in parts {
      let places = order.parts[part]
      let (lines, missing) = try Self.lines(
        of: indices.map { [field.racers[$0].edit] }, part: String(part + 1),
        on: places.map { runner.split.validation[$0] }, in: session, runner, journal
      ) { edits in
        guard let edit = edits.first else { return runner.model }
        let known = try variants ?? self.variants(of: field.racers[first].step, in: field)
        variants = known
        return try known(edit)
      }
      made += missing * places.count
      for (index, line) in zip(indices, lines) {
        field.racers[index].asked.places += places
        field.racers[index].asked.outcomes += line.outcomes
        field.racers[index].seconds += line.seconds
      }
    }
    return made
  }

  /// What makes the models of a step, kept where there is memory for its decomposition.
  private func variants(of step: Int, in field: Field) throws -> Variants {
    let site = field.steps[step].site
    if let known = kept[site] { return known }
    let variants = runner.variants(of: runner.model, at: site)
    let sites = try runner.model.sites(of: Intervention(at: site, method: .zero))
    // The matrices, and what their components are made of.
    let bytes = sites.reduce(0) { bytes, site in
      let weight = runner.model.weight(at: site)
      let (rows, columns) = (weight.rows, weight.columns)
      return bytes + 4 * (rows * columns + (rows + columns) * min(rows, columns))
    }
    kept.keep(variants, of: site, bytes: bytes, beside: field.racingSites)
    return variants
  }

  /// What several models make of some examples, as the journal has it, into which the rest goes first: a race that was
  /// killed then goes on from the same numbers.
  ///
  /// - Returns: The outcomes of every model with the time it took, and how many models the journal lacked.
  private static func lines(
    of candidates: [[Intervention]], part: String, on examples: [Int],
    in session: any ScoringSession<SomeObjective.Model>, _ runner: TrialRunner<SomeObjective>,
    _ journal: Journal<PartialTrial>,
    making edited: ([Intervention]) throws -> SomeObjective.Model
  ) throws -> (lines: [(outcomes: [Outcome], seconds: Double)], missing: Int) {
    let keys = candidates.map { PartialTrial.Key(edit: Trial.name(of: $0), part: part) }
    let missing = keys.indices.filter { journal[keys[$0]] == nil }
    try runner.ask(missing.map { candidates[$0] }, on: examples, in: session, making: edited) {
      try journal.record(
        PartialTrial(
          edit: keys[missing[$0]].edit, part: part, outcomes: $1.outcomes, seconds: $1.seconds))
    }
    let lines = try keys.map { key in
      let line = journal[key]
      guard let line, let outcomes = line.outcomes(count: examples.count) else {
        throw RunError.foreignTrial(
          path: journal.path, edit: key.edit, expected: examples.count,
          found: line.map { min($0.values.count, $0.successes.utf8.count) } ?? 0)
      }
      return (outcomes, line.seconds)
    }
    return (lines, missing.count)
  }

  /// A trial that was asked everything goes to the search's journal.
  private func finish(_ index: Int, of field: inout Field) throws {
    let racer = field.racers[index]
    field.racers[index].state = .finished
    let known = try runner.journal.trial(
      of: [racer.edit], on: .validation, examples: racer.asked.places.count)
    let outcomes = zip(racer.asked.places, racer.asked.outcomes).sorted { $0.0 < $1.0 }.map(\.1)
    let trial =
      try known
      ?? runner.record(
        [racer.edit], split: .validation, outcomes: outcomes, seconds: racer.seconds)
    field.arrive(try runner.standing(of: trial))
  }

  /// Stops the trials that cannot reach the best, or whose chance is below the race's risk; with two winners, the chance of
  /// becoming either.
  private func stopHopeless(of field: inout Field) throws {
    let (bar, lowestSum) = (field.bar, field.lowestSum)
    for index in field.running {
      let racer = field.racers[index]
      let atMost = racer.asked.successes + forecast.base.count - racer.asked.places.count
      var chance = atMost < bar.successes ? 0 : 1.0
      var lossChance: Double?
      if race.risk > 0 {
        let outlook = field.racers[index].outlook(by: forecast)
        chance = forecast.chance(of: outlook, reaching: bar)
        if race.findsLowestLoss {
          lossChance = forecast.chance(of: outlook, reachingMeasure: lowestSum)
        }
      }
      let highest = max(chance, lossChance ?? 0)
      guard highest == 0 || highest < race.risk else { continue }
      field.racers[index].state = .stopped
      let edit = Trial.name(of: [racer.edit])
      guard journal[.init(edit: edit, part: PartialTrial.stopped)] == nil else { continue }
      try journal.record(
        PartialTrial(
          edit: edit, asked: racer.asked.places.count,
          stop: .init(
            successes: racer.asked.successes, atMost: atMost, bar: bar.successes, chance: chance,
            lossChance: lossChance)))
    }
  }
}
