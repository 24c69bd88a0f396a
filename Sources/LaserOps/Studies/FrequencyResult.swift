/// Accuracy against how often a fact occurs in a text, with and without an edit (Fig. 3).
package struct FrequencyResult: Codable, Equatable, Sendable {
  /// The examples whose facts occur about equally often.
  package struct Bucket: Codable, Equatable, Sendable {
    /// The fewest occurrences.
    package let from: Int
    /// The most occurrences; nil for the last bucket, which has no end.
    package let through: Int?
    /// How many examples there are.
    package let examples: Int
    /// The share that the unedited model answers; nil without examples.
    package let base: Double?
    /// Its 95 % bootstrap interval.
    package let baseInterval: [Double]?
    /// The share that the edited model answers; nil without examples or without an edit.
    package let edited: Double?
    /// Its 95 % bootstrap interval.
    package let editedInterval: [Double]?
    /// The edited model's share minus the unedited one's.
    package let boost: Double?
    /// Its 95 % bootstrap interval, paired by example.
    package let boostInterval: [Double]?

    enum CodingKeys: String, CodingKey {
      case from, through, examples, base, edited, boost
      case baseInterval = "base_interval"
      case editedInterval = "edited_interval"
      case boostInterval = "boost_interval"
    }

    /// The occurrences, for people: `0–49`, `1001 or more`.
    package var name: String {
      guard let through else { return "\(from) or more" }
      return through == from ? "\(from)" : "\(from)–\(through)"
    }
  }

  /// All examples whose facts occur at most so often.
  package struct Cumulative: Codable, Equatable, Sendable {
    /// How often at most.
    package let occurrences: Int
    /// How many examples there are.
    package let examples: Int
    /// The share that the unedited model answers.
    package let base: Double
    /// The share that the edited model answers; nil without an edit.
    package let edited: Double?
  }

  /// What was read.
  package struct Corpus: Codable, Equatable, Sendable {
    /// The files.
    package let files: [String]
    /// What counts as standing together: `line` or `paragraph`.
    package let document: String
    /// All documents with at least one word.
    package let documents: Int
    /// All words.
    package let words: Int

    /// What was read of `files`.
    package init(files: [String], document: String, documents: Int, words: Int) {
      self.files = files
      self.document = document
      self.documents = documents
      self.words = words
    }
  }

  /// Which study it is.
  package let study: StudyName
  /// The edits; nil for the unedited model alone.
  package let edit: String?
  /// The part of the examples that was asked.
  package let part: DataSplit.Part
  /// The text.
  package let corpus: Corpus
  /// How many of the asked examples have a subject that never occurs.
  package let absentSubjects: Int
  /// The unedited model on all examples.
  package let base: SearchResult.Summary
  /// The edited model on all examples.
  package let edited: SearchResult.Summary?
  /// The examples by how often their facts occur.
  package let buckets: [Bucket]
  /// The accuracy as ever more frequent facts are taken in.
  package let cumulative: [Cumulative]
  /// The file that has every answer.
  package let trials: String

  enum CodingKeys: String, CodingKey {
    case study, edit, part, corpus, base, edited, buckets, cumulative, trials
    case absentSubjects = "absent_subjects"
  }

  /// The boundaries of the paper: fewer than 50, 50 to 1000, more than 1000.
  package static let paperEdges = [50, 1_001]

  /// Puts the examples of two trials into buckets.
  ///
  /// - Parameters:
  ///   - together: For every example of the trials how often its fact occurs.
  ///   - subjects: For every example how often its subject occurs.
  ///   - base: The unedited model.
  ///   - edited: The edited one.
  ///   - edges: Where buckets begin, ascending; the first begins at 0.
  ///   - facts: What holds for the examples.
  ///   - corpus: What was read.
  ///   - seed: Seeds the bootstrap.
  /// - Precondition: All have as many examples.
  package init(
    together: [Int], subjects: [Int], base: Trial, edited: Trial?, edges: [Int], facts: PartFacts,
    corpus: Corpus, seed: UInt64
  ) {
    let right = base.successFlags.map { $0 ? 1.0 : 0 }
    let editedRight = edited?.successFlags.map { $0 ? 1.0 : 0 }
    precondition(
      together.count == right.count && (editedRight?.count ?? right.count) == right.count,
      "\(together.count) counts for \(right.count) answers")
    study = .frequency
    edit = edited?.edit
    part = base.split
    self.corpus = corpus
    absentSubjects = subjects.count { $0 == 0 }
    self.base = .init(of: base, facts)
    self.edited = edited.map { .init(of: $0, facts) }
    let starts = [0] + edges
    buckets = starts.indices.map { index in
      let next = starts.indices.contains(index + 1) ? starts[index + 1] : nil
      let members = together.indices.filter {
        together[$0] >= starts[index] && together[$0] < next ?? .max
      }
      return Bucket(
        from: starts[index], through: next.map { $0 - 1 }, base: members.map { right[$0] },
        edited: editedRight.map { edited in members.map { edited[$0] } }, seed: seed)
    }
    let order = together.indices.sorted { together[$0] < together[$1] }
    var points: [Cumulative] = []
    var sums = (base: 0.0, edited: 0.0)
    for (place, example) in order.enumerated() {
      sums.base += right[example]
      sums.edited += editedRight?[example] ?? 0
      let isLastOfItsCount =
        place + 1 == order.count || together[order[place + 1]] > together[example]
      guard isLastOfItsCount else { continue }
      let count = Double(place + 1)
      points.append(
        Cumulative(
          occurrences: together[example], examples: place + 1, base: sums.base / count,
          edited: editedRight.map { _ in sums.edited / count }))
    }
    cumulative = points
    trials = RunFolder.journalFile
  }
}

extension FrequencyResult.Bucket {
  fileprivate init(from: Int, through: Int?, base: [Double], edited: [Double]?, seed: UInt64) {
    self.from = from
    self.through = through
    examples = base.count
    func share(_ right: [Double]) -> (mean: Double, interval: [Double])? {
      guard !right.isEmpty else { return nil }
      // Against a model that is never right the difference is the share itself.
      let score = PairedStatistics(base: right.map { _ in 0 }, edited: right, seed: seed)
      return (score.difference, [score.interval.lowerBound, score.interval.upperBound])
    }
    let unedited = share(base)
    self.base = unedited?.mean
    baseInterval = unedited?.interval
    let other = edited.flatMap(share)
    self.edited = other?.mean
    editedInterval = other?.interval
    let change =
      base.isEmpty ? nil : edited.map { PairedStatistics(base: base, edited: $0, seed: seed) }
    boost = change?.difference
    boostInterval = change.map { [$0.interval.lowerBound, $0.interval.upperBound] }
  }
}
