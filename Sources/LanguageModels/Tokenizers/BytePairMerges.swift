internal import LaserOps
internal import HeapModule

/// The merges of a byte-pair encoding: which two neighbouring tokens become one, and in which order.
struct BytePairMerges: Sendable {
  private struct Merge {
    /// Lower ranks are merged first.
    let rank: UInt32
    let result: Int32
  }

  private var merges: [UInt64: Merge] = [:]

  init(capacity: Int = 0) { merges.reserveCapacity(capacity) }

  /// The tokens `left` and `right` become `result`; a later rank for the same pair replaces an earlier.
  mutating func add(_ left: Int, _ right: Int, result: Int, rank: Int) {
    merges[Self.key(Int32(left), Int32(right))] = Merge(
      rank: UInt32(clamping: rank), result: Int32(result))
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Merges neighbours in `symbols` until no pair has a merge: lowest rank first, leftmost among equals.
  ///
  /// - Complexity: O(n log n), so that a whole text without pre-tokenizer can be one word.
  func apply(to symbols: inout [Int32]) {
    guard symbols.count > 1 else { return }
    var next = Array(1...Int32(symbols.count))
    var previous = Array(-1..<Int32(symbols.count) - 1)
    var queue = Heap<Candidate>()
    let end = Int32(symbols.count)

    func propose(_ position: Int32, _ follower: Int32) {
      let (left, right) = (symbols[Int(position)], symbols[Int(follower)])
      guard left >= 0, right >= 0, let merge = merges[Self.key(left, right)] else { return }
      queue.insert(
        Candidate(
          rank: merge.rank, position: position, left: left, right: right, result: merge.result))
    }

    for position in 0..<end - 1 { propose(position, position + 1) }
    while let best = queue.popMin() {
      let position = Int(best.position)
      let follower = next[position]
      // One of the two may have been merged with its other neighbour since.
      guard symbols[position] == best.left, follower < end, symbols[Int(follower)] == best.right
      else { continue }
      symbols[position] = best.result
      symbols[Int(follower)] = Self.gone
      next[position] = next[Int(follower)]
      if next[position] < end { previous[Int(next[position])] = best.position }
      if previous[position] >= 0 { propose(previous[position], best.position) }
      if next[position] < end { propose(best.position, next[position]) }
    }
    symbols.removeAll { $0 == Self.gone }
  }

  /// Marks a symbol that was merged into the one before it. No id is negative.
  private static let gone: Int32 = -1

  private struct Candidate: Comparable {
    let rank: UInt32
    let position: Int32
    let left: Int32
    let right: Int32
    let result: Int32

    static func < (left: Candidate, right: Candidate) -> Bool {
      (left.rank, left.position) < (right.rank, right.position)
    }
  }
}
