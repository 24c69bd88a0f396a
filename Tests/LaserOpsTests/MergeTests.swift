import Foundation
import Synchronization
import Testing

@testable import LaserOps

/// What puts the trials of several processes together.
@Suite struct MergeTests {
  private let model = ToyModel()
  private let toy = RunIdentity(model: "toy")

  private func search(
    _ space: SearchSpace, _ options: InterventionSearch<ToyObjective>.Options
  ) throws -> InterventionSearch<ToyObjective> {
    InterventionSearch(
      model: model,
      objective: ToyObjective(target: try model.applying(Intervention.list(parsing: "Uout:1:0.5"))),
      split: try DataSplit(exampleCount: 20), space: space, options: options)
  }

  @Test func `ranks that a rule has found are not looked for again, and others are`() throws {
    let space = SearchSpace.aboveNoise()
    let found = try space.steps(for: model)
    // No rule finds these: what is taken is what is known.
    let known = try Intervention.list(parsing: "Uin:0:0.99,Uout:1:0.98")
    let steps = try space.steps(
      for: model, known: ["Uin:0": known[0], "Uout:1": known[1], "Uin:7": known[0]])
    #expect(steps.map(\.site) == found.map(\.site))
    #expect(steps[0].interventions == [known[0]] && steps[3].interventions == [known[1]])
    #expect(Array(steps[1...2]) == Array(found[1...2]))
    // Of a grid of fractions nothing is taken.
    let grid = try SearchSpace(fractions: [0.5])
    #expect(try grid.steps(for: model, known: ["Uin:0": known[0]]) == grid.steps(for: model))
  }

  @Test func `shares of a rule for ranks give the bytes of one process`() throws {
    try withTemporaryFolder { url in
      let space = SearchSpace.aboveNoise()
      let (whole, shared) = (
        RunFolder(url.appending(path: "w")), RunFolder(url.appending(path: "s"))
      )
      _ = try whole.run(search(space, .init()), of: toy)
      for index in 0..<3 {
        _ = try shared.run(search(space, .init(shard: Shard(index: index, of: 3))), of: toy)
      }
      let merging = try search(space, .init(merges: 3))
      _ = try shared.run(merging, of: toy)
      #expect(try Data(contentsOf: shared.result) == Data(contentsOf: whole.result))
    }
  }

  @Test func `merges at the same time share a composition's trials and give the bytes of one`()
    throws
  {
    try withTemporaryFolder { url in
      let space = try SearchSpace(fractions: [0.75, 0.5, 0.25, 0.1])
      let (whole, shared) = (
        RunFolder(url.appending(path: "w")), RunFolder(url.appending(path: "s"))
      )
      _ = try whole.run(search(space, .init(composes: true)), of: toy)
      for index in 0..<2 {
        _ = try shared.run(
          search(space, .init(composes: true, shard: Shard(index: index, of: 2))), of: toy)
      }
      let mergers = try (0..<3).map {
        try search(space, .init(composes: true, merges: 2, merger: Shard(index: $0, of: 3)))
      }
      // The first makes the result.
      #expect(
        inThreads(3) { try? shared.run(mergers[$0], of: toy) != nil } == [true, false, false])
      #expect(try Data(contentsOf: shared.result) == Data(contentsOf: whole.result))
    }
  }

  @Test func `of merges at the same time each tries its own edits and reads the others'`() throws {
    try withTemporaryFolder { url in
      let search = try search(SearchSpace(fractions: [0.5]), .init())
      let folder = RunFolder(url)
      let edits = try (1...9).map { try Intervention.list(parsing: "Uin:0:0.\($0)") }
      let failures = inThreads(3) { index -> String? in
        do {
          let journal: Journal<Trial> = try folder.open(for: RunHeader(toy), isShared: true)
          let runner = TrialRunner(
            model: model, objective: search.objective, split: search.split, journal: journal)
          let trials = try MergeTeam(Shard(index: index, of: 3), delay: 60).trials(
            of: edits, by: runner, making: model.applying)
          return trials.map(\.edit) == edits.map { Trial.name(of: $0) } ? nil : "other trials"
        } catch {
          return "\(error)"
        }
      }
      #expect(failures == [nil, nil, nil])
      // Nothing was tried twice, and everybody has tried something.
      #expect(search.objective.scored.withLock { $0 } == 9)
      #expect(try folder.read(as: Trial.self).headers.count == 3)
      #expect(try folder.read(as: Trial.self).lines.count == 9)
    }
  }

  /// What `body` makes of the numbers below `count`, each in a thread of its own: these wait for each other, and a pool may
  /// run them one after the other.
  private func inThreads<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) -> Result?
  ) -> [Result?] {
    let results = Mutex([Result?](repeating: nil, count: count))
    let group = DispatchGroup()
    for index in 0..<count {
      group.enter()
      Thread {
        let result = body(index)
        results.withLock { $0[index] = result }
        group.leave()
      }.start()
    }
    group.wait()
    return results.withLock(\.self)
  }

  @Test func `a merge that waits for others in vain tries their edits`() throws {
    let search = try search(SearchSpace(fractions: [0.5]), .init())
    let runner = TrialRunner(
      model: model, objective: search.objective, split: search.split, journal: Journal())
    let edits = try ["Uin:0:0.5", "Uin:0:0.25", "Uout:1:0.5", "Uout:1:0.1"].map {
      try Intervention.list(parsing: $0)
    }
    let team = MergeTeam(try Shard(index: 1, of: 3), delay: 0.01)
    var groups: [[String]] = []
    let trials = try team.trials(of: edits, by: runner, making: model.applying) { edits, made in
      #expect(made == edits.count)
      groups.append(edits.map { Trial.name(of: $0) })
    }
    #expect(trials.map(\.edit) == edits.map { Trial.name(of: $0) })
    #expect(groups.first == ["Uin:0:0.25"] && groups.joined().count == 4)
  }

  @Test(arguments: [["a", "a"], ["a", "b"]])
  func `after processors that round differently base and winner are asked once more`(
    kernels: [String]
  ) throws {
    try withTemporaryFolder { url in
      let space = try SearchSpace(fractions: [0.75, 0.5, 0.25])
      let folder = RunFolder(url)
      for index in 0..<2 {
        _ = try folder.run(
          search(space, .init(shard: Shard(index: index, of: 2))), of: toy,
          from: RunProvenance(kernel: kernels[index]))
      }
      let merging = try search(space, .init(merges: 2))
      let result = try folder.run(merging, of: toy, from: RunProvenance(kernel: "c"))
      // Both on the test part, and where the shares differ on validation too.
      let isMixed = kernels[0] != kernels[1]
      #expect(merging.objective.scored.withLock { $0 } == (isMixed ? 4 : 2))
      #expect(result?.best.edit == "Uout:1:0.5")
    }
  }

  @Test func `lines of a process whose file was gathered by another go into a new one`() throws {
    try withTemporaryFolder { url in
      func trial(_ edit: String) throws -> Trial {
        Trial(
          try Intervention.list(parsing: edit), split: .validation,
          outcomes: [Outcome(isSuccess: true, measure: 0)], measure: .loss, seconds: 0)
      }
      let folder = RunFolder(url)
      let header = RunHeader(toy)
      let first: Journal<Trial> = try folder.open(for: header, isShared: true)
      let second: Journal<Trial> = try folder.open(for: header, isShared: true)
      try first.record(trial("Uin:0:0.5"))
      try second.record(trial("Uin:0:0.25"))
      // Everything disappears, as if what both had written last had not been seen.
      for name in try FileManager.default.contentsOfDirectory(atPath: url.path) {
        try FileManager.default.removeItem(at: url.appending(path: name))
      }
      try first.record(trial("Uin:1:0.5"))
      try second.record(trial("Uin:1:0.25"))
      try first.record(trial("Uout:1:0.5"))
      let (headers, lines) = try folder.read(as: Trial.self)
      #expect(headers.count == 2)
      #expect(
        Set(lines.map(\.edit)) == [
          "Uin:0:0.5", "Uin:0:0.25", "Uin:1:0.5", "Uin:1:0.25", "Uout:1:0.5",
        ])
    }
  }
}
