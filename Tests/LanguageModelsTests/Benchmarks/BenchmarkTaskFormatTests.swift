import Numerics
import Foundation
import LanguageModels
import LaserOps
import Testing

/// Every form in which the sets are handed around gives the same examples.
@Suite struct BenchmarkTaskFormatTests {
  private func prompts(_ task: BenchmarkTask.Name, _ files: String...) throws -> [String] {
    try BenchmarkFiles(files.map { Data($0.utf8) }).load(task).examples.map {
      $0.prompt + $0.answer
    }
  }

  @Test func `CounterFact's flat rows have one paraphrase, or none`() throws {
    let set = try BenchmarkFiles(
      """
      [{"case_id": 0, "prompt": "The mother tongue of Danielle Darrieux is",
        "subject": "Danielle Darrieux", "ground_truth": "French", "target_new": "English",
        "rephrase_prompt": "Danielle Darrieux speaks"},
       {"case_id": 1, "prompt": "The official religion of Edwin is", "subject": "Edwin",
        "ground_truth": "Christianity", "target_new": "Islam"}]
      """
    ).load(.counterFact)
    #expect(
      set.examples.map { $0.prompt + $0.answer } == [
        "The mother tongue of Danielle Darrieux is French", "Danielle Darrieux speaks French",
        "The official religion of Edwin is Christianity",
      ])
    #expect(set.groups == [0, 0, 1])
  }

  @Test func `HotpotQA's official rows are its simplified rows with more in them`() throws {
    let simple = #"[{"question": "Who?", "answer": "Ed Wood", "type": "bridge"}]"#
    let official = """
      [{"_id": "5a", "answer": "Ed Wood", "question": "Who?", "type": "bridge", "level": "hard",
        "supporting_facts": [["Ed Wood", 0]], "context": [["Ed Wood", ["He was.", " And is."]]]}]
      """
    #expect(try prompts(.hotpotQA, simple) == ["Who? The answer is Ed Wood"])
    #expect(try prompts(.hotpotQA, official) == prompts(.hotpotQA, simple))
  }

  @Test func `HotpotQA takes as many training rows as there are validation rows`() throws {
    let training = (0..<5).map { #"{"question": "Train \#($0)?", "answer": "yes"}"# }
    let validation = (0..<2).map { #"{"question": "Check \#($0)?", "answer": "no"}"# }
    let set = try BenchmarkFiles(
      "[\(training.joined(separator: ","))]", "[\(validation.joined(separator: ","))]"
    ).load(.hotpotQA)
    #expect(
      set.examples.map(\.prompt) == [
        "Train 0? The answer is", "Train 1? The answer is", "Check 0? The answer is",
        "Check 1? The answer is",
      ])
    #expect(set.leftOut.map(\.reason) == [.beyondValidationRows])
    #expect(set.leftOut[0].count == 3)
    #expect(set.notes == [.answersNotMeasured, .trainingRowsLeftOut(3, validationRows: 2)])
  }

  @Test func `an answer of 14 Llama tokens and its start are kept, one more is not`() throws {
    let tokenizer = try Tokenizer(contentsOf: TestResources.fixture("tokenizers/llama2.json"))
    let answers = try [14, 15].map { count in
      try #require(
        (1...40).map { String(repeating: "7", count: $0) }
          .first { try tokenizer.encode($0).count == count })
    }
    let files = try BenchmarkFiles(
      answers.map { #"{"question": "What?", "answer": "\#($0)"}"# }.joined(separator: "\n"))
    let set = try files.load(.hotpotQA, answerTokenizer: tokenizer)
    #expect(set.examples.map(\.answer) == [" " + answers[0]])
    #expect(set.leftOut.map(\.reason) == [.answerTooLong(limit: 15)])
    #expect(set.notes.isEmpty)
    let unmeasured = try files.load(.hotpotQA)
    #expect(unmeasured.examples.count == 2)
    #expect(unmeasured.notes == [.answersNotMeasured])
  }

  @Test func `FEVER comes as JSON lines and as a labelled array`() throws {
    let lines = """
      {"id": 1, "verifiable": "VERIFIABLE", "label": "SUPPORTS", "claim": "A is.", "evidence": []}

      {"id": 2, "verifiable": "NOT VERIFIABLE", "label": "NOT ENOUGH INFO", "claim": "B is."}\r
      {"id": 3, "verifiable": "VERIFIABLE", "label": "REFUTES", "claim": "C is.", "evidence": []}
      """
    let array = """
      [{"id": 1, "claim": "A is.", "label": "SUPPORTS", "evidence_pages": []},
       {"id": 2, "claim": "B is.", "label": "NOT ENOUGH INFO", "evidence_pages": []},
       {"id": 3, "claim": "C is.", "label": "REFUTES", "evidence_pages": []}]
      """
    let expected = try prompts(.fever, lines)
    #expect(expected.count == 2)
    #expect(expected[1].hasPrefix("Consider the following claim: C is. "))
    #expect(try prompts(.fever, array) == expected)
    // The same claims again in another file are not asked twice.
    #expect(try prompts(.fever, lines, array) == expected)
  }

  @Test func `FEVER drops what is not decided, contradictory or said twice, and counts it`() throws
  {
    let set = try BenchmarkFiles(
      """
      {"label": "SUPPORTS", "claim": "Both."}
      {"label": "SUPPORTS", "claim": "Once."}
      {"label": "NOT ENOUGH INFO", "claim": "Once."}
      {"label": "REFUTES", "claim": "Both."}
      {"label": "SUPPORTS", "claim": "Once."}
      """
    ).load(.fever)
    #expect(set.examples.count == 1)
    #expect(set.rows == 5)
    #expect(
      set.leftOut.map(\.reason) == [.notEnoughInformation, .conflictingLabels, .repeatedClaim])
    #expect(set.leftOut.map(\.count) == [1, 2, 1])
    #expect(set.leftOut[0].first.hasSuffix("line 3"))
    #expect(set.leftOut.allSatisfy { $0.reason.isRule })
  }

  @Test func `Bias in Bios comes as CSV with names, and as JSON lines with names or numbers`()
    throws
  {
    let table =
      "hard_text,profession,gender\r\n"
      + "\"He said \"\"Hi, you\"\".\nThen left.\",model,Male\r\n"
      + "She paints.,painter,Female\r\n"
    let names = """
      {"hard_text": "He said \\"Hi, you\\".\\nThen left.", "profession": "model", "gender": "Male"}
      {"hard_text": "She paints.", "profession": "painter", "gender": "F"}
      """
    let numbers = """
      {"hard_text": "He said \\"Hi, you\\".\\nThen left.", "profession": 12, "gender": 0}
      {"hard_text": "She paints.", "profession": 14, "gender": 1}
      """
    for task in [BenchmarkTask.Name.biosGender, .biosProfession] {
      let expected = try prompts(task, table)
      #expect(expected.count == 2)
      #expect(
        expected[0].hasPrefix("Consider the following text: He said \"Hi, you\".\nThen left. "))
      #expect(try prompts(task, names) == expected)
      #expect(try prompts(task, numbers) == expected)
    }
  }

  @Test func `the eight professions have the set's numbers, all others are left out`() throws {
    let rows = (0..<28).map { #"{"hard_text": "Text.", "profession": \#($0), "gender": 0}"# }
    let set = try BenchmarkFiles(rows.joined(separator: "\n")).load(.biosProfession)
    #expect(
      set.examples.map(\.answer) == [
        " architect", " composer", " journalist", " model", " painter", " poet", " professor",
        " teacher",
      ])
    #expect(set.leftOut.map(\.reason) == [.otherProfession])
    #expect(set.leftOut[0].count == 20)
  }

  @Test func `TruthfulQA comes as mc_task.json and as Hugging Face rows`() throws {
    let original = """
      [{"question": "Q?", "mc1_targets": {"A.": 1, "B.": 0}, "mc2_targets": {"A.": 1, "B.": 0}}]
      """
    let row = """
      {"question": "Q?", "mc1_targets": {"choices": ["A.", "B."], "labels": [1, 0]}, \
      "mc2_targets": {"choices": ["A.", "B."], "labels": [1, 0]}}
      """
    let expected = try prompts(.truthfulQA, original)
    #expect(expected.count == 2)
    #expect(try prompts(.truthfulQA, row) == expected)
    #expect(try prompts(.truthfulQA, "[\(row)]") == expected)
    #expect(
      try prompts(.truthfulQA, #"{"rows": [{"row_idx": 0, "row": \#(row)}]}"#) == expected)
    #expect(try prompts(.truthfulQA, row + "\n" + row).count == 4)
  }

  @Test func `a mark of UTF-8 before the text is no part of it`() throws {
    let csv = "\u{FEFF}hard_text,gender\nText.,0\n"
    #expect(try prompts(.biosGender, csv).count == 1)
    #expect(try prompts(.fever, "\u{FEFF}" + #"[{"claim": "A.", "label": "REFUTES"}]"#).count == 1)
  }

  @Test func `open questions of a user's own are generated`() throws {
    let set = try BenchmarkFiles(#"{"prompt": "The capital of France is", "answer": " Paris"}"#)
      .load(.jsonl)
    #expect(set.scoring.metric == .generation)
    #expect(set.scoring.maximumNewTokens == 10)
    #expect(!set.hasParaphrases)
  }

  @Test func `the fingerprint tells variants, families and data apart`() throws {
    let one = try BenchmarkFiles(#"{"claim": "A.", "label": "SUPPORTS"}"#)
    let other = try BenchmarkFiles(#"{"claim": "A.", "label": "REFUTES"}"#)
    let prints = [
      try one.load(.fever), try one.load(.fever, .authors), try one.load(.fever, .paper, .gptJ),
      try other.load(.fever),
    ].map(\.fingerprint.description)
    #expect(Set(prints).count == prints.count)
    #expect(try one.load(.fever).fingerprint.description == prints[0])
  }
}
