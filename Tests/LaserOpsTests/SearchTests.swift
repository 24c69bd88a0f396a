import Numerics
import Foundation
import LaserOps
import Synchronization
import Testing

/// Scores a ``ToyModel`` by how close its matrices are to wanted ones; counts what it is asked.
final class ToyObjective: Objective {
  let target: ToyModel
  let secondaryMeasure = SecondaryMeasure.loss
  let exampleCount = 20
  let scored = Mutex(0)
  /// Fails like a crash after so many candidates.
  let candidateLimit: Int

  struct Interrupted: Error {}

  init(target: ToyModel, candidateLimit: Int = .max) {
    self.target = target
    self.candidateLimit = candidateLimit
  }

  func outcomes(of candidates: [Candidate<ToyModel>], on examples: [Int]) throws -> [[Outcome]] {
    try candidates.map { candidate in
      let count = scored.withLock { count in
        count += 1
        return count
      }
      guard count <= candidateLimit else { throw Interrupted() }
      let distance = candidate.model.weightSites.reduce(0.0) { sum, site in
        sum + (candidate.model.weight(at: site).matrix - target.weight(at: site).matrix).norm
      }
      // An example is right as long as the model is near enough for it.
      return examples.map { example in
        Outcome(
          isSuccess: distance < 0.6 * Double(example % 10),
          measure: distance + Double(example) / 64)
      }
    }
  }
}

/// Gives every model the same outcomes.
struct IndifferentObjective: Objective {
  var measure: Double = 1
  var secondaryMeasure: SecondaryMeasure { .meanReturn }
  var exampleCount: Int { 20 }

  func outcomes(of candidates: [Candidate<ToyModel>], on examples: [Int]) throws -> [[Outcome]] {
    candidates.map { _ in examples.map { _ in Outcome(isSuccess: true, measure: measure) } }
  }
}

@Suite struct SearchTests {
  let model = ToyModel()
  let space = try? SearchSpace(fractions: [0.75, 0.5, 0.25])

  func search(
    for target: ToyModel, options: InterventionSearch<ToyObjective>.Options = .init(),
    candidateLimit: Int = .max
  ) throws -> InterventionSearch<ToyObjective> {
    InterventionSearch(
      model: model, objective: ToyObjective(target: target, candidateLimit: candidateLimit),
      split: try DataSplit(exampleCount: 20), space: try #require(space), options: options)
  }

  func edited(_ text: String) throws -> ToyModel {
    try model.applying(Intervention.list(parsing: text))
  }

  @Test func `the search finds the edit that makes the wanted model`() throws {
    let search = try search(for: edited("Uout:1:0.5"))
    let result = try #require(try search.run(journal: Journal()))
    #expect(result.best.edit == "Uout:1:0.5")
    #expect(result.trialCount == 12)
    #expect(result.best.test.score > result.base.test.score)
    #expect(result.best.difference == result.best.test.score - result.base.test.score)
  }

  @Test func `an objective in a closure finds what the same objective as a type finds`() throws {
    let typed = try search(for: edited("Uout:1:0.5"))
    let own = ExampleObjective<ToyModel>(
      count: typed.objective.exampleCount, measure: typed.objective.secondaryMeasure
    ) { [objective = typed.objective] model, example in
      try objective.outcomes(of: [Candidate([], of: model)], on: [example])[0][0]
    }
    let search = InterventionSearch(
      model: typed.model, objective: own, split: typed.split, space: typed.space)
    #expect(try search.run() == typed.run())
  }

  @Test func `the base model wins where every edit harms`() throws {
    let search = try search(for: model)
    let result = try #require(try search.run(journal: Journal()))
    #expect(result.best.edit == "base")
    #expect(result.best.difference == 0)
    #expect(result.best.pValue == 1)
  }

  @Test func `an edit that changes nothing does not beat the base model`() throws {
    let search = InterventionSearch(
      model: model, objective: ToyObjective(target: model), split: try DataSplit(exampleCount: 20),
      space: try SearchSpace(fractions: [1]), options: .init(composes: true))
    let result = try #require(try search.run(journal: Journal()))
    #expect(result.best.edit == "base")
    #expect(result.composition?.edit == "base")
  }

  @Test func `among equally good edits the one that removes most wins`() throws {
    // A rank-1 target: once a matrix of rank 1 is kept, higher ranks of it are the same matrix.
    let site = WeightSite(.mlpInput, layer: 0)
    let flat = try model.applying(Intervention.list(parsing: "Uin:0:0.25"))
    let search = InterventionSearch(
      model: flat, objective: EqualObjective(), split: try DataSplit(exampleCount: 200),
      space: try SearchSpace(kinds: [site.kind], layers: [0], fractions: [0.75, 0.25, 0.5]))
    let result = try #require(try search.run(journal: Journal()))
    #expect(result.best.edit == "Uin:0:0.25")
  }

  @Test func `an edit that is only as good as the unedited model is not announced as best`() throws
  {
    let search = InterventionSearch(
      model: model, objective: IndifferentObjective(), split: try DataSplit(exampleCount: 20),
      space: try SearchSpace())
    #expect(try search.run()?.best.edit == "base")
  }

  @Test func `an outcome that is no number is an error that names edit and example`() throws {
    let search = InterventionSearch(
      model: model, objective: IndifferentObjective(measure: .nan),
      split: try DataSplit(exampleCount: 20), space: try SearchSpace())
    #expect(throws: SearchError.notFinite(edit: "base", example: 0)) {
      try search.run(journal: Journal())
    }
  }

  @Test func `a journal that another search is writing is left alone`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let header = RunHeader(RunIdentity())
      let first: Journal<Trial> = try folder.open(for: header)
      #expect(folder.isBeingWritten)
      #expect(throws: RunError.inUse(path: folder.journal.path)) {
        let _: Journal<Trial> = try folder.open(for: header)
      }
      #expect(first.count == 0)
    }
  }

  @Test func `a fraction given twice is tried once`() throws {
    let steps = try SearchSpace(kinds: [.mlpInput], layers: [0], fractions: [0.5, 0.5, 0, -0.0])
      .steps(for: model)
    #expect(steps.map { $0.interventions.map(\.description) } == [["Uin:0:0.5", "Uin:0:0"]])
  }

  @Test func `composition keeps the edits that help and rolls the others back`() throws {
    let search = try search(for: edited("Uout:1:0.5,Uin:0:0.25"), options: .init(composes: true))
    let result = try #require(try search.run(journal: Journal()))
    #expect(result.composition?.edit == "Uout:1:0.5,Uin:0:0.25")
    #expect(result.composition?.validation.measure.mean ?? 1 < result.best.validation.measure.mean)
  }

  @Test func `the test part is scored for the base and the winners only`() throws {
    let search = try search(for: edited("Uout:1:0.5"))
    _ = try search.run(journal: Journal())
    // 12 edits and the base on validation, the base and the winner on test.
    #expect(search.objective.scored.withLock { $0 } == 15)
  }

  @Test(arguments: [0, 1, 5, 9, 13, 16])
  func `a search killed and started again ends with the same bytes`(survivors: Int) throws {
    try withTemporaryFolder { url in
      let target = try edited("Uout:1:0.5,Uin:0:0.25")
      let options = InterventionSearch<ToyObjective>.Options(composes: true)
      let toy = RunIdentity(model: "toy")
      let whole = RunFolder(url.appending(path: "whole"))
      _ = try whole.run(search(for: target, options: options), of: toy)
      let folder = RunFolder(url.appending(path: "killed"))
      #expect(throws: ToyObjective.Interrupted.self) {
        try folder.run(
          search(for: target, options: options, candidateLimit: survivors), of: toy)
      }
      // A crash in the middle of a line.
      let handle = try FileHandle(forWritingTo: folder.journal)
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(#"{"edit":"Uin:0:0.2"#.utf8))
      try handle.close()
      let resumed = try search(for: target, options: options)
      _ = try folder.run(resumed, of: toy)
      #expect(try Data(contentsOf: folder.result) == Data(contentsOf: whole.result))
      // The finished folder has one journal, whose lines are those of both processes.
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      #expect(names.sorted() == ["journal.jsonl", "result.json"])
      let again = try search(for: target, options: options)
      _ = try folder.run(again, of: toy)
      #expect(again.objective.scored.withLock { $0 } == 0)
    }
  }

  @Test func `journals of three shards, concatenated, give the undisturbed result`() throws {
    try withTemporaryFolder { url in
      let target = try edited("Uin:1:0.5")
      let toy = RunIdentity(model: "toy")
      var merged = Data()
      for shard in 0..<3 {
        let folder = RunFolder(url.appending(path: "\(shard)"))
        let part = try search(
          for: target, options: .init(shard: .init(index: shard, of: 3)))
        #expect(try folder.run(part, of: toy) == nil)
        merged += try Data(contentsOf: folder.journal)
        // What a crash left of a last line, before the next journal's header.
        merged += Data(#"{"edit":"Uin:0:0.2"#.utf8)
      }
      let folder = RunFolder(url.appending(path: "merged"))
      try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: false)
      try merged.write(to: folder.journal)
      let last = try search(for: target)
      let result = try folder.run(last, of: toy)
      #expect(result == (try search(for: target).run()))
      // Only the test part was left to do.
      #expect(last.objective.scored.withLock { $0 } == 2)
    }
  }

  @Test func `a damaged line in the middle of a journal is named`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      _ = try folder.run(search(for: model), of: RunIdentity())
      var lines = try String(contentsOf: folder.journal, encoding: .utf8).split(separator: "\n")
      lines[3] = "{\"edit\": 7}"
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.journal)
      #expect(
        throws: RunError.damagedJournal(
          path: folder.journal.path, line: 4, reason: "not a trial in JSON")
      ) { try folder.run(search(for: model), of: RunIdentity()) }
    }
  }

  @Test func `an impossible grid is refused before anything is scored`() throws {
    let search = InterventionSearch(
      model: model, objective: ToyObjective(target: model), split: try DataSplit(exampleCount: 20),
      space: try SearchSpace(kinds: [.mlpInput], layers: [7]))
    #expect(throws: InterventionError.layerNotInModel(7, kind: .mlpInput, available: [0, 1])) {
      try search.run(journal: Journal())
    }
    #expect(search.objective.scored.withLock { $0 } == 0)
  }
}

@Suite struct DataSplitTests {
  @Test func `validation is the first fifth in data order`() throws {
    let split = try DataSplit(exampleCount: 13)
    #expect(split.validation == [0, 1])
    #expect(split.test == Array(2..<13))
  }

  @Test func `a shuffled split keeps groups together and repeats with its seed`() throws {
    // A fifth of 90 is 18, in the middle of a group of four.
    let groups = (0..<90).map { $0 / 4 }
    let split = try DataSplit(exampleCount: 90, shuffledBy: 5, groups: groups)
    #expect(split == (try DataSplit(exampleCount: 90, shuffledBy: 5, groups: groups)))
    #expect(split != (try DataSplit(exampleCount: 90, shuffledBy: 6, groups: groups)))
    #expect((split.validation + split.test).sorted() == Array(0..<90))
    #expect((15...18).contains(split.validation.count))
    let torn = Set(split.validation.map { groups[$0] }).intersection(split.test.map { groups[$0] })
    #expect(torn.isEmpty)
  }

  @Test func `a part says how many of its examples were left out`() throws {
    let whole = try DataSplit(exampleCount: 20)
    #expect(whole.leftOutCount(of: .test) == nil)
    let odd = whole.keeping { $0 % 2 == 1 || $0 == 10 }
    #expect(odd.validation == [1, 3] && odd.test == [5, 7, 9, 10, 11, 13, 15, 17, 19])
    #expect(
      [.validation, .test, .all].map(odd.leftOutCount) == [2, 7, 9])
  }

  @Test(arguments: [0, 1, 4]) func `too few examples cannot be split`(count: Int) {
    #expect(throws: SplitError.tooFew(examples: count)) { try DataSplit(exampleCount: count) }
  }
}

@Suite struct PairedStatisticsTests {
  @Test func `the exact McNemar p-value is the binomial's tail on both sides`() {
    // 8 gained and 2 lost of 30: 2 · (1 + 10 + 45) / 2^10 = 0.109375.
    let base = Array(repeating: false, count: 8) + Array(repeating: true, count: 22)
    let edited =
      Array(repeating: true, count: 8) + Array(repeating: false, count: 2)
      + Array(repeating: true, count: 20)
    #expect(abs(PairedStatistics.exactMcNemar(base: base, edited: edited) - 0.109375) < 1e-12)
    #expect(PairedStatistics.exactMcNemar(base: base, edited: base) == 1)
  }

  @Test func `the McNemar p-value of thousands of disagreements does not underflow`() {
    let base = (0..<10_000).map { $0 < 5_000 }
    let edited = (0..<10_000).map { $0 >= 5_000 }
    #expect(PairedStatistics.exactMcNemar(base: base, edited: edited) == 1)
    let better = (0..<10_000).map { _ in true }
    let p = PairedStatistics.exactMcNemar(base: base, edited: better)
    #expect(p >= 0 && p < 1e-300)
  }

  @Test func `the bootstrap interval is that of a normal mean for many examples`() {
    var generator = SplitMix64(seed: 2)
    let base = [Double](repeating: 0, count: 2_000)
    let edited = base.map { _ in 0.1 + generator.nextGaussian() }
    let paired = PairedStatistics(base: base, edited: edited, seed: 9)
    let estimate = Estimate(of: edited)
    #expect(paired.difference == estimate.mean)
    let half = 1.96 * estimate.standardError
    // 250 of 10,000 resamples lie beyond each end: their quantile is known to about 3 % of its width.
    #expect(abs(paired.interval.lowerBound - (estimate.mean - half)) < 0.1 * half)
    #expect(abs(paired.interval.upperBound - (estimate.mean + half)) < 0.1 * half)
    #expect(PairedStatistics(base: base, edited: edited, seed: 9) == paired)
  }
}
