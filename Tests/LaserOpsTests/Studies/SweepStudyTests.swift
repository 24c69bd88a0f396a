import Reports
import Foundation
import LaserOps
import Synchronization
import Testing

@Suite struct SweepStudyTests {
  let model = ToyModel()
  private let layers = RunHeader(RunIdentity(kind: .study(.layers)))

  func study(
    _ target: String = "Uout:1:0.5", part: DataSplit.Part = .validation, shard: Shard = .whole,
    limit: Int = .max, method: SearchSpace.Method = .rank
  ) throws -> SweepStudy<ToyObjective> {
    SweepStudy(
      .layers, of: model,
      objective: ToyObjective(
        target: try model.applying(Intervention.list(parsing: target)), candidateLimit: limit),
      split: try DataSplit(exampleCount: 20), part: part,
      space: try SearchSpace(fractions: [0.75, 0.5, 0.25], method: method), shard: shard)
  }

  @Test func `a study's figures are those of a search for the same edits`() throws {
    let study = try study()
    let result = try #require(try study.run(journal: Journal()))
    let journal = Journal<Trial>()
    _ = try InterventionSearch(
      model: model, objective: study.objective, split: study.split, space: study.space
    ).run(journal: journal)
    #expect(result.points.count == 12)
    for point in result.points {
      let edits = try Intervention.list(parsing: point.edit)
      let trial = try #require(journal.trial(of: edits, on: .validation))
      #expect(point.score.score == trial.score)
      #expect(point.score.measure == trial.measure)
      #expect(point.layer == model.weightSites.first { point.edit.contains("\($0):") }?.layer)
    }
    #expect(result.sorted.first?.edit == "Uout:1:0.5")
    #expect(result.points.first.map { [$0.removed, Double($0.rank ?? -1)] } == [0.25, 3])
  }

  @Test func `all examples are scored where nothing is to be picked`() throws {
    let result = try #require(try study(part: .all).run(journal: Journal()))
    #expect(result.base.examples == 20)
    #expect(result.part == .all)
  }

  @Test(arguments: [0, 1, 4, 9]) func `a study killed and started again has the same bytes`(
    survivors: Int
  ) throws {
    try withTemporaryFolder { folder in
      func run(_ study: SweepStudy<ToyObjective>, in name: String) throws -> Data {
        let target = RunFolder(folder.appending(path: name))
        let journal: Journal<Trial> = try target.open(for: layers)
        try target.write(study.run(journal: journal), command: "laser")
        return try Data(contentsOf: target.result)
      }
      let whole = try run(study(), in: "whole")
      #expect(throws: ToyObjective.Interrupted.self) {
        _ = try run(study(limit: survivors), in: "killed")
      }
      #expect(try run(study(), in: "killed") == whole)
    }
  }

  @Test func `journals of two shards, concatenated, leave nothing to be done`() throws {
    try withTemporaryFolder { folder in
      var merged = Data()
      for index in 0..<2 {
        let target = RunFolder(folder.appending(path: "\(index)"))
        let journal: Journal<Trial> = try target.open(for: layers)
        #expect(try study(shard: Shard(index: index, of: 2)).run(journal: journal) == nil)
        merged += try Data(contentsOf: target.journal)
      }
      let last = RunFolder(folder.appending(path: "merged"))
      try FileManager.default.createDirectory(at: last.url, withIntermediateDirectories: true)
      try merged.write(to: last.journal)
      let study = try study()
      let result = try study.run(
        journal: try last.open(for: layers))
      #expect(result?.points.count == 12)
      #expect(study.objective.scored.withLock { $0 } == 0)
    }
  }

  @Test
  func `a larger study that was interrupted beside the result of a smaller one is not finished`()
    throws
  {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      func run(
        _ fractions: [Double], on part: DataSplit.Part = .validation, limit: Int = .max
      ) throws {
        let study = SweepStudy(
          .layers, of: model, objective: ToyObjective(target: model, candidateLimit: limit),
          split: try DataSplit(exampleCount: 20), part: part,
          space: try SearchSpace(fractions: fractions))
        var identity = RunIdentity(kind: .study(.layers))
        identity.grid = try study.space.identity(for: model)
        let journal: Journal<Trial> = try folder.open(for: RunHeader(identity))
        try folder.write(study.run(journal: journal), command: "laser")
      }
      try run([0.5])
      #expect(try !folder.hasUnfinishedStudy)
      #expect(throws: ToyObjective.Interrupted.self) { try run([0.5, 0.25], limit: 2) }
      #expect(try folder.hasUnfinishedStudy)
      try run([0.5, 0.25])
      #expect(try !folder.hasUnfinishedStudy)
      // The same edits on other examples.
      #expect(throws: ToyObjective.Interrupted.self) { try run([0.5, 0.25], on: .test, limit: 2) }
      #expect(try folder.hasUnfinishedStudy)
    }
  }

  @Test func `the folder of another study is refused with both names`() throws {
    try withTemporaryFolder { folder in
      let target = RunFolder(folder)
      let first: Journal<Trial> = try target.open(for: layers)
      #expect(first.count == 0)
      #expect(try target.header?.identity.study == .layers)
      #expect(
        throws: RunError.foreignJournal(
          path: target.journal.path, key: "kind", expected: "depth", found: "layers")
      ) {
        let _: Journal<Trial> = try target.open(
          for: RunHeader(RunIdentity(kind: .study(.depth))))
      }
      #expect(throws: RunError.noResult(folder: folder.path)) {
        try target.finished(as: SweepResult.self)
      }
    }
  }

  @Test func `amounts removed stay decimal, whatever the method`() throws {
    #expect(
      SearchSpace.fractions(removing: [0.1, 0.9975, 1], by: .rank) == [0.9, 0.0025, 0])
    #expect(SearchSpace.fractions(removing: [0.1], by: .prune) == [0.1])
    let pruned = try #require(
      try study(method: .prune).run(journal: Journal()))
    #expect(pruned.points.prefix(3).map(\.removed) == [0.75, 0.5, 0.25])
    #expect(pruned.points.allSatisfy { $0.rank == nil })
  }

  @Test func `the rank of a rule is one line a kind, and the result names the rule`() throws {
    let result = try #require(
      try SweepStudy(
        .layers, of: model, objective: ToyObjective(target: model),
        split: try DataSplit(exampleCount: 20), part: .validation, space: .aboveNoise()
      ).run(journal: Journal()))
    #expect(result.rankRule == .marchenkoPastur)
    // Each of the four matrices has its own share, which must not make a line of its own.
    #expect(result.points.count == 4)
    let page = SweepReport(result, vocabulary: .questions).contents.map(\.source).joined()
    let names = page.matches(of: /data-series="([^"]*)"/).map(\.1)
    // The figure of each layer's best has a line a kind.
    #expect(Set(names) == ["rank above the noise", "unedited", "Uin", "Uout"])
  }

  @Test func `progress counts edits, and at a single site goes on in small groups`() throws {
    func progress(_ journal: Journal<Trial>, limit: Int = .max) throws -> [Int] {
      var done: [Int] = []
      let study = SweepStudy(
        .depth, of: model, objective: ToyObjective(target: model, candidateLimit: limit),
        split: try DataSplit(exampleCount: 20), part: .all,
        space: try SearchSpace(
          kinds: [.mlpInput], layers: [1], fractions: (0..<10).map { Double($0) / 10 }))
      _ = try study.run(journal: journal) {
        #expect($0.total == 10)
        done.append($0.done)
      }
      return done
    }
    let journal = Journal<Trial>()
    // Fails at the seventh candidate, the base among them: the first group is kept.
    #expect(throws: ToyObjective.Interrupted.self) { _ = try progress(journal, limit: 6) }
    #expect(journal.count == 5)
    #expect(try progress(journal) == [0, 4, 8, 10])
  }

  @Test func `every figure of a report is a number of the result`() throws {
    let result = try #require(try study().run(journal: Journal()))
    let source = SweepReport(result, vocabulary: .questions).contents.map(\.source).joined()
    for point in result.points {
      let score = "\(Self.number(100 * point.score.score)) %, layer \(point.layer), \(point.edit)"
      let loss =
        "\(Self.number(point.score.measure.mean)) nats, layer \(point.layer), \(point.edit)"
      #expect(source.contains(score) && source.contains(loss), "\(point.edit)")
    }
  }

  @Test(arguments: [(SearchSpace.Method.rank, "Figure 2"), (.prune, "Figure 10")])
  func `captions are sentences that name the paper's figure`(
    method: SearchSpace.Method, figure: String
  ) throws {
    let result = try #require(try study(method: method).run(journal: Journal()))
    let source = SweepReport(result, vocabulary: .questions).contents.map(\.source).joined()
    #expect(source.contains("<figcaption>Loss against layer") && source.contains("(\(figure) of"))
    #expect(source.contains("<figcaption>Accuracy against layer"))
  }

  /// Four digits behind the point below ten, two above, as figures have them.
  private static func number(_ value: Double) -> String {
    let text = String(format: abs(value) < 10 ? "%.4f" : "%.2f", value)
    let trimmed = String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
    return trimmed.isEmpty ? "0" : trimmed
  }
}

@Suite struct CompositionStudyTests {
  @Test func `the path begins with the unedited model and ends with the search's composition`()
    throws
  {
    let model = ToyModel()
    let objective = ToyObjective(
      target: try model.applying(Intervention.list(parsing: "Uout:1:0.5,Uin:0:0.25")))
    let split = try DataSplit(exampleCount: 20)
    let space = try SearchSpace(fractions: [0.75, 0.5, 0.25])
    let study = CompositionStudy(of: model, objective: objective, split: split, space: space)
    let result = try study.run(journal: Journal())
    let search = InterventionSearch(
      model: model, objective: objective, split: split, space: space,
      options: .init(composes: true))
    let found = try #require(try search.run(journal: Journal()))
    #expect(result.composition == found.composition)
    #expect(result.steps.map(\.added) == [nil, "Uout:1:0.5", "Uin:0:0.25"])
    #expect(result.steps[0].test == found.base.test)
    #expect(result.steps.last?.test == found.composition?.test)
    // Each step is kept because it is better on validation than the one before it.
    for (before, after) in zip(result.steps, result.steps.dropFirst()) {
      let scores = (before.validation.score, after.validation.score)
      let losses = (before.validation.measure.mean, after.validation.measure.mean)
      #expect(scores.1 > scores.0 || (scores.1 == scores.0 && losses.1 < losses.0))
    }
    #expect(result.report(.questions).count == 3)
  }
}
