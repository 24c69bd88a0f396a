/// How texts become a model's tokens when it is asked a question.
struct QuestionEncoding: Sendable {
  let tokenizer: Tokenizer
  let shape: LanguageModelShape
  let scoring: BenchmarkScoring
  /// Where the model lies, for messages.
  let path: String
  /// The token that a masked model fills; nil for a causal one.
  let mask: Int?
  /// How the mask is written: RoBERTa's `<mask>`, BERT's `[MASK]`.
  let maskName: String

  /// - Throws: `QuestionError.noMask`.
  init(
    _ tokenizer: Tokenizer, shape: LanguageModelShape, scoring: BenchmarkScoring, path: String
  ) throws {
    self.tokenizer = tokenizer
    self.shape = shape
    self.scoring = scoring
    self.path = path
    maskName = tokenizer.mask ?? "<mask>"
    mask = shape.isMasked ? tokenizer.id(of: maskName) : nil
    guard !shape.isMasked || mask != nil else {
      throw QuestionError.noMask(name: maskName, model: path)
    }
  }

  /// What the model reads: with the token that starts a text, and for a masked model the one that ends it.
  ///
  /// - Throws: `QuestionError.foreignTokenizer`.
  func tokens(of text: String) throws -> [Int] {
    try checked(
      tokenizer.prefix + tokenizer.encode(text) + (shape.isMasked ? tokenizer.suffix : []))
  }

  /// The tokens of an answer by itself.
  ///
  /// - Throws: `QuestionError.foreignTokenizer`.
  func tokens(ofAnswer text: String) throws -> [Int] { try checked(tokenizer.encode(text)) }

  private func checked(_ ids: [Int]) throws -> [Int] {
    if let id = ids.first(where: { $0 >= shape.vocabularySize }) {
      throw QuestionError.foreignTokenizer(
        id: id, vocabulary: shape.vocabularySize, model: path)
    }
    return ids
  }
}
