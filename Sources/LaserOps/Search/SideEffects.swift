/// What an edit does to what it was not chosen for.
package struct SideEffects: Codable, Equatable, Sendable {
  /// Another task, before and after.
  package struct Score: Codable, Equatable, Sendable {
    /// The task, or the levels' file.
    package let task: String
    /// The edits.
    package let edit: String
    /// The unedited model.
    package let base: SearchResult.Summary
    /// The edited model.
    package let edited: SearchResult.Summary
    /// The edited model's score minus the unedited one's.
    package let difference: Double
    /// Its 95 % bootstrap interval, paired by example.
    package let interval: [Double]
    /// The exact McNemar p-value of the difference.
    package let pValue: Double

    enum CodingKeys: String, CodingKey {
      case task, edit, base, edited, difference, interval
      case pValue = "p_value"
    }

    init(task: String, base: Trial, edited: Trial, facts: PartFacts, seed: UInt64) {
      self.task = task
      edit = edited.edit
      self.base = .init(of: base, facts)
      self.edited = .init(of: edited, facts)
      let change = PairedStatistics(
        base: base.successFlags.map { $0 ? 1 : 0 }, edited: edited.successFlags.map { $0 ? 1 : 0 },
        seed: seed)
      difference = change.difference
      interval = [change.interval.lowerBound, change.interval.upperBound]
      pValue = PairedStatistics.exactMcNemar(
        base: base.successFlags, edited: edited.successFlags)
    }
  }

  /// A text, before and after.
  package struct Text: Codable, Equatable, Sendable {
    /// The text's file.
    package let text: String
    /// The edits.
    package let edit: String
    /// How many tokens were predicted.
    package let tokens: Int
    /// How many tokens were read at once: of a window the second half was predicted, of the first window all.
    package let context: Int?
    /// The unedited model's perplexity; nil where it is beyond all numbers.
    package let base: Double?
    /// The edited model's perplexity; nil where it is beyond all numbers.
    package let edited: Double?

    /// Perplexities of a text.
    package init(
      text: String, edit: String, tokens: Int, context: Int, base: Double?, edited: Double?
    ) {
      self.text = text
      self.edit = edit
      self.tokens = tokens
      self.context = context
      self.base = base
      self.edited = edited
    }
  }

  /// Other tasks.
  package let scores: [Score]
  /// Texts.
  package let perplexities: [Text]

  /// What was measured.
  package init(scores: [Score], perplexities: [Text]) {
    self.scores = scores
    self.perplexities = perplexities
  }
}

extension TrialRunner {
  /// What `edits` do to the task of this runner.
  ///
  /// - Parameters:
  ///   - edits: The edited models; the unedited one is left out.
  ///   - task: What the task is called.
  ///   - seed: Seeds the bootstrap.
  /// - Returns: A score for every edited model.
  /// - Throws: As ``trial(of:on:)``.
  package func sideEffects(
    of edits: [[Intervention]], named task: String, seed: UInt64
  ) throws -> [SideEffects.Score] {
    let facts = PartFacts(of: .all, in: split, scoredBy: objective)
    return try edits.filter { !$0.isEmpty }.map { edits in
      SideEffects.Score(
        task: task, base: try trial(of: [], on: .all), edited: try trial(of: edits, on: .all),
        facts: facts, seed: seed)
    }
  }
}
