internal import LaserOps

/// What travels up the layers of a model: the stream, which rows of it are still wanted, and where keys are kept.
struct ForwardPass {
  /// The stream, `[rows × width]`; layers change it in place.
  private(set) var stream: Activations
  /// Which rows belong to which sequence.
  private(set) var sequences: PackedSequences
  /// Earlier tokens, nil when the sequences are whole.
  private(set) var cache: KeyValueCache?
  /// The rows to be kept in the last layer, nil for all.
  private let wanted: [Int]?
  private let lastLayer: Int
  /// The rows of the tokens that every sequence shares with an earlier one.
  private let sharedRows: [[Range<Int>]]
  let workers: Workers

  init(
    _ stream: ResidualStream, through layers: Range<Int>, reading wanted: [Int]?,
    cache: KeyValueCache?, using workers: Workers
  ) {
    self.stream = Activations(stream.rows)
    let sequences = stream.sequences
    self.sequences = sequences
    precondition(cache == nil || !sequences.sharesPrefixes, "shared tokens are not in a cache")
    sharedRows = (0..<sequences.count).map(sequences.sharedRows(of:))
    self.cache = cache
    self.wanted = wanted
    lastLayer = layers.upperBound - 1
    self.workers = workers
    if layers.isEmpty, let wanted { keep(wanted) }
  }

  /// Keys and values that attention reads.
  struct Memory {
    let keys: Activations
    let values: Activations
    /// The rows of every sequence.
    let rows: [Range<Int>]
    /// The rows of the tokens that come before them, which are another sequence's too.
    let shared: [[Range<Int>]]

    /// The sequences of `queries` on these keys.
    func spans(_ queries: PackedSequences) -> [GroupedAttention.Span] {
      rows.indices.map {
        .init(queries: queries.rows(of: $0), keys: rows[$0], after: shared[$0])
      }
    }
  }

  /// The keys and values of `layer`, earlier tokens' and the new ones'.
  mutating func remember(keys: Activations, values: Activations, layer: Int) -> Memory {
    guard let memory = cache?.append(keys: keys, values: values, of: sequences, layer: layer)
    else {
      let rows = (0..<sequences.count).map(sequences.rows(of:))
      return Memory(keys: keys, values: values, rows: rows, shared: sharedRows)
    }
    return Memory(keys: memory.keys, values: memory.values, rows: memory.rows, shared: sharedRows)
  }

  /// The rows that `layer` still has to compute once it has everybody's keys; nil when that is all of them.
  func rowsWanted(in layer: Int) -> [Int]? { layer == lastLayer ? wanted : nil }

  /// Drops all rows but these.
  mutating func keep(_ rows: [Int]) {
    stream = stream.gathering(rows)
    sequences = sequences.keeping(rows)
  }

  /// The stream as a value.
  var result: ResidualStream { ResidualStream(rows: stream.matrix, sequences: sequences) }
}
