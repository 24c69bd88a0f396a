internal import Numerics

/// The keys and values of tokens that a causal model has seen, so that each new token costs one row.
///
/// A value: a copy shares every layer's memory until one of the two appends to that layer.
public struct KeyValueCache: Sendable {
  /// The first row of every sequence's share, and after the last one the number of rows.
  private let starts: [Int]
  private var layers: [Layer]

  private struct Layer {
    var keys: Activations
    var values: Activations
    /// How many tokens of every sequence are there.
    var counts: [Int]
  }

  /// Room for sequences of up to `capacities` tokens in every layer.
  ///
  /// - Parameters:
  ///   - capacities: The most tokens of every sequence, prompt and generated ones together.
  ///   - layers: The number of layers.
  ///   - width: The width of the keys, and of the values, of one token in one layer.
  package init(capacities: [Int], layers: Int, width: Int) {
    let starts = capacities.reduce(into: [0]) { starts, capacity in
      starts.append(starts[starts.count - 1] + capacity)
    }
    let rows = starts[starts.count - 1]
    self.starts = starts
    self.layers = (0..<layers).map { _ in
      Layer(
        keys: Activations(rows: rows, columns: width),
        values: Activations(rows: rows, columns: width),
        counts: Array(repeating: 0, count: capacities.count))
    }
  }

  /// The number of tokens of every sequence that have passed the first layer.
  package var counts: [Int] { layers.first?.counts ?? [] }

  /// Appends the keys and values of new tokens to those of `layer`.
  ///
  /// - Returns: All keys and values of the layer, and the rows that every sequence has in them.
  /// - Precondition: Every sequence has room for its new tokens, and rows are as wide as the cache's.
  mutating func append(
    keys: Activations, values: Activations, of sequences: PackedSequences, layer: Int
  ) -> (keys: Activations, values: Activations, rows: [Range<Int>]) {
    makeUnique(layer)
    let entry = layers[layer]
    precondition(
      keys.columns == entry.keys.columns && values.columns == keys.columns,
      "keys of \(keys.columns), values of \(values.columns) in a cache of \(entry.keys.columns)")
    var rows: [Range<Int>] = []
    for sequence in 0..<sequences.count {
      let new = sequences.rows(of: sequence)
      let start = starts[sequence]
      let count = entry.counts[sequence]
      precondition(
        start + count + new.count <= starts[sequence + 1],
        "\(count) + \(new.count) tokens in a cache of \(starts[sequence + 1] - start)")
      if !new.isEmpty {
        let elements = new.count * keys.columns
        entry.keys.row(start + count).update(from: keys.row(new.lowerBound), count: elements)
        entry.values.row(start + count).update(from: values.row(new.lowerBound), count: elements)
      }
      rows.append(start..<start + count + new.count)
    }
    layers[layer].counts = rows.map(\.count)
    return (entry.keys, entry.values, rows)
  }

  private mutating func makeUnique(_ layer: Int) {
    if !isKnownUniquelyReferenced(&layers[layer].keys) {
      layers[layer].keys = layers[layer].keys.copy()
    }
    if !isKnownUniquelyReferenced(&layers[layer].values) {
      layers[layer].values = layers[layer].values.copy()
    }
  }
}
