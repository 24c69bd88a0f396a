import Numerics
import LaserOps
import Testing

@testable import LanguageModels

@Suite struct PrefixBatchTests {
  /// An instruction, two answers to a first prompt, one of which says more, and a second prompt with a third.
  private static func sequences(after start: [Int]?) -> PrefixBatch {
    var sequences = PrefixBatch(after: start)
    sequences.append(group: [[4, 9, 2, 17, 5], [4, 9, 2, 17, 6, 8], [4, 9, 2, 17, 6, 7, 3]])
    sequences.append(group: [[4, 9, 2, 17, 5], [4, 9, 11], [4, 9, 2]])
    return sequences
  }

  @Test func `a sequence computes what its group and the common start leave over`() {
    let shared = Self.sequences(after: [4, 9])
    // The second prompt begins like the first and shares the instruction alone; what ends within another has no rows.
    #expect(shared.tokens == [[4, 9], [2, 17, 5], [6, 8], [7, 3], [2, 17, 5], [11], []])
    #expect(shared.tokenCount == 13)
    #expect(shared.packed.lengths == [2, 5, 6, 7, 5, 3, 3])
    #expect(shared.packed.positions == [0, 1, 2, 3, 4, 4, 5, 5, 6, 2, 3, 4, 2])
    #expect(shared.packed.sharedRows(of: 3) == [0..<2, 2..<4, 5..<6])
    #expect(shared.packed.sharedRows(of: 6) == [0..<2, 9..<10])
  }

  @Test func `every token of every sequence has a row with that token and position`() {
    for start in [[4, 9], []] {
      let shared = Self.sequences(after: start)
      let packed = shared.packed
      let whole = Self.sequences(after: nil)
      let tokens = shared.tokens.flatMap(\.self)
      let first = shared.count - whole.count
      for (index, sequence) in whole.tokens.enumerated() {
        for (position, token) in sequence.enumerated() {
          let row = packed.row(of: position, in: first + index)
          #expect(tokens[row] == token && packed.positions[row] == position)
        }
      }
    }
  }

  @Test func `without sharing every sequence is whole`() {
    let whole = Self.sequences(after: nil)
    #expect(whole.tokenCount == 5 + 6 + 7 + 5 + 3 + 3)
    #expect(!whole.packed.sharesPrefixes)
    #expect(whole.packed.starts == [0, 5, 11, 18, 23, 26, 29])
  }

  @Test func `the common start ends where the first sequence differs`() {
    #expect(PrefixBatch.commonStart(of: [[1, 2, 3], [1, 2, 4, 5], [1, 2]]) == [1, 2])
    #expect(PrefixBatch.commonStart(of: [[1, 2], [2, 1]]).isEmpty)
    #expect(PrefixBatch.commonStart(of: [[Int]]()).isEmpty)
  }

  @Test(arguments: [
    "gptj-deep-tied", "llama-deep", "llama-grouped-biased-tied", "mistral-window", "qwen2",
  ])
  func `a shared token has the stream that it has in each of its sequences`(name: String) throws {
    try check(try Golden.load(name).model)
  }

  private func check(_ model: some LanguageModel) throws {
    #expect(model.shape.allowsPrefixSharing)
    let layers = 0..<model.shape.layerCount
    let workers = Workers(count: 2)
    let whole = model.advance(
      try model.embed(Self.sequences(after: nil)), through: layers, using: workers)
    let shared = try model.embed(Self.sequences(after: [4, 9]))
    let found = model.advance(shared, through: layers, using: workers)
    let (count, first) = (whole.sequences.count, found.sequences.count - whole.sequences.count)
    let rows = (0..<count).flatMap { sequence in
      (0..<whole.sequences.lengths[sequence]).map {
        found.sequences.row(of: $0, in: first + sequence)
      }
    }
    // Attention of fewer queries at once differs by roundings.
    #expect(found.rows.gathering(rows).relativeDifference(from: whole.rows) <= 1e-5)
    let wanted = Set(rows.suffix(9)).sorted()
    let some = model.advance(shared, through: layers, reading: wanted, using: workers)
    #expect(some.rows.relativeDifference(from: found.rows.gathering(wanted)) <= 1e-5)
    #expect(model.advance(shared, through: layers, using: Workers(count: 1)) == found)
  }

  @Test(arguments: ["llama-dynamic-scaling", "roberta"])
  func `tokens that depend on later ones are not shared`(name: String) throws {
    let model = try Golden.load(name).model
    #expect(!model.shape.allowsPrefixSharing)
    #expect(try SmallQuestions(.severalTokenLabels).set(for: model).start == nil)
  }

  @Test func `questions share their instruction up to the first position that is read`() throws {
    let model = try Golden.load("llama-deep").model
    let tokens = { (text: String) in try [0] + SmallQuestions.tokenizer.encode(text) }
    // The shortest prompt is the instruction itself, and its last token predicts an answer.
    for kind in [SmallQuestions.Kind.instructedLabels, .instructedAnswers] {
      let set = try SmallQuestions(kind).set(for: model)
      #expect(try set.start == tokens("is it").dropLast())
      #expect(set.questions.allSatisfy { $0.firstReadPosition >= set.start?.count ?? 0 })
    }
    #expect(try SmallQuestions(.openAnswers).set(for: model).start == [0])
  }

  @Test func `chunks keep the order, lose nothing, and end where they have tokens enough`() throws {
    let model = try Golden.load("llama-deep").model
    let set = try SmallQuestions(.instructedLabels).set(for: model)
    let numbers = (0..<1500).map { $0 % set.examples.count }
    let chunks = QuestionChunk.chunks(of: numbers, in: set)
    #expect(chunks.count > 2)
    #expect(chunks.flatMap(\.numbers) == numbers)
    for chunk in chunks {
      #expect(chunk.sequences.ownTokenCount <= QuestionChunk.tokensAtOnce)
    }
    for (chunk, next) in zip(chunks, chunks.dropFirst()) {
      var longer = chunk.sequences
      longer.append(group: set.questions[next.numbers[0]].sequences)
      #expect(longer.ownTokenCount > QuestionChunk.tokensAtOnce)
    }
  }
}
