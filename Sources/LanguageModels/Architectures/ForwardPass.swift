internal import Numerics

/// The pass of inference up the layers of a model: the stream, which rows of it are still wanted, and where keys are
/// kept. Its operations are in `ForwardPass+Operations.swift`.
struct ForwardPass {
  /// The stream, `[rows × width]`.
  var stream: Value
  /// Which rows belong to which sequence.
  private(set) var sequences: PackedSequences
  /// Earlier tokens, nil when the sequences are whole.
  private(set) var cache: KeyValueCache?
  /// The layer at work.
  private var layer = 0
  private let lastLayer: Int
  /// The rows to be kept in the last layer, nil for all.
  private let wanted: [Int]?
  /// Whether all but the wanted rows are dropped.
  private(set) var hasGathered = false
  /// The rows of the tokens that every sequence shares with an earlier one.
  private let sharedRows: [[Range<Int>]]
  private var angles: [(rotary: RotaryEmbedding, all: RotaryEmbedding.Angles)] = []
  private let pool = ActivationPool()
  let workers: Workers

  init(
    _ stream: ResidualStream, through layers: Range<Int>, reading wanted: [Int]?,
    cache: KeyValueCache?, using workers: Workers
  ) {
    let sequences = stream.sequences
    precondition(cache == nil || !sequences.sharesPrefixes, "shared tokens are not in a cache")
    self.stream = Value(Activations(stream.rows), isGathered: false, pool)
    self.sequences = sequences
    sharedRows = (0..<sequences.count).map(sequences.sharedRows(of:))
    self.cache = cache
    self.wanted = wanted
    lastLayer = layers.upperBound - 1
    self.workers = workers
    if layers.isEmpty { keepWanted() }
  }

  /// A pass over finished rows, for what comes after the last layer.
  init(over rows: Matrix, using workers: Workers) {
    self.init(
      ResidualStream(rows: rows, sequences: PackedSequences(counts: [rows.rows], cached: [0])),
      through: 0..<0, reading: nil, cache: nil, using: workers)
  }

  /// Begins layer `index`.
  mutating func enter(_ index: Int) { layer = index }

  /// The stream as a value.
  var result: ResidualStream {
    ResidualStream(rows: stream.rows.matrix, sequences: sequences)
  }
}

// MARK: - Rows that are wanted

extension ForwardPass {
  /// Activations of a pass, whose memory goes back to it when nobody needs them.
  final class Value {
    let rows: Activations
    /// Whether these are the wanted rows alone.
    let isGathered: Bool
    private let pool: ActivationPool
    fileprivate var wanted: Value?

    fileprivate init(_ rows: Activations, isGathered: Bool, _ pool: ActivationPool) {
      self.rows = rows
      self.isGathered = isGathered
      self.pool = pool
    }

    deinit { pool.give(rows) }
  }

  /// Room for a value, with whatever is in it.
  func makeValue(rows: Int, columns: Int, isGathered: Bool) -> Value {
    Value(pool.take(rows: rows, columns: columns), isGathered: isGathered, pool)
  }

  /// Room for a value of as many rows as `other` has.
  func makeValue(like other: Value, columns: Int) -> Value {
    makeValue(rows: other.rows.rows, columns: columns, isGathered: other.isGathered)
  }

  /// The rows of `value` that are still of use.
  func current(_ value: Value) -> Value { hasGathered ? wantedRows(of: value) : value }

  /// Whether this layer needs its queries, and all that comes after its attention, at the wanted rows alone.
  var narrows: Bool { layer == lastLayer && wanted != nil }

  /// The wanted rows of `value`.
  func wantedRows(of value: Value) -> Value {
    guard let wanted, !value.isGathered else { return value }
    if let known = value.wanted { return known }
    let gathered = makeValue(rows: wanted.count, columns: value.rows.columns, isGathered: true)
    value.rows.copyRows(wanted, into: gathered.rows)
    value.wanted = gathered
    return gathered
  }

  /// Drops all rows of the stream that nobody wants.
  private mutating func keepWanted() {
    guard let wanted, !hasGathered else { return }
    stream = wantedRows(of: stream)
    sequences = sequences.keeping(wanted)
    hasGathered = true
  }

  /// A value of its own, so that it may be written.
  func makeUnique(_ value: inout Value) {
    guard !isKnownUniquelyReferenced(&value) else {
      value.wanted = nil
      return
    }
    let copy = makeValue(like: value, columns: value.rows.columns)
    copy.rows.start.update(from: value.rows.start, count: value.rows.rows * value.rows.columns)
    value = copy
  }

  /// The angles of the rows of `value`.
  mutating func angles(of rotary: RotaryEmbedding, for value: Value) -> RotaryEmbedding.Angles {
    let all: RotaryEmbedding.Angles
    if let known = angles.first(where: { $0.rotary == rotary }) {
      all = known.all
    } else {
      precondition(!hasGathered, "a layer turns its keys before it drops rows")
      all = rotary.angles(
        positions: sequences.positions, lengths: sequences.lengthOfEveryRow)
      angles.append((rotary, all))
    }
    guard value.isGathered, let wanted else { return all }
    return all.gathering(wanted)
  }
}

// MARK: - Keys and values

extension ForwardPass {
  /// Keys and values that attention reads.
  struct Memory {
    let keys: Activations
    let values: Activations
    /// The sequences of the queries on them.
    let spans: [GroupedAttention.Span]
  }

  /// The keys and values of the layer, earlier tokens' and the new ones'. From here on only wanted rows are computed.
  mutating func remember(keys: Activations, values: Activations) -> Memory {
    let memory = cache?.append(keys: keys, values: values, of: sequences, layer: layer)
    let rows = memory?.rows ?? (0..<sequences.count).map(sequences.rows(of:))
    if narrows { keepWanted() }
    return Memory(
      keys: memory?.keys ?? keys, values: memory?.values ?? values,
      spans: rows.indices.map {
        .init(queries: sequences.rows(of: $0), keys: rows[$0], after: sharedRows[$0])
      })
  }
}

/// Memory that the operations of a pass write over and over.
private final class ActivationPool {
  private var free: [Activations] = []

  func take(rows: Int, columns: Int) -> Activations {
    guard let index = free.lastIndex(where: { $0.rows == rows && $0.columns == columns }) else {
      return Activations(rows: rows, columns: columns)
    }
    return free.remove(at: index)
  }

  func give(_ activations: Activations) { free.append(activations) }
}
