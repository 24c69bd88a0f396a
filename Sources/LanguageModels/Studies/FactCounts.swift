internal import Files
internal import Numerics
package import Foundation

/// How often the facts of a set of questions occur in a text, kept in a file: counting may take hours.
package struct FactCounts: Codable, Equatable, Sendable {
  /// What was counted in: every file with its size and time, the facts, what counts as standing together
  /// and which rule cut the words.
  package let identity: String
  /// For every example with a subject, how often its fact occurs; nil for the others.
  package let together: [Int?]
  /// For every example with a subject, how often its subject occurs; nil for the others.
  package let subjects: [Int?]
  /// All documents with at least one word.
  package let documents: Int
  /// All words.
  package let words: Int

  /// Counts the facts of `questions` in the texts at `urls`, or reads the counts that are there already.
  ///
  /// - Parameters:
  ///   - questions: The questions.
  ///   - urls: The texts, plain or gzipped.
  ///   - document: What counts as standing together.
  ///   - cache: Where the counts are kept.
  ///   - progress: Called with the share of the files' bytes that is done.
  /// - Throws: ``StudyError/noSubjects(task:)``, ``StudyError/noSubjectOccurs(subjects:first:documents:)``,
  ///   ``CorpusError``, `StorageError`.
  package init(
    of questions: QuestionSet, in urls: [URL], document: FactFrequency.Document, cache: URL,
    progress: (Double) -> Void = { _ in }
  ) throws {
    let facts = questions.examples.map { example in
      example.subject.map { FactFrequency.Fact(subject: $0, answer: example.answer) }
    }
    let asked = facts.compactMap(\.self)
    guard let first = asked.first else {
      throw StudyError.noSubjects(task: questions.benchmark.task)
    }
    var fingerprint = Fingerprint()
    for fact in facts { fingerprint.combine("\(fact?.subject ?? "")\n\(fact?.answer ?? "")") }
    let files = try urls.map(CorpusFile.init).map {
      "\(URL(filePath: $0.path).lastPathComponent) \($0.storedBytes) \($0.changed)"
    }
    let identity =
      "\(files.joined(separator: ", ")), by \(document.rawValue), \(asked.count) facts \(fingerprint)"
      + ", words \(WordCutter.version)"
    if let data = FileManager.default.contents(atPath: cache.path),
      let known = try? JSONDecoder().decode(FactCounts.self, from: data),
      known.identity == identity, known.isComplete(for: facts)
    {
      self = known
      return
    }
    let counts = try FactFrequency(asked, document: document).counts(in: urls, progress: progress)
    guard counts.subjects.contains(where: { $0 > 0 }) else {
      throw StudyError.noSubjectOccurs(
        subjects: Set(asked.map(\.subject)).count, first: first.subject,
        documents: counts.documents)
    }
    var next = 0
    let places = facts.map { fact -> Int? in
      guard fact != nil else { return nil }
      defer { next += 1 }
      return next
    }
    self.identity = identity
    together = places.map { $0.map { counts.together[$0] } }
    subjects = places.map { $0.map { counts.subjects[$0] } }
    documents = counts.documents
    words = counts.words
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(self)), to: cache)
  }

  /// Whether there is a count for every fact, as a file that was changed by hand may not have.
  private func isComplete(for facts: [FactFrequency.Fact?]) -> Bool {
    [together, subjects].allSatisfy { counts in
      counts.count == facts.count
        && zip(counts, facts).allSatisfy { ($0 == nil) == ($1 == nil) && $0 ?? 0 >= 0 }
    }
  }
}
