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
  /// The rows of every sequence's tokens, one sequence after the other, where some of them are shared; else nil.
  private let wholeRows: [Int]?
  let workers: Workers

  init(
    _ stream: ResidualStream, through layers: Range<Int>, reading wanted: [Int]?,
    cache: KeyValueCache?, using workers: Workers
  ) {
    self.stream = Activations(stream.rows)
    let sequences = stream.sequences
    self.sequences = sequences
    wholeRows =
      sequences.sharesPrefixes
      ? sequences.lengths.indices.flatMap { sequence in
        (0..<sequences.lengths[sequence]).map { sequences.row(of: $0, in: sequence) }
      } : nil
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

    /// The sequences of `queries` on these keys.
    func spans(_ queries: PackedSequences) -> [GroupedAttention.Span] {
      rows.indices.map { .init(queries: queries.rows(of: $0), keys: rows[$0]) }
    }
  }

  /// The keys and values of `layer`, earlier tokens' and the new ones'.
  mutating func remember(keys: Activations, values: Activations, layer: Int) -> Memory {
    if let memory = cache?.append(keys: keys, values: values, of: sequences, layer: layer) {
      return Memory(keys: memory.keys, values: memory.values, rows: memory.rows)
    }
    if let wholeRows {
      // Attention reads a sequence's keys in one piece. Copies of what is shared cost far less than its projections.
      let starts = sequences.lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
      return Memory(
        keys: keys.gathering(wholeRows), values: values.gathering(wholeRows),
        rows: sequences.lengths.indices.map { starts[$0]..<starts[$0 + 1] })
    }
    return Memory(keys: keys, values: values, rows: (0..<sequences.count).map(sequences.rows(of:)))
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
