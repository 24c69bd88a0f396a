import Foundation
import LanguageModels
import Numerics
import Testing

@Suite struct BenchmarkTaskFaultTests {
  private static let claim = #"{"claim": "A.", "label": "SUPPORTS"}"#

  private func fault(
    _ task: BenchmarkTask.Name, _ content: String, _ family: ModelFamily = .llama
  ) throws -> String {
    try #require(try BenchmarkFiles(content).fault(task, family)).description
  }

  private func leftOut(
    _ task: BenchmarkTask.Name, good: String, bad: String
  ) throws -> [RowFault] {
    let set = try BenchmarkFiles(good + "\n" + bad).load(task)
    #expect(set.leftOut.allSatisfy { $0.count == 1 && $0.first.hasSuffix("line 2") })
    return set.leftOut.map(\.reason)
  }

  // MARK: - Rows

  @Test(arguments: [
    (#"{"label": "SUPPORTS"}"#, RowFault.missingField("claim")),
    (#"{"claim": "A.", "label": null}"#, .missingField("label")),
    (#"{"claim": " \n", "label": "SUPPORTS"}"#, .emptyField("claim")),
    (#"{"claim": 7, "label": "SUPPORTS"}"#, .wrongKind(field: "claim", expected: "a text")),
    (
      #"{"claim": "B.", "label": "MAYBE"}"#,
      .unknownLabel(field: "label", expected: "SUPPORTS, REFUTES, NOT ENOUGH INFO")
    ),
  ])
  func `a row that cannot be used is counted by reason and named`(
    row: String, reason: RowFault
  ) throws {
    #expect(try leftOut(.fever, good: Self.claim, bad: row) == [reason])
    #expect(!reason.isRule)
  }

  @Test(arguments: [
    (
      BenchmarkTask.Name.counterFact,
      #"{"prompt": "P", "subject": "S", "ground_truth": "T"}"#,
      #"{"prompt": "P", "subject": "S", "ground_truth": ""}"#, RowFault.emptyField("ground_truth")
    ),
    (
      .counterFact,
      #"{"requested_rewrite": {"prompt": "{} is", "subject": "S", "target_true": {"str": "T"}}}"#,
      #"{"requested_rewrite": {"prompt": "It is", "subject": "S", "target_true": {"str": "T"}}}"#,
      .noPlaceForSubject
    ),
    (
      .counterFact, #"{"prompt": "P", "subject": "S", "ground_truth": "T"}"#,
      #"{"prompt": "P", "subject": "S", "ground_truth": "T", "rephrase_prompt": " "}"#,
      .emptyField("rephrase_prompt")
    ),
    (
      .hotpotQA, #"{"question": "Q?", "answer": "A"}"#, #"{"question": "Q?", "answer": " "}"#,
      .emptyField("answer")
    ),
    (
      .biosGender, #"{"hard_text": "T.", "gender": 0}"#, #"{"hard_text": "T.", "gender": 2}"#,
      .unknownLabel(field: "gender", expected: "male, female, 0, 1")
    ),
    (
      .biosProfession, #"{"hard_text": "T.", "profession": "poet"}"#,
      #"{"hard_text": "T.", "profession": "astronaut"}"#,
      .unknownLabel(field: "profession", expected: "the 28 professions, 0 to 27")
    ),
    (
      .truthfulQA, #"{"question": "Q?", "mc2_targets": {"A.": 1}}"#,
      #"{"question": "Q?", "mc2_targets": {"A.": 2}}"#,
      .unknownLabel(field: "mc2_targets", expected: "0, 1")
    ),
    (
      .truthfulQA, #"{"question": "Q?", "mc2_targets": {"A.": 1}}"#,
      #"{"question": "Q?", "mc2_targets": {"choices": ["A."], "labels": []}}"#,
      .wrongKind(field: "mc2_targets", expected: "as many labels as choices")
    ),
    (
      .epistemic, #"{"input": "I", "target_scores": {"entailment": 1, "non-entailment": 0}}"#,
      #"{"input": "I", "target_scores": {"entailment": 1, "non-entailment": 1}}"#,
      .unknownLabel(field: "target_scores", expected: "entailment, non-entailment")
    ),
    (
      .wikidata, #"{"input": "I", "target": "T"}"#, #"{"input": "I", "target": [" "]}"#,
      .emptyField("target")
    ),
    (
      .jsonl, #"{"prompt": "P", "answer": " a", "candidates": [" a", " b"]}"#,
      #"{"prompt": "P", "answer": "a", "candidates": [" a", " b"]}"#, .answerNotACandidate
    ),
    (
      .jsonl, #"{"prompt": "P", "answer": " a", "candidates": [" a", " b"]}"#,
      #"{"prompt": "P", "answer": " a", "candidates": [" a", " a"]}"#, .unusableCandidates
    ),
  ])
  func `every task says what is wrong with a row`(
    task: BenchmarkTask.Name, good: String, bad: String, reason: RowFault
  ) throws {
    #expect(try leftOut(task, good: good, bad: bad) == [reason])
  }

  @Test func `an empty paraphrase costs only itself`() throws {
    let set = try BenchmarkFiles(
      #"[{"prompt": "P", "subject": "S", "ground_truth": "T", "rephrase_prompt": ""}]"#
    ).load(.counterFact)
    #expect(set.examples.map(\.prompt) == ["P"])
    #expect(set.leftOut.map(\.reason) == [.emptyField("rephrase_prompt")])
  }

  @Test func `a CSV row with too few fields is counted`() throws {
    let set = try BenchmarkFiles("hard_text,gender\nText.,0\nText\n").load(.biosGender)
    #expect(set.examples.count == 1)
    #expect(set.leftOut.map(\.reason) == [.wrongFieldCount])
  }

  @Test func `equal examples are kept and counted`() throws {
    let row = #"{"input": "The language of 1984 is", "target": "English"}"#
    let set = try BenchmarkFiles([row, row, row].joined(separator: "\n")).load(.wikidata)
    #expect(set.examples.count == 3)
    #expect(set.repeated == 2)
  }

  @Test func `texts that only look alike are different`() throws {
    let set = try BenchmarkFiles(
      #"{"claim": "Caf\u00e9.", "label": "SUPPORTS"}"# + "\n"
        + #"{"claim": "Cafe\u0301.", "label": "REFUTES"}"#
    ).load(.fever)
    #expect(set.examples.count == 2)
  }

  // MARK: - Files

  @Test func `a file of another set is refused, and the task that it fits is named`() throws {
    let message = try fault(.truthfulQA, Self.claim)
    #expect(message.contains("is not a file of truthfulqa"))
    #expect(message.contains("expected rows with question, mc2_targets; found claim, label"))
    #expect(message.hasSuffix("it looks like one for the task fever"))
  }

  @Test func `another task of BIG-bench is refused by its name`() throws {
    let message = try fault(
      .wikidata, #"{"name": "strategyqa", "examples": [{"input": "I", "target": "T"}]}"#)
    #expect(message.contains("of the BIG-bench task qa_wikidata"))
    #expect(message.contains("found input, target, of the BIG-bench task strategyqa"))
  }

  @Test func `FEVER without labels is refused`() throws {
    let message = try fault(.fever, #"{"id": 7, "claim": "A."}"#)
    #expect(message.contains("expected rows with claim, label; found id, claim"))
  }

  @Test func `a wrong file beside a right one is found`() throws {
    let files = try BenchmarkFiles(Self.claim, #"{"question": "Q?", "answer": "A"}"#)
    guard case .wrongSet(let file, _, _, _, let looksLike) = try files.fault(.fever) else {
      Issue.record("expected the second file to be refused")
      return
    }
    #expect(file == files.urls[1].path)
    #expect(looksLike == [.hotpotQA])
  }

  @Test func `a Git LFS pointer is called one`() throws {
    let files = try BenchmarkFiles(
      """
      version https://git-lfs.github.com/spec/v1
      oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
      size 12345

      """)
    #expect(throws: StorageError.largeFilePointer(file: files.urls[0].path)) {
      try files.load(.fever)
    }
  }

  @Test(arguments: [
    (Data("PAR1....".utf8), "a Parquet file"), (Data([0x1F, 0x8B, 8, 0]), "compressed with gzip"),
    (Data([0x50, 0x4B, 3, 4]), "a ZIP archive"),
    (Data([0xFF, 0xFE, 0x7B, 0]), "in UTF-16"),
  ])
  func `what is not text is called by its format`(content: Data, format: String) throws {
    let error = try BenchmarkFiles([content]).fault(.fever)
    #expect(try #require(error).description.contains("is \(format), expected JSON"))
  }

  @Test func `a line in another encoding is named`() throws {
    let latin = Data(#"{"claim": "Caf"#.utf8) + [0xE9] + Data(#".", "label": "REFUTES"}"#.utf8)
    let files = try BenchmarkFiles([Data((Self.claim + "\n").utf8) + latin])
    #expect(try files.fault(.fever) == .notUTF8(file: files.urls[0].path, line: 2))
  }

  @Test func `JSON that is damaged is refused with the line`() throws {
    let message = try fault(.fever, Self.claim + "\n" + #"{"claim": "B."#)
    #expect(message.hasPrefix("line 2 of "))
    #expect(message.hasSuffix("is not valid JSON: it ends inside a value"))
    #expect(try fault(.fever, "[" + Self.claim).hasSuffix("it ends inside a value"))
  }

  @Test func `a quotation mark that is never closed is refused with its line`() throws {
    let message = try fault(.biosGender, "hard_text,gender\nText.,0\n\"Text,1\nMore.,0\n")
    #expect(message.contains("the quotation mark in line 3 of"))
  }

  @Test(arguments: ["", " \n\n", "[]", #"{"rows": []}"#, "hard_text,gender\n"])
  func `a file without rows is refused`(content: String) throws {
    #expect(try fault(.biosGender, content).contains("has no rows"))
  }

  @Test func `no file and no usable row are errors`() throws {
    #expect(throws: BenchmarkError.noFiles(task: .fever)) { try BenchmarkTask(.fever).load([]) }
    let message = try fault(.fever, #"{"claim": "A.", "label": "NOT ENOUGH INFO"}"#)
    #expect(message.hasPrefix("no row of the 1 can be used for fever: 1 × labelled"))
  }

  @Test(arguments: ["subject", "relation"])
  func `a row that its subject or relation makes unusable leaves no group behind`(
    field: String
  ) throws {
    let good = #"{"prompt": "P", "answer": " a"}"#
    let bad = #"{"prompt": "P", "answer": " a", "group": "g", "\#(field)": 7}"#
    let set = try BenchmarkFiles([bad, good, good].joined(separator: "\n")).load(.jsonl)
    #expect(set.groups == [0, 1])
    #expect(set.leftOut.map(\.reason) == [.wrongKind(field: field, expected: "a text")])
  }

  @Test func `candidates in some rows only are refused`() throws {
    let message = try fault(
      .jsonl,
      #"{"prompt": "P", "answer": " a", "candidates": [" a", " b"]}"# + "\n"
        + #"{"prompt": "P", "answer": " a"}"#)
    #expect(message.contains("line 2 differs from the rows before it"))
  }

  @Test func `biographies for RoBERTa need its tokenizer`() throws {
    let message = try fault(.biosGender, "hard_text,gender\nText.,0\n", .roberta)
    #expect(message.contains("the last 50 tokens of a biography; name the model"))
  }

  @Test func `an example that does not exist is an error`() throws {
    let set = try BenchmarkFiles(Self.claim).load(.fever)
    #expect(throws: BenchmarkError.indexOutOfRange(1, count: 1, task: .fever)) {
      try set.example(at: 1)
    }
    #expect(throws: BenchmarkError.indexOutOfRange(-1, count: 1, task: .fever)) {
      try set.example(at: -1)
    }
  }

  @Test(arguments: [
    (BenchmarkTask.Name.biosGender, #"{"hard_text": "She works.", "gender": 1.0}"#),
    (.biosGender, "hard_text,gender\nShe works.,1.0\n"),
    (.biosProfession, "hard_text,profession\nShe works.,21.0\n"),
    (.truthfulQA, #"{"question": "Q?", "mc2_targets": {"a": 1.0, "b": 0.0}}"#),
  ])
  func `a label that pandas wrote as 1 point 0 is 1`(
    task: BenchmarkTask.Name, content: String
  ) throws {
    #expect(try BenchmarkFiles(content).load(task).leftOut.isEmpty)
  }

  @Test
  func `NaN in a field that nobody reads is read, and a fault in the first line has its line`()
    throws
  {
    let row = #"{"claim": "A.", "label": "SUPPORTS", "score": NaN}"#
    #expect(
      try BenchmarkFiles(row + "\n" + Self.claim).load(.fever).leftOut.allSatisfy {
        $0.reason.isRule
      })
    #expect(try fault(.fever, #"{"claim": x}"# + "\n" + Self.claim).hasPrefix("line 1 of"))
  }
}
