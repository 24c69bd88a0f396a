/// Sequences that are computed together, what several of them begin with once.
///
/// A token's stream depends on the tokens before it alone, so that sequences with the same start have the same rows
/// there: prompts with the same instruction, and the answers to one prompt. Nothing else is shared, so that no
/// sequence is computed in another way, with other roundings, because of the groups that happen to come with it.
struct PrefixBatch: Sendable, Equatable {
  /// The sequences, whole.
  private var sequences: [[Int]] = []
  /// What every sequence shares with an earlier one; nil where that is nothing.
  private var prefixes: [PackedSequences.Prefix?] = []
  /// Where starts are shared, what all sequences begin with; else nil.
  private let start: [Int]?

  /// No sequences yet.
  ///
  /// - Parameter start: What all sequences will begin with; nil where the model allows no sharing, by
  ///   ``LanguageModelShape/allowsPrefixSharing``.
  init(after start: [Int]?) {
    self.start = start
    guard let start, !start.isEmpty else { return }
    sequences = [start]
    prefixes = [nil]
  }

  /// How many sequences there are, the start of all of them included.
  var count: Int { sequences.count }

  /// More sequences, of which each goes on from where an earlier one of the group leaves it, or from the start of all.
  mutating func append(group: [[Int]]) {
    let others = count..<count + group.count
    for sequence in group {
      prefixes.append(start.flatMap { prefix(of: sequence, start: $0, others: others) })
      sequences.append(sequence)
    }
  }

  private func prefix(
    of sequence: [Int], start: [Int], others: Range<Int>
  ) -> PackedSequences.Prefix? {
    precondition(sequence.starts(with: start), "a sequence begins unlike all others")
    var longest = start.isEmpty ? nil : PackedSequences.Prefix(sequence: 0, count: start.count)
    for index in others.prefix(while: { $0 < count }) {
      let common = zip(sequences[index], sequence).prefix { $0 == $1 }.count
      if common > longest?.count ?? 0 { longest = .init(sequence: index, count: common) }
    }
    return longest
  }

  /// Every sequence's tokens after those that it shares.
  var tokens: [[Int]] {
    zip(sequences, prefixes).map { Array($0.dropFirst($1?.count ?? 0)) }
  }

  /// How many tokens are computed.
  var tokenCount: Int {
    zip(sequences, prefixes).reduce(0) { $0 + $1.0.count - ($1.1?.count ?? 0) }
  }

  /// How many of them come after the start of all.
  var ownTokenCount: Int { tokenCount - (start?.count ?? 0) }

  /// Their rows.
  var packed: PackedSequences {
    PackedSequences(
      counts: zip(sequences, prefixes).map { $0.count - ($1?.count ?? 0) }, after: prefixes)
  }

  /// What all of `sequences` begin with.
  static func commonStart(of sequences: some Sequence<[Int]>) -> [Int] {
    var sequences = sequences.makeIterator()
    guard var common = sequences.next() else { return [] }
    while let sequence = sequences.next() {
      common = zip(common, sequence).prefix { $0 == $1 }.map(\.0)
    }
    return common
  }
}
