import Foundation
import Testing

@testable import LanguageModels

@Suite struct FactCountsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func questions(_ rows: [String], _ task: BenchmarkTask.Name = .jsonl) throws
    -> QuestionSet
  {
    let model = try Golden.load("llama-deep").model
    let tokenizer = try SmallQuestions.tokenizer
    let files = try BenchmarkFiles(rows.joined(separator: "\n"))
    func set(_ model: some LanguageModel) throws -> QuestionSet {
      try QuestionSet(
        files.load(task, tokenizer: tokenizer), for: model, tokenizer: tokenizer)
    }
    return try set(model)
  }

  private func counts(
    of questions: QuestionSet, in text: String, progress: (Double) -> Void = { _ in }
  ) throws -> FactCounts {
    try Data(text.utf8).write(to: folder["corpus"])
    return try FactCounts(
      of: questions, in: [folder["corpus"]], document: .line, cache: folder["counts.json"],
      progress: progress)
  }

  private let rows = [
    #"{"prompt": "is", "answer": " a", "subject": "Bee Hive"}"#,
    #"{"prompt": "in", "answer": " b"}"#,
    #"{"prompt": "be", "answer": " the", "subject": "Ant", "relation": "P1"}"#,
  ]

  @Test func `only examples with a subject are counted, and a subject may never occur`() throws {
    let counts = try counts(
      of: questions(rows), in: "a bee hive\nthe bee-hive\nnothing of a hive\n")
    #expect(counts.together == [1, nil, 0])
    #expect(counts.subjects == [2, nil, 0])
    #expect(counts.documents == 3)
  }

  @Test func `counts are kept, and counted anew for another text`() throws {
    let questions = try questions(rows)
    let text = "a bee hive\n"
    let first = try counts(of: questions, in: text)
    var reads = 0
    #expect(
      try FactCounts(
        of: questions, in: [folder["corpus"]], document: .line, cache: folder["counts.json"]
      ) { _ in reads += 1 } == first)
    #expect(reads == 0)
    let longer = try counts(of: questions, in: text + text) { _ in reads += 1 }
    #expect(longer.together == [2, nil, 0] && reads > 0)
  }

  @Test func `a text that was changed in place is counted anew`() throws {
    let questions = try questions(rows)
    #expect(try counts(of: questions, in: "a bee hive\n").together == [1, nil, 0])
    // As many bytes, written later.
    try Data("a bee dive\nbee hive\n".utf8).write(to: folder["corpus"])
    let first = try FactCounts(
      of: questions, in: [folder["corpus"]], document: .line, cache: folder["counts.json"])
    try Data("a bee hive\nbee hive\n".utf8).write(to: folder["corpus"])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000)],
      ofItemAtPath: folder["corpus"].path)
    let second = try FactCounts(
      of: questions, in: [folder["corpus"]], document: .line, cache: folder["counts.json"])
    #expect(first.together == [0, nil, 0] && second.together == [1, nil, 0])
  }

  @Test(arguments: [
    ("[1,null,0]", "[1]"), ("[1,null,0]", "[1,2,0]"), ("[1,null,0]", "[-1,null,0]"),
  ])
  func `counts that are damaged are counted anew`(found: String, damaged: String) throws {
    let questions = try questions(rows)
    let text = "a bee hive\n"
    let first = try counts(of: questions, in: text)
    let file = try String(contentsOf: folder["counts.json"], encoding: .utf8)
    #expect(file.contains(found))
    try Data(file.replacing(found, with: damaged).utf8).write(to: folder["counts.json"])
    let again = try FactCounts(
      of: questions, in: [folder["corpus"]], document: .line, cache: folder["counts.json"])
    #expect(again == first)
  }

  @Test func `without subjects, or where none occurs, there is nothing to study`() throws {
    let without = try questions([#"{"prompt": "in", "answer": " b"}"#])
    #expect(throws: StudyError.noSubjects(task: .jsonl)) { try counts(of: without, in: "a b\n") }
    let questions = try questions(rows)
    #expect(
      throws: StudyError.noSubjectOccurs(subjects: 2, first: "Bee Hive", documents: 1)
    ) { try counts(of: questions, in: "neither of them\n") }
    #expect(throws: CorpusError.noText(paths: [folder["corpus"].path])) {
      try counts(of: questions, in: "")
    }
  }

  @Test func `CounterFact names subject and relation in both of its forms`() throws {
    let original = """
      [{"requested_rewrite": {"prompt": "{} is in", "relation_id": "P30", "subject": "Angola", \
      "target_true": {"str": "Africa"}}, "paraphrase_prompts": ["Angola, in"]}]
      """
    let examples = try BenchmarkFiles(original).load(.counterFact).examples
    #expect(examples.map(\.subject) == ["Angola", "Angola"])
    #expect(examples.map(\.relation) == ["P30", "P30"])
    let flat = #"{"prompt": "the", "subject": "Angola", "ground_truth": "Africa"}"#
    let example = try #require(try BenchmarkFiles(flat).load(.counterFact).examples.first)
    #expect(example.subject == "Angola" && example.relation == nil)
  }
}
