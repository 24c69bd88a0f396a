import Foundation
import Synchronization
import Testing

@testable import LaserOps

/// A search of several processes on one folder.
@Suite struct ShareTests {
  private let model = ToyModel()
  private let toy = RunIdentity(model: "toy")

  private func search(
    _ options: InterventionSearch<ToyObjective>.Options, limit: Int = .max,
    space: SearchSpace? = nil
  ) throws -> InterventionSearch<ToyObjective> {
    InterventionSearch(
      model: model,
      objective: ToyObjective(
        target: try model.applying(Intervention.list(parsing: "Uout:1:0.5,Uin:0:0.25")),
        candidateLimit: limit),
      split: try DataSplit(exampleCount: 20),
      space: try space ?? SearchSpace(fractions: [0.75, 0.5, 0.25]), options: options)
  }

  private func share(
    _ index: Int, of count: Int, in folder: RunFolder, limit: Int = .max
  ) throws -> Int {
    let part = try search(.init(shard: Shard(index: index, of: count)), limit: limit)
    let result = try folder.run(part, of: toy)
    #expect(result == nil)
    return part.objective.scored.withLock { $0 }
  }

  private func merge(
    _ count: Int, in folder: RunFolder, composes: Bool = false, fills: Bool = false
  ) throws -> Data {
    _ = try folder.run(
      search(.init(composes: composes, merges: count, fills: fills)), of: toy)
    return try Data(contentsOf: folder.result)
  }

  @Test(arguments: [2, 3, 4, 7]) func `shares on one folder give the bytes of one process`(
    count: Int
  ) throws {
    try withTemporaryFolder { url in
      let whole = RunFolder(url.appending(path: "whole"))
      _ = try whole.run(search(.init(composes: true)), of: toy)
      let folder = RunFolder(url.appending(path: "shared"))
      // In any order, and one of them twice as after a requeue; only the first share asks the unedited model.
      var asked = 0
      for index in (0..<count).reversed() { asked += try share(index, of: count, in: folder) }
      #expect(asked == 13)
      #expect(try share(0, of: count, in: folder) == 0)
      #expect(try merge(count, in: folder, composes: true) == Data(contentsOf: whole.result))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      #expect(names.sorted() == ["journal.jsonl", "result.json"])
    }
  }

  @Test func `a share that is not finished is named, and filled on request`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      for index in [0, 1, 3] { _ = try share(index, of: 4, in: folder) }
      let edits = ["Uin:1:0.75", "Uin:1:0.5", "Uin:1:0.25"]
      let error = RunError.missing([MissingShare(share: 2, total: 3, missing: edits)])
      #expect(throws: error) { _ = try merge(4, in: folder) }
      #expect(error.isPassing)
      #expect(error.description.contains("share 2 lacks 3 of 3 edits (Uin:1:0.75"))
      let status = try RunStatus(of: folder)
      #expect(status.done == 9 && status.missing == 3 && !status.isFinished)
      #expect(status.shares.map(\.done) == [3, 3, 0, 3])
      #expect(status.shares[2].lastLine == nil && (status.secondsLeft ?? -1) >= 0)
      #expect(try !merge(4, in: folder, fills: true).isEmpty)
      #expect(try RunStatus(of: folder).missing == 0)
      #expect(try RunStatus(of: folder).isFinished)
    }
  }

  @Test func `another number of shares or another grid is refused midway`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      _ = try share(0, of: 4, in: folder)
      #expect(
        throws: RunError.foreignJournal(
          path: folder.journal.path, key: "shards", expected: "8", found: "4")
      ) { _ = try share(0, of: 8, in: folder) }
      let other = InterventionSearch(
        model: model, objective: ToyObjective(target: model),
        split: try DataSplit(exampleCount: 20),
        space: try SearchSpace(fractions: [0.5]), options: .init(shard: try Shard(index: 1, of: 4)))
      #expect(
        throws: RunError.foreignJournal(
          path: folder.journal.path, key: "grid.fractions", expected: "0.5", found: "0.75,0.5,0.25")
      ) { _ = try folder.run(other, of: toy) }
    }
  }

  @Test func `shares of a rule for ranks are refused where another grid has been`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      _ = try folder.run(search(.init()), of: toy)
      let part = try search(.init(shard: Shard(index: 0, of: 2)), space: SearchSpace.aboveNoise())
      #expect(
        throws: RunError.foreignJournal(
          path: folder.journal.path, key: "grid.fractions", expected: "(none)",
          found: "0.75,0.5,0.25")
      ) { _ = try folder.run(part, of: toy) }
    }
  }

  @Test func `a search is not finished whose folder has the result of an earlier grid`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      _ = try folder.run(search(.init(), space: SearchSpace(fractions: [0.5])), of: toy)
      #expect(try RunStatus(of: folder).isFinished)
      _ = try share(0, of: 2, in: folder)
      let status = try RunStatus(of: folder)
      #expect(status.missing > 0 && !status.isFinished && status.hasEarlierResult)
    }
  }

  @Test(arguments: [0.0, 0.05]) func `a race over shares finds the winner of one process`(
    risk: Double
  ) throws {
    for seed in 0..<6 as Range<UInt64> {
      try withTemporaryFolder { url in
        func run(_ options: InterventionSearch<TableObjective>.Options) throws -> SearchResult? {
          var options = options
          options.race = try Race(risk: risk)
          options.seed = seed
          return try RunFolder(
            url.appending(path: options.merges ?? options.shard.count > 1 ? "s" : "w")
          )
          .run(
            InterventionSearch(
              model: model, objective: TableObjective(seed: seed),
              split: try DataSplit(exampleCount: 200, validationShare: 0.5),
              space: try SearchSpace(fractions: [0.9, 0.75, 0.5, 0.25, 0.1]), options: options),
            of: toy)
        }
        let whole = try #require(try run(.init()))
        for index in 0..<4 {
          #expect(try run(.init(shard: Shard(index: index, of: 4))) == nil)
        }
        let merged = try #require(try run(.init(merges: 4)))
        if risk == 0 { #expect(merged.best == whole.best) }
        #expect(merged.best.validation.score >= whole.best.validation.score || risk > 0)
        #expect(merged.trialCount == whole.trialCount)
      }
    }
  }

  @Test func `what takes long is recorded one by one, what is quick together`() throws {
    for (seconds, kept) in [(50.0, 2), (0.01, 0)] {
      let journal = Journal<Trial>()
      try journal.record(
        Trial(
          [], split: .validation,
          outcomes: (0..<4).map { _ in Outcome(isSuccess: true, measure: 1) },
          measure: .loss, seconds: seconds))
      let search = try search(.init(), limit: 2)
      #expect(throws: ToyObjective.Interrupted.self) {
        try TrialRunner(
          model: model, objective: search.objective, split: search.split, journal: journal
        ).trials(
          of: search.space.steps(for: model)[0].interventions.map { [$0] }, on: .validation,
          making: model.applying)
      }
      // At most a minute's work is lost: of 50 seconds a trial not one that was finished.
      #expect(journal.count - 1 >= min(kept, 1))
    }
  }

  /// Of 60 sites of a model whose edits take longer the lower their layer is.
  @Test(arguments: [2, 4, 7, 8, 16, 30]) func `shares are even`(count: Int) {
    var work = [Double](repeating: 0, count: count)
    for site in 0..<60 { work[Shard.index(of: site, among: count)] += 1 - Double(site / 2) / 30 }
    let mean = work.reduce(0, +) / Double(count)
    #expect((work.max() ?? 0) <= 1.05 * mean, "\(work)")
  }

  @Test func `a rule for ranks decomposes only what a share needs`() throws {
    let space = SearchSpace.aboveNoise()
    let all = try space.steps(for: model)
    let parts = try (0..<2).map { try space.steps(for: model, of: Shard(index: $0, of: 2)) }
    #expect(parts.map(\.count) == [2, 2])
    #expect(Set(parts.joined().map(\.site)) == Set(all.map(\.site)))
  }
}
