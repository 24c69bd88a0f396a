public import Numerics

/// Sequences of tokens one after another without padding: row r of an activation matrix is one token.
///
/// A sequence that begins like an earlier one may have rows for the rest alone.
public struct PackedSequences: Sendable, Equatable {
  /// The start of an earlier sequence, which another one shares.
  public struct Prefix: Sendable, Equatable {
    /// The earlier sequence.
    public let sequence: Int
    /// How many of its tokens.
    public let count: Int
  }

  /// The first row of every sequence, and after the last one the number of rows.
  public let starts: [Int]
  /// Every row's position in its sequence, from 0, shared and earlier cached tokens included.
  public let positions: [Int]
  /// Every sequence's number of tokens, shared and earlier cached ones included.
  public let lengths: [Int]
  /// What every sequence shares with an earlier one; nil for those that are whole.
  public let prefixes: [Prefix?]

  /// Sequences of `counts` new tokens after `cached` earlier ones each.
  package init(counts: [Int], cached: [Int]) {
    precondition(counts.count == cached.count, "\(counts.count) sequences, \(cached.count) caches")
    starts = counts.reduce(into: [0]) { starts, count in
      starts.append(starts[starts.count - 1] + count)
    }
    positions = zip(counts, cached).flatMap { count, past in past..<past + count }
    lengths = zip(counts, cached).map(+)
    prefixes = counts.map { _ in nil }
  }

  /// Sequences of `counts` tokens each after the prefixes that they share.
  ///
  /// - Precondition: A prefix is of an earlier sequence, which has so many tokens.
  init(counts: [Int], after prefixes: [Prefix?]) {
    let shared = prefixes.map { $0?.count ?? 0 }
    let whole = PackedSequences(counts: counts, cached: shared)
    for (index, prefix) in prefixes.enumerated() {
      guard let prefix else { continue }
      precondition(
        prefix.sequence < index && prefix.count <= whole.lengths[prefix.sequence],
        "sequence \(index) shares \(prefix.count) tokens of sequence \(prefix.sequence)")
    }
    self.init(
      starts: whole.starts, positions: whole.positions, lengths: whole.lengths,
      prefixes: prefixes)
  }

  private init(starts: [Int], positions: [Int], lengths: [Int], prefixes: [Prefix?]) {
    self.starts = starts
    self.positions = positions
    self.lengths = lengths
    self.prefixes = prefixes
  }

  /// The number of sequences.
  public var count: Int { starts.count - 1 }
  /// The number of rows.
  public var rowCount: Int { positions.count }

  /// The rows of `sequence`, without those that it shares.
  public func rows(of sequence: Int) -> Range<Int> { starts[sequence]..<starts[sequence + 1] }

  /// Whether any sequence shares what an earlier one begins with.
  var sharesPrefixes: Bool { prefixes.contains { $0 != nil } }

  /// The row of the token at `position` of `sequence`, its own or one that it shares.
  ///
  /// - Precondition: No earlier tokens are cached, and no row was dropped.
  func row(of position: Int, in sequence: Int) -> Int {
    let shared = prefixes[sequence]?.count ?? 0
    if let prefix = prefixes[sequence], position < shared {
      return row(of: position, in: prefix.sequence)
    }
    let row = starts[sequence] + position - shared
    precondition(positions[row] == position, "row \(row) is not at \(position)")
    return row
  }

  /// The rows of the tokens that `sequence` shares, piece by piece.
  ///
  /// - Precondition: As for ``row(of:in:)``.
  func sharedRows(of sequence: Int) -> [Range<Int>] {
    guard let prefix = prefixes[sequence] else { return [] }
    let other = sharedRows(of: prefix.sequence) + [rows(of: prefix.sequence)]
    var left = prefix.count
    return other.compactMap { rows in
      let part = rows.prefix(left)
      left -= part.count
      return part.isEmpty ? nil : part
    }
  }

  /// The last row of every sequence that has one: where the next token is predicted.
  public var lastRows: [Int] {
    (0..<count).compactMap { rows(of: $0).last }
  }

  /// Every row's sequence length, earlier cached tokens included.
  package var lengthOfEveryRow: [Int] {
    (0..<count).flatMap { Array(repeating: lengths[$0], count: rows(of: $0).count) }
  }

  /// Only some of the rows; every sequence stays, though it may have no rows left.
  ///
  /// - Precondition: `rows` ascend.
  package func keeping(_ rows: [Int]) -> PackedSequences {
    precondition(zip(rows, rows.dropFirst()).allSatisfy(<), "rows ascend")
    var starts = [0]
    var next = 0
    for sequence in 0..<count {
      while next < rows.count, rows[next] < self.starts[sequence + 1] { next += 1 }
      starts.append(next)
    }
    return PackedSequences(
      starts: starts, positions: rows.map { positions[$0] }, lengths: lengths, prefixes: prefixes)
  }
}

/// The residual stream of some sequences between two layers.
///
/// Everything that happens above depends on it and on the layers above alone, so that a search keeps the stream
/// which enters an edited layer and computes no layer below it again.
public struct ResidualStream: Sendable, Equatable {
  /// One row a token, `[rows × width]`.
  public let rows: Matrix
  /// Which rows belong to which sequence.
  public let sequences: PackedSequences

  /// A stream of these rows.
  ///
  /// - Precondition: There are as many rows as the sequences have.
  package init(rows: Matrix, sequences: PackedSequences) {
    precondition(rows.rows == sequences.rowCount, "\(rows.rows) rows, \(sequences.rowCount) tokens")
    self.rows = rows
    self.sequences = sequences
  }
}
