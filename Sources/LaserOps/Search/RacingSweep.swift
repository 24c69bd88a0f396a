/// Every edit of some sites on validation, like a ``Sweep``, but asked part by part and stopped when it will not win.
struct RacingSweep<Task: Objective> {
  /// The sites, lowest layer first, with the edits of each.
  let steps: [SearchSpace.Step]
  let race: Race
  /// Shuffles the examples where nothing better is known.
  let seed: UInt64
  /// The model and what scores it; trials that were asked everything go to its journal.
  let runner: TrialRunner<Task>
  /// Where parts of trials are, and go.
  let journal: Journal<PartialTrial>

  /// What a race found.
  struct Tried {
    /// The unedited model.
    let base: Trial
    /// The best of all that were asked everything, the unedited model among them.
    let best: Trial
    let summary: Race.Summary
  }

  /// An edit on its way.
  private struct Racer {
    let step: Int
    let edit: Intervention
    var asked = RaceForecast.Asked()
    var seconds = 0.0
    var state = State.running

    enum State { case running, finished, stopped }
  }

  /// Runs what the journals do not have yet.
  ///
  /// - Throws: ``InterventionError`` and ``SearchError``, and the objective's errors.
  func run(progress: @escaping (SearchProgress) -> Void) throws -> Tried {
    let examples = runner.split.validation
    let base = try baseOutcomes(on: examples)
    let order = RaceOrder(
      of: base.outcomes, race: race, isHigherBetter: isHigherBetter, seed: seed)
    let forecast = RaceForecast(base: base.outcomes, isHigherBetter: isHigherBetter)
    let edits = steps.reduce(0) { $0 + $1.interventions.count }
    var tracker = SearchProgress.Tracker(
      total: edits * order.parts.count, report: progress)
    tracker.begin(base: base.trial)
    var best = Standing(trial: base.trial, removed: 0)
    var racers = try self.racers()
    for index in racers.indices where racers[index].state == .finished {
      guard let trial = try finishedTrial(of: racers[index].edit) else { continue }
      best = max(best, try runner.standing(of: trial))
    }
    for part in order.parts.indices {
      for step in steps.indices {
        let racing = racers.indices.filter {
          racers[$0].step == step && racers[$0].state == .running
        }
        let made = try ask(racing, of: &racers, parts: part...part, in: order)
        tracker.advance(
          past: steps[step].interventions.count, made: made, of: steps[step].site.description,
          base: base.trial, best: best.trial)
      }
      let isLast = part == order.parts.count - 1
      if !isLast {
        try stopHopeless(&racers, forecast: forecast, bar: bar(best))
      }
      var racing = racers.indices.filter { racers[$0].state == .running }
      if !isLast {
        let expected = racing.map {
          forecast.chance(of: racers[$0].asked, reaching: bar(best)).expected
        }
        racing = zip(expected, racing).sorted { ($1.0, $0.1) < ($0.0, $1.1) }
          .prefix(Race.pacemakers).map(\.1).sorted()
        for step in Set(racing.map { racers[$0].step }).sorted() {
          try ask(
            racing.filter { racers[$0].step == step }, of: &racers,
            parts: part + 1...order.parts.count - 1, in: order)
        }
      }
      for index in racing {
        best = max(best, try runner.standing(of: finish(&racers[index])))
      }
      if !isLast { try stopHopeless(&racers, forecast: forecast, bar: bar(best)) }
    }
    let stopped = racers.count { $0.state == .stopped }
    let answers = racers.reduce(0) {
      $0 + ($1.state == .stopped ? $1.asked.places.count : examples.count)
    }
    return Tried(
      base: base.trial, best: best.trial,
      summary: Race.Summary(
        risk: race.risk, guarantee: race.guarantee, finished: racers.count - stopped,
        stopped: stopped, asked: Double(answers) / Double(max(1, racers.count * examples.count)),
        trials: SearchFolder.raceFile))
  }

  private var isHigherBetter: Bool { runner.objective.secondaryMeasure != .loss }

  /// All edits; those that an earlier search has asked everything are finished already.
  private func racers() throws -> [Racer] {
    try steps.enumerated().flatMap { step, edits in
      try edits.interventions.map { edit in
        var racer = Racer(step: step, edit: edit)
        if journal[.init(edit: Trial.name(of: [edit]), parts: "1")] == nil,
          try finishedTrial(of: edit) != nil
        {
          racer.state = .finished
        }
        return racer
      }
    }
  }

  private func finishedTrial(of edit: Intervention) throws -> Trial? {
    try runner.journal.trial(
      of: [edit], on: .validation, examples: runner.split.validation.count)
  }

  /// The unedited model's outcomes with their margins, which the search's journal does not have.
  private func baseOutcomes(on examples: [Int]) throws -> (trial: Trial, outcomes: [Outcome]) {
    let line = try lines(
      of: [[]], parts: "all", on: examples, making: { _ in runner.model })[0]
    let trial =
      try runner.journal.trial(of: [], on: .validation, examples: examples.count)
      ?? runner.record([], split: .validation, outcomes: line.outcomes, seconds: line.seconds)
    return (trial, line.outcomes)
  }

  /// Asks edits of one site some of the parts.
  ///
  /// - Returns: How many of them were not in the journal.
  @discardableResult private func ask(
    _ indices: [Int], of racers: inout [Racer], parts: ClosedRange<Int>, in order: RaceOrder
  ) throws -> Int {
    guard let first = indices.first else { return 0 }
    let places = order.parts[parts].flatMap { $0 }
    let name =
      parts.count == 1
      ? "\(parts.lowerBound + 1)" : "\(parts.lowerBound + 1)-\(parts.upperBound + 1)"
    let missing = indices.count {
      journal[.init(edit: Trial.name(of: [racers[$0].edit]), parts: name)] == nil
    }
    let variant = runner.variants(of: runner.model, at: steps[racers[first].step].site)
    let lines = try lines(
      of: indices.map { [racers[$0].edit] }, parts: name,
      on: places.map { runner.split.validation[$0] },
      making: { [model = runner.model] edits in try edits.first.map(variant) ?? model })
    for (index, line) in zip(indices, lines) {
      racers[index].asked.places += places
      racers[index].asked.outcomes += line.outcomes
      racers[index].seconds += line.seconds
    }
    return missing
  }

  /// What several models make of some examples, from the journal where it has it.
  private func lines(
    of candidates: [[Intervention]], parts: String, on examples: [Int],
    making edited: ([Intervention]) throws -> Task.Model
  ) throws -> [(outcomes: [Outcome], seconds: Double)] {
    var found = try candidates.map { edits -> (outcomes: [Outcome], seconds: Double)? in
      let edit = Trial.name(of: edits)
      guard let line = journal[.init(edit: edit, parts: parts)] else { return nil }
      guard let outcomes = line.outcomes(count: examples.count) else {
        throw SearchError.foreignTrial(
          path: journal.path, edit: edit, expected: examples.count, found: line.values.count)
      }
      return (outcomes, line.seconds)
    }
    let missing = found.indices.filter { found[$0] == nil }
    if !missing.isEmpty {
      let asked = try runner.outcomes(
        of: missing.map { candidates[$0] }, on: examples, making: edited)
      for (index, outcomes) in zip(missing, asked.outcomes) {
        try journal.record(
          PartialTrial(
            edit: Trial.name(of: candidates[index]), parts: parts, outcomes: outcomes,
            seconds: asked.seconds))
        found[index] = (outcomes, asked.seconds)
      }
    }
    return found.compactMap(\.self)
  }

  /// A trial that was asked everything goes to the search's journal.
  private func finish(_ racer: inout Racer) throws -> Trial {
    racer.state = .finished
    if let trial = try finishedTrial(of: racer.edit) { return trial }
    let outcomes = zip(racer.asked.places, racer.asked.outcomes).sorted { $0.0 < $1.0 }.map(\.1)
    return try runner.record(
      [racer.edit], split: .validation, outcomes: outcomes, seconds: racer.seconds)
  }

  private func bar(_ best: Standing) -> RaceForecast.Bar {
    RaceForecast.Bar(
      successes: best.trial.successFlags.count(where: \.self),
      measure: best.trial.values.reduce(0) { $0 + Double($1) })
  }

  /// Stops the trials that cannot reach `bar`, or whose chance is below the race's risk.
  private func stopHopeless(
    _ racers: inout [Racer], forecast: RaceForecast, bar: RaceForecast.Bar
  ) throws {
    for index in racers.indices where racers[index].state == .running {
      let asked = racers[index].asked
      let atMost = asked.successes + forecast.base.count - asked.places.count
      var chance = atMost < bar.successes ? 0 : 1.0
      if chance > 0, race.risk > 0 { chance = forecast.chance(of: asked, reaching: bar).chance }
      guard chance == 0 || chance < race.risk else { continue }
      racers[index].state = .stopped
      let edit = Trial.name(of: [racers[index].edit])
      guard journal[.init(edit: edit, parts: PartialTrial.stopped)] == nil else { continue }
      try journal.record(
        PartialTrial(
          edit: edit, asked: asked.places.count,
          stop: .init(
            successes: asked.successes, atMost: atMost, bar: bar.successes, chance: chance)))
    }
  }
}
