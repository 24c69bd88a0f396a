/// Whose prompts a benchmark uses, and for which models.
package struct BenchmarkOptions: Sendable {
  /// Whose prompts and scoring.
  package var variant: Variant
  /// Which models shall answer: the form of the prompts and the number of new tokens depend on it.
  package var family: ModelFamily
  /// The model's own tokenizer; only biographies for masked models need it.
  package var tokenizer: Tokenizer?
  /// Llama 2's tokenizer, which measures HotpotQA's answers; nil keeps answers of every length.
  package var answerTokenizer: Tokenizer?

  /// The paper's prompts for a model that continues a text, unless said otherwise.
  package init(
    variant: Variant = .paper, family: ModelFamily = .llama, tokenizer: Tokenizer? = nil,
    answerTokenizer: Tokenizer? = nil
  ) {
    self.variant = variant
    self.family = family
    self.tokenizer = tokenizer
    self.answerTokenizer = answerTokenizer
  }

  /// The paper and the authors' code differ in some prompts and in how generated text is searched.
  package enum Variant: String, CaseIterable, Sendable {
    /// As the paper says.
    case paper
    /// As the authors' code does.
    case authors
  }
}

/// The families of models that the benchmarks tell apart.
package enum ModelFamily: String, CaseIterable, Sendable {
  /// GPT-J: continues a text; its tokens are words with their space.
  case gptJ = "gptj"
  /// Llama and its relatives: continue a text.
  case llama
  /// RoBERTa: fills masks.
  case roberta

  /// The family of `model`.
  package init(_ model: some LanguageModel) {
    self = model.shape.isMasked ? .roberta : model is GPTJ ? .gptJ : .llama
  }

  /// Whether the models fill masks rather than continue a text.
  package var isMasked: Bool { self == .roberta }
}
