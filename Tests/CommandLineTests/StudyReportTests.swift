import Foundation
import Testing

/// What the pages of studies show: their own numbers, of runs that came to their end and of others.
@Suite struct StudyReportTests {
  private static let grid = ["--kinds", "Uin,Uout", "--rhos", "0.5,0.1"]

  /// Every study of a language model, on checkpoints of some thousand weights.
  private static let studies = [
    ["layers"] + StudyCommandTests.source + grid,
    ["depth"] + StudyCommandTests.source + ["--site", "Uout:3"],
    ["compose"] + StudyCommandTests.source + grid,
    ["frequency"] + StudyCommandTests.source
      + ["--corpus", "corpus.txt", "--edges", "1", "--edit", "Uin:1:0.2"],
    ["tail"] + StudyCommandTests.source + ["--site", "Uout:2", "--rhos", "0.5,0"],
    ["rank", "--model", "llama-deep", "--kept", "kept"],
  ]

  private static func page(_ runner: CommandRunner, _ name: String) throws -> String {
    try String(contentsOf: runner.folder.appending(path: name), encoding: .utf8)
  }

  private static func run(_ runner: CommandRunner, _ study: [String]) throws {
    if study.contains("--kept") {
      let kept = try runner.laser(
        ["study", "layers"] + StudyCommandTests.source + grid + ["-o", "kept"])
      try #require(kept.status == 0, "\(kept.errors)")
    }
    let result = try runner.laser(["study"] + study + ["-o", "out"])
    try #require(result.status == 0, "\(result.errors)")
  }

  @Test(arguments: studies)
  func `every value that a figure shows is a number of its result`(study: [String]) throws {
    try StudyCommandTests.inFolder { runner in
      try Self.run(runner, study)
      let data = try Data(contentsOf: runner.folder.appending(path: "out/result.json"))
      var numbers: Set<String> = []
      Self.collect(try JSONSerialization.jsonObject(with: data), into: &numbers)
      // A value with its unit or its interval, after the name of its line or bar.
      let shown = try Self.page(runner, "out/report.html")
        .matches(of: /<title>[^<]*?: (-?[0-9.]+)( %| nats| points| components| \[95 %)[^<]*</)
        .map { String($0.1) }
      #expect(shown.count > 1)
      for value in shown { #expect(numbers.contains(value), "\(value)") }
    }
  }

  /// The numbers of `value` as figures show them: as they are, in per cent, and counts as shares of their examples.
  private static func collect(_ value: Any, into numbers: inout Set<String>, examples: Double = 1) {
    switch value {
    case let list as [Any]:
      for item in list { collect(item, into: &numbers, examples: examples) }
    case let object as [String: Any]:
      let examples = (object["examples"] as? Double) ?? examples
      for item in object.values { collect(item, into: &numbers, examples: examples) }
      // A sweep also shows the difference to the unedited model, in points and in the measure's unit.
      if let base = object["base"] as? [String: Any],
        let points = object["points"] as? [[String: Any]]
      {
        for summary in points.compactMap({ $0["score"] as? [String: Any] }) {
          for (key, value) in summary {
            guard let value = value as? Double, let before = base[key] as? Double else { continue }
            for factor in [1.0, 100] { numbers.insert(text(factor * value - factor * before)) }
            numbers.insert(text(100 * (value - before)))
          }
        }
      }
    case let number as NSNumber:
      for factor in [1, 100, 100 / examples] { numbers.insert(text(factor * number.doubleValue)) }
    default: break
    }
  }

  private static func text(_ value: Double) -> String {
    let text = String(format: abs(value) < 10 ? "%.4f" : "%.2f", value)
    let trimmed = String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
    return trimmed == "-0" ? "0" : trimmed
  }

  @Test(
    arguments: zip(
      studies,
      [
        "edited models have been tried", "edited models have been tried",
        "figures of the validation",
        "unedited</td>", "similarity", "matrices have been decomposed",
      ]))
  func `a study that has not come to its end says so and shows what is there`(
    study: [String], text: String
  ) throws {
    try StudyCommandTests.inFolder { runner in
      try Self.run(runner, study)
      try FileManager.default.removeItem(at: runner.folder.appending(path: "out/result.json"))
      let report = try runner.laser("report", "out")
      #expect(report.status == 0, "\(report.errors)")
      let page = try Self.page(runner, "out/report.html")
      #expect(page.contains("This run is not finished."))
      #expect(page.contains(text) && page.contains("<tbody>"))
      #expect(page.contains("<title>laser: study</title>"))
    }
  }

  @Test func `a finished study whose folder is being written again says so`() throws {
    try StudyCommandTests.inFolder { runner in
      try Self.run(runner, Self.studies[0])
      #expect(try !Self.page(runner, "out/report.html").contains("is going on"))
      let journal = try FileHandle(
        forUpdating: runner.folder.appending(path: "out/journal.jsonl"))
      #expect(flock(journal.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
      #expect(try runner.laser("report", "out").status == 0)
      #expect(try Self.page(runner, "out/report.html").contains("is going on in this folder"))
      try journal.close()
      #expect(try runner.laser("report", "out").status == 0)
      #expect(try !Self.page(runner, "out/report.html").contains("is going on"))
    }
  }

  @Test func `the result of a study is told from a larger one that was begun after it`() throws {
    try StudyCommandTests.inFolder { runner in
      let study = ["layers"] + StudyCommandTests.source + ["--kinds", "Uin", "--rhos"]
      try Self.run(runner, study + ["0.5"])
      let out = runner.folder.appending(path: "out")
      let earlier = try Data(contentsOf: out.appending(path: "result.json"))
      try Self.run(runner, study + ["0.5,0.1"])
      func notice() throws -> Bool {
        try #require(try runner.laser("report", "out").status == 0)
        return try Self.page(runner, "out/report.html").contains(
          "A study of other edits or of another part was begun")
      }
      #expect(try !notice())
      // As if the second had been killed before its last trial.
      try earlier.write(to: out.appending(path: "result.json"))
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: out.path)
          .first { $0.hasPrefix("journal.2") })
      let journal = out.appending(path: name)
      let lines = try String(contentsOf: journal, encoding: .utf8).split(separator: "\n")
      try Data((lines.dropLast().joined(separator: "\n") + "\n").utf8).write(to: journal)
      #expect(try notice())
    }
  }

  @Test func `folders of one name are told apart by their paths`() throws {
    try StudyCommandTests.inFolder { runner in
      for folder in ["easy/layers", "hard/layers"] {
        let result = try runner.laser(
          ["study", "layers"] + StudyCommandTests.source
            + ["--kinds", "Uin", "--rhos", "0.5", "-o", folder])
        try #require(result.status == 0, "\(result.errors)")
      }
      let report = try runner.laser("report", "easy/layers", "hard/layers", "-o", "page.html")
      #expect(report.status == 0, "\(report.errors)")
      let page = try Self.page(runner, "page.html")
      for name in ["easy/layers", "hard/layers"] {
        #expect(page.contains(">\(name)</div>") && page.contains("<h2>\(name): every layer"))
      }
      #expect(page.contains("<title>laser: studies</title>"))
    }
  }
}
