import Foundation
import LaserOps
import Testing

@testable import LanguageModels

@Suite struct QuestionErrorTests {
  private func fault(
    _ row: String, _ task: BenchmarkTask.Name = .jsonl, model name: String = "llama-deep",
    tokenizer: String = "letters"
  ) throws -> QuestionError? {
    try fault(row, task, model: Golden.load(name).model, tokenizer: tokenizer)
  }

  private func fault(
    _ row: String, _ task: BenchmarkTask.Name, model: some LanguageModel, tokenizer: String
  ) throws -> QuestionError? {
    let tokenizer = try Tokenizer(
      contentsOf: TestResources.fixture("tokenizers/\(tokenizer).json"))
    let set = try BenchmarkFiles(row).load(task, .paper, ModelFamily(model), tokenizer: tokenizer)
    do {
      _ = try QuestionSet(set, for: model, tokenizer: tokenizer)
      return nil
    } catch let error as QuestionError {
      return error
    }
  }

  @Test(arguments: ["llama-deep", "roberta-deep"])
  func `a candidate that tokenises to nothing is named with its example`(model: String) throws {
    // The tokenizer has no digits.
    let good = #"{"prompt": "a", "answer": " b", "candidates": [" b", " c"]}"#
    let bad = #"{"prompt": "a", "answer": " b", "candidates": [" b", "7"]}"#
    #expect(
      try fault(good + "\n" + bad, model: model) == .noTokens(text: "7", example: 1))
  }

  @Test func `candidates of the same tokens can only tie`() throws {
    let row = #"{"prompt": "a", "answer": " b", "candidates": [" b", " b7"]}"#
    #expect(try fault(row) == .sameTokens(" b", " b7", example: 0))
  }

  @Test func `candidates that change the prompt's last token are compared over the same text`()
    throws
  {
    let model = try Llama(Checkpoint(Golden.folder.appending(path: "llama-deep")))
    let tokenizer = try SmallQuestions.tokenizer
    // "he" turns the prompt's last token "t" into "the", "o" leaves it as it is.
    let row = #"{"prompt": "a ct", "answer": "he", "candidates": ["he", "o"]}"#
    let set = try QuestionSet(
      BenchmarkFiles(row).load(.jsonl), for: model, tokenizer: tokenizer)
    let ids = { (text: String) in try text.map { try #require(tokenizer.id(of: String($0))) } }
    let answers = set.questions[0].answers.map(\.tokens)
    #expect(answers == [[try #require(tokenizer.id(of: "the"))], try ids("to")])
  }

  @Test func `an answer that changes the whole prompt is an error`() throws {
    let model = try Llama(Checkpoint(Golden.folder.appending(path: "llama-deep")))
    var tokenizer = try SmallQuestions.tokenizer
    tokenizer.prefix = []
    let set = try BenchmarkFiles(#"{"prompt": "t", "answer": "he"}"#).load(.jsonl)
    #expect(throws: QuestionError.joinsPrompt(text: "he", example: 0)) {
      try QuestionSet(set, for: model, tokenizer: tokenizer)
    }
  }

  @Test func `a prompt without tokens is an error unless a start token comes before it`() throws {
    let model = try Llama(Checkpoint(Golden.folder.appending(path: "llama-deep")))
    let set = try BenchmarkFiles(#"{"prompt": "7", "answer": " b"}"#).load(.jsonl)
    var tokenizer = try SmallQuestions.tokenizer
    #expect(try QuestionSet(set, for: model, tokenizer: tokenizer).questions[0].prompt == [0])
    tokenizer.prefix = []
    #expect(throws: QuestionError.emptyPrompt(example: 0)) {
      try QuestionSet(set, for: model, tokenizer: tokenizer)
    }
  }

  @Test(arguments: [("llama-deep", 64), ("roberta-deep", 32)])
  func `a prompt that is too long is named with its example`(model: String, limit: Int) throws {
    let row = #"{"prompt": "\#(String(repeating: "q", count: 70))", "answer": " b"}"#
    let found = try #require(try fault(row, model: model))
    guard case .tooLong(example: 0, _, limit: limit) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(found.description.hasSuffix("shorten it, or remove its row from the data"))
  }

  @Test(arguments: ["gptj-deep-tied", "roberta-deep"])
  func `a task whose answers never fit one token needs one that does`(model: String) throws {
    let row = #"{"prompt": "a is", "subject": "a", "ground_truth": "zz"}"#
    #expect(
      try fault(row, .counterFact, model: model)
        == .noOneTokenAnswer(answers: 1, first: " zz", tokens: 3))
  }

  @Test func `a masked model needs a mask, and only where the answer goes`() throws {
    let row = #"{"prompt": "a", "answer": " b"}"#
    let path = try Golden.load("roberta-deep").model.checkpoint.path
    #expect(
      try fault(row, model: "roberta-deep", tokenizer: "gpt2")
        == .noMask(name: "<mask>", model: path))
    let masked = #"{"prompt": "a <mask>", "answer": " b"}"#
    #expect(
      try fault(masked, model: "roberta-deep") == .maskInPrompt(name: "<mask>", example: 0))
  }

  @Test func `a tokenizer of another model is an error, not a trap`() throws {
    let found = try #require(
      try fault(#"{"prompt": "a dog barks", "answer": " b"}"#, tokenizer: "gpt2"))
    guard case .foreignTokenizer(_, vocabulary: 43, _) = found else {
      Issue.record("\(found)")
      return
    }
  }
}
