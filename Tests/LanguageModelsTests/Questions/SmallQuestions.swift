import Numerics
import Foundation
import LaserOps
import Testing

@testable import LanguageModels

/// Questions for the small random checkpoints, in a tokenizer of 43 tokens: letters and a few merges.
struct SmallQuestions {
  let files: BenchmarkFiles
  let task: BenchmarkTask.Name

  static var tokenizer: Tokenizer {
    get throws { try Tokenizer(contentsOf: TestResources.fixture("tokenizers/letters.json")) }
  }

  /// Questions of every kind of scoring.
  enum Kind: String, CaseIterable, CustomTestStringConvertible {
    case oneTokenLabels, severalTokenLabels, openAnswers, oneTokenAnswers
    /// After one instruction for all, which is a prompt by itself; two prompts are the same, one begins like another.
    case instructedLabels, instructedAnswers

    var testDescription: String { rawValue }
  }

  private static let prompts = [
    "is the cat", "where", "a bee in", "who can", "then", "what is in the", "can a bat", "in",
    "the bin is", "an ant", "be", "is it the",
  ]

  private static let instructedPrompts = [
    "is it", "is it a bee in", "is it a", "is it who can", "is it then", "is it a bee in",
    "is it the cat", "is it in", "is it the bin is", "is it an ant", "is it be", "is it where",
  ]

  init(_ kind: Kind) throws {
    let isInstructed = kind == .instructedLabels || kind == .instructedAnswers
    let prompts = isInstructed ? Self.instructedPrompts : Self.prompts
    let rows = prompts.enumerated().map { index, prompt -> String in
      switch kind {
      case .oneTokenLabels:
        let answers = [" a", " b", " the"]
        return """
          {"prompt": "\(prompt)", "answer": "\(answers[index % 3])", "candidates": [" a", " b", " the"]}
          """
      case .severalTokenLabels, .instructedLabels:
        let answers = [" the", " no the", " tin"]
        return """
          {"prompt": "\(prompt)", "answer": "\(answers[index % 3])", \
          "candidates": [" the", " no the", " tin"]}
          """
      case .openAnswers, .instructedAnswers:
        let answers = [" r", " o", " b", " v", " i"]
        return """
          {"prompt": "\(prompt)", "answer": "\(answers[index % 5])", "group": \(index / 3)}
          """
      case .oneTokenAnswers:
        let answers = [" a", " the", " in", " zz"]
        return """
          {"prompt": "\(prompt)", "subject": "x", "ground_truth": "\(answers[index % 4])"}
          """
      }
    }
    files = try BenchmarkFiles(rows.joined(separator: "\n"))
    task = kind == .oneTokenAnswers ? .counterFact : .jsonl
  }

  /// The questions for `model`.
  func set(
    for model: some LanguageModel, _ variant: BenchmarkOptions.Variant = .paper
  ) throws -> QuestionSet {
    let tokenizer = try Self.tokenizer
    return try QuestionSet(
      try files.load(task, variant, ModelFamily(model), tokenizer: tokenizer), for: model,
      tokenizer: tokenizer)
  }
}

/// Answers computed the long way: one question at a time, a full forward for every token, logits everywhere.
struct PlainAnswers<Model: LanguageModel> {
  let model: Model
  let set: QuestionSet
  let tokenizer: Tokenizer

  /// The log-probabilities of the answer's tokens.
  func logProbabilities(of answer: String, to example: BenchmarkExample) throws -> [Double] {
    let tokens = try tokenizer.encode(answer)
    let inference = Inference(model, workers: Workers(count: 1))
    if model.shape.isMasked {
      let text = try tokenizer.encode(
        example.text(masks: tokens.count), addingSpecialTokens: true)
      let logits = try inference.logits(of: text)
      let places = text.indices.filter { text[$0] == 3 }
      return zip(places, tokens).map { logits.logProbability(of: $1, row: $0) }
    }
    let prompt = try [0] + tokenizer.encode(example.prompt)
    let logits = try inference.logits(of: prompt + tokens)
    return tokens.indices.map {
      logits.logProbability(of: tokens[$0], row: prompt.count - 1 + $0)
    }
  }

  /// The greedy tokens, up to the end of the text.
  func generated(after example: BenchmarkExample) throws -> [Int] {
    let count = set.benchmark.scoring.maximumNewTokens
    let inference = Inference(model, workers: Workers(count: 1))
    if model.shape.isMasked {
      let text = try tokenizer.encode(example.text(masks: count), addingSpecialTokens: true)
      let logits = try inference.logits(of: text)
      return text.indices.filter { text[$0] == 3 }.map(logits.largestColumn(of:))
    }
    var ids = try [0] + tokenizer.encode(example.prompt)
    let start = ids.count
    while ids.count < start + count {
      let logits = try inference.logits(of: ids)
      ids.append(logits.largestColumn(of: ids.count - 1))
      if set.stops.contains(ids[ids.count - 1]) { break }
    }
    return Array(ids[start...])
  }

  /// The text of tokens that the tokenizer has, special ones left out.
  func text(of tokens: [Int]) throws -> String {
    try tokenizer.decode(tokens.filter { $0 > 3 && $0 < 43 })
  }
}
