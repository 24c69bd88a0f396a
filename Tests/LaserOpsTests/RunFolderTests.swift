import Foundation
import LaserOps
import Testing

@testable import LaserOps

@Suite struct RunFolderTests {
  private let policy = RunIdentity(
    model: "a", data: ["levels": .init(count: 20, fingerprint: "b")],
    scoring: .init(
      task: "sokoban", rules: ["target_return": .number(10), "actions": .text("greedy")]))

  private func trial(_ edit: String, value: Double = 0) throws -> Trial {
    Trial(
      try Intervention.list(parsing: edit), split: .validation,
      outcomes: [Outcome(isSuccess: true, measure: value)], measure: .loss, seconds: 0)
  }

  private func open(
    _ folder: RunFolder, host: String = "one", isShared: Bool = true
  ) throws -> Journal<Trial> {
    try folder.open(
      for: RunHeader(policy, from: RunProvenance(host: host)), isShared: isShared)
  }

  @Test(arguments: [
    ("model", "kind"), ("model", "model"), ("data.levels.fingerprint", "data"),
    ("scoring.rules.target_return", "rule"), ("split.test", "split"),
  ])
  func `a folder of something else is refused by the field that differs`(
    field: String, change: String
  ) throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let first = try open(folder)
      try first.record(trial("Uin:0:0.5"))
      let before = try Data(contentsOf: folder.journal)
      var (other, field, values) = (policy, field, ("c", "a"))
      switch change {
      case "kind":
        other.kind = .study(.layers)
        (field, values) = ("kind", ("layers", "search"))
      case "model": other.model = "c"
      case "data":
        other.data["levels"] = .init(count: 20, fingerprint: "c")
        values.1 = "b"
      case "rule":
        other.scoring?.rules["target_return"] = .number(9.5)
        values = ("9.5", "10")
      default:
        other.split = try DataSplit(undivided: 7).identity
        values = ("7", "(none)")
      }
      #expect(
        throws: RunError.foreignJournal(
          path: folder.journal.path, key: field, expected: values.0, found: values.1)
      ) { let _: Journal<Trial> = try folder.open(for: RunHeader(other), isShared: true) }
      #expect(try Data(contentsOf: folder.journal) == before)
    }
  }

  @Test func `each process writes a file of its own, and the first of equal trials counts`() throws
  {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      // A process that is believed dead, and its successor that does the same.
      let zombie = try open(folder)
      try zombie.record(trial("Uin:0:0.5", value: 1))
      let successor = try open(folder, host: "two")
      #expect(successor.count == 1)
      try successor.record(trial("Uin:0:0.25", value: 2))
      try zombie.record(trial("Uin:0:0.25", value: 3))
      try zombie.record(trial("Uin:1:0.5", value: 4))
      try successor.record(trial("Uin:1:0.25", value: 5))
      let (headers, trials) = try folder.read(as: Trial.self)
      #expect(headers.map(\.provenance.host) == ["one", "two"])
      #expect(trials.map(\.edit) == ["Uin:0:0.5", "Uin:0:0.25", "Uin:1:0.5", "Uin:1:0.25"])
      #expect(trials.map(\.measure.mean) == [1, 3, 4, 5])
      let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
      #expect(names.count == 2 && names.allSatisfy { $0.hasSuffix(".jsonl") })
    }
  }

  @Test func `a process that finds nothing to do leaves no file`() throws {
    try withTemporaryFolder { url in
      let first = try open(RunFolder(url))
      try first.record(trial("Uin:0:0.5"))
      #expect(try open(RunFolder(url)).count == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: url.path) == ["journal.jsonl"])
    }
  }

  @Test func `one of many processes that begin at once claims the header`() async throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "laser-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<8 {
        group.addTask {
          guard let journal = try? open(RunFolder(url)) else { return false }
          return (try? journal.record(trial("Uin:\(number):0.5"))) != nil
        }
      }
      for await isRecorded in group { #expect(isRecorded) }
    }
    let (headers, trials) = try RunFolder(url).read(as: Trial.self)
    #expect(headers.count == 8 && trials.count == 8)
    let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
    #expect(names.count == 8 && !names.contains { $0.hasPrefix(".") })
  }

  @Test func `what another machine's lock holds is no reason to stop`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let lost = try open(folder, host: "lost", isShared: false)
      try lost.record(trial("Uin:0:0.5"))
      #expect(try open(folder, host: "other", isShared: false).count == 1)
      #expect(throws: RunError.inUse(path: folder.journal.path)) {
        _ = try open(folder, host: "lost", isShared: false)
      }
      #expect(lost.count == 1)
    }
  }

  @Test func `a header of a later version is refused, one of the first version is read`() throws {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      let later = #"{"journal":3,"wonders":{}}"#
      try Data((later + "\n").utf8).write(to: folder.journal)
      let error = RunError.newerVersion(path: folder.journal.path, found: 3, known: 2)
      #expect(throws: error) { _ = try open(folder) }
      #expect(throws: error) { _ = try folder.contents() }
      #expect(error.description.contains("use the laser that wrote it"))
      let first = """
        {"identity":{"data":"20 levels, b","model":"a","task":"sokoban"},"journal":1,"remarks":{"policy":"p"}}
        {"edit":"base","examples":2,"mean_return":4.862499952316284,"score":0.5,"seconds":1,"split":"validation","successes":"10","values":[4.8625,4.8625]}

        """
      try Data(first.utf8).write(to: folder.journal)
      let (_, header, trials) = try folder.contents()
      #expect(header.version == 1 && header.identity.scoring?.task == "sokoban")
      #expect(header.provenance.model == "p")
      #expect(trials.map(\.measure.mean) == [4.8625])
      #expect(try folder.trials(ofModel: "a").count == 1)
      let older = RunError.olderVersion(path: folder.journal.path, found: 1)
      #expect(throws: older) { _ = try open(folder) }
      #expect(older.description.contains("go on with the laser that wrote it"))
    }
  }

  @Test func `a full disk is reported, may pass, and what was written stays`() throws {
    // /dev/full accepts no byte, like a disk without space.
    let file = try AttemptFile(at: URL(filePath: "/dev/full"), header: RunHeader(policy))
    let error = RunError.cannotWrite(path: "/dev/full", code: ENOSPC)
    #expect(throws: error) { try file.append(trial("Uin:0:0.5")) }
    #expect(error.isPassing && RunError.inUse(path: "").isPassing)
    #expect(!RunError.noRun(folder: "").isPassing)
  }

  @Test func `a trial's numbers follow from its examples, and print as decimals`() throws {
    let outcomes = [4.8625, 9.7].map { Outcome(isSuccess: $0 > 5, measure: Double(Float($0))) }
    let trial = Trial([], split: .test, outcomes: outcomes, measure: .meanReturn, seconds: 2)
    let text = String(decoding: try JournalCoding.encoder.encode(trial), as: UTF8.self)
    #expect(text.contains(#""mean_return":7.28125,"#) && text.contains(#""values":[4.8625,9.7]"#))
    #expect(text.contains(#""examples":2,"#) && text.contains(#""score":0.5,"#))
    #expect(try JSONDecoder().decode(Trial.self, from: Data(text.utf8)) == trial)
    let short = text.replacing("[4.8625,9.7]", with: "[4.8625]")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Trial.self, from: Data(short.utf8))
    }
  }
}
