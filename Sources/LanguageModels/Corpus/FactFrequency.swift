package import Foundation

/// How often facts occur in a text: in how many documents a subject and its answer stand together (the paper's Fig. 3).
///
/// A document is a line of text, or what stands between empty lines. Punctuation and the case of ASCII letters do not
/// count, whole words do (`PhraseTrie`).
package struct FactFrequency: Sendable {
  /// What is looked for together.
  package struct Fact: Hashable, Sendable {
    /// For example `Danielle Darrieux`.
    package let subject: String
    /// For example `French`.
    package let answer: String

    /// A subject with its answer.
    package init(subject: String, answer: String) {
      self.subject = subject
      self.answer = answer
    }
  }

  /// What counts as standing together.
  package enum Document: String, CaseIterable, Sendable {
    /// A line.
    case line
    /// The lines between two empty ones.
    case paragraph
  }

  /// What was counted.
  package struct Counts: Equatable, Sendable {
    /// For every fact, the documents that have both.
    package let together: [Int]
    /// For every fact, the documents that have the subject.
    package let subjects: [Int]
    /// All documents with at least one word.
    package let documents: Int
    /// All words.
    package let words: Int
  }

  /// The facts, in the order of the counts.
  package let facts: [Fact]
  /// What counts as standing together.
  package let document: Document
  private let trie: PhraseTrie
  /// The phrases of each fact; nil where one of them has no word.
  private let phrases: [(subject: Int, answer: Int)?]
  /// The facts that begin with a subject's phrase.
  private let factsOfSubject: [[Int]]

  /// Prepares to look for `facts`, all at once.
  ///
  /// - Throws: ``CorpusError/nothingToCount``.
  package init(_ facts: [Fact], document: Document = .line) throws {
    self.facts = facts
    self.document = document
    var trie = PhraseTrie()
    phrases = facts.map { fact in
      guard let subject = trie.insert(fact.subject), let answer = trie.insert(fact.answer) else {
        return nil
      }
      return (subject, answer)
    }
    guard phrases.contains(where: { $0 != nil }) else { throw CorpusError.nothingToCount }
    var factsOfSubject = [[Int]](repeating: [], count: trie.phraseCount)
    for (index, phrases) in phrases.enumerated() {
      if let phrases { factsOfSubject[phrases.subject].append(index) }
    }
    self.trie = trie
    self.factsOfSubject = factsOfSubject
  }

  /// Counts in the texts at `urls`, plain or gzipped, which are read once from beginning to end.
  ///
  /// - Parameters:
  ///   - urls: The files. The end of a file ends a document.
  ///   - progress: Called now and then with the share of the files' bytes that is done.
  /// - Returns: The counts, fact by fact.
  /// - Throws: ``CorpusError``.
  package func counts(in urls: [URL], progress: (Double) -> Void = { _ in }) throws -> Counts {
    let files = try urls.map { try CorpusFile($0) }
    let total = Double(max(1, files.reduce(0) { $0 + $1.storedBytes }))
    var scan = Scan(self)
    var done = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    for file in files {
      while case let count = try file.read(into: buffer), count > 0 {
        scan.read(UnsafeRawBufferPointer(rebasing: buffer[..<count]).bindMemory(to: UInt8.self))
        progress(Double(done + file.storedPosition) / total)
      }
      scan.endDocument()
      done += file.storedBytes
    }
    guard scan.words > 0 else { throw CorpusError.noText(paths: urls.map(\.path)) }
    return Counts(
      together: scan.together, subjects: scan.subjects, documents: scan.documents,
      words: scan.words)
  }

  /// The state of reading a text byte by byte.
  private struct Scan {
    private let frequency: FactFrequency
    private(set) var together: [Int]
    private(set) var subjects: [Int]
    private(set) var documents = 0
    private(set) var words = 0
    private var cutter = WordCutter()
    /// The phrases that have begun in this document and may go on: their nodes.
    private var open: [Int32] = []
    /// In which document each phrase was last found; documents count from 1.
    private var found: [Int]
    /// The phrases found in this document, once each.
    private var phrases: [Int] = []
    private var wordsBefore = 0
    private var lineIsEmpty = true

    init(_ frequency: FactFrequency) {
      self.frequency = frequency
      together = Array(repeating: 0, count: frequency.facts.count)
      subjects = together
      found = Array(repeating: 0, count: frequency.trie.phraseCount)
    }

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
      for byte in bytes {
        if cutter.takes(byte) { continue }
        if !cutter.word.isEmpty { endWord() }
        guard byte == UInt8(ascii: "\n") else {
          if byte > UInt8(ascii: " ") { lineIsEmpty = false }
          continue
        }
        if frequency.document == .line || lineIsEmpty { endDocument() }
        lineIsEmpty = true
      }
    }

    private mutating func endWord() {
      words += 1
      lineIsEmpty = false
      let number = cutter.word.withUnsafeBufferPointer { frequency.trie.word($0) }
      cutter.word.removeAll(keepingCapacity: true)
      guard let number else {
        open.removeAll(keepingCapacity: true)
        return
      }
      open.append(0)
      var kept = 0
      for node in open {
        guard let next = frequency.trie.child(of: node, number) else { continue }
        open[kept] = next
        kept += 1
        if let phrase = frequency.trie.phrase(at: next), found[phrase] != documents + 1 {
          found[phrase] = documents + 1
          phrases.append(phrase)
        }
      }
      open.removeSubrange(kept...)
    }

    mutating func endDocument() {
      if !cutter.word.isEmpty { endWord() }
      open.removeAll(keepingCapacity: true)
      guard words > wordsBefore else { return }
      for phrase in phrases {
        for fact in frequency.factsOfSubject[phrase] {
          subjects[fact] += 1
          if let answer = frequency.phrases[fact]?.answer, found[answer] == documents + 1 {
            together[fact] += 1
          }
        }
      }
      phrases.removeAll(keepingCapacity: true)
      wordsBefore = words
      documents += 1
    }
  }
}
