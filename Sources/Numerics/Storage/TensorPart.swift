/// Which part of a stored tensor is a matrix of its own: files keep several matrices in one tensor.
///
/// Rows are counted over all but the last dimension, so that expert e of a stack `[E × R × C]` is rows e·R to (e+1)·R.
package enum TensorPart: Sendable, Equatable {
  /// All of it.
  case whole
  /// Some rows side by side: the keys of `[queries; keys; values]`, an expert of a stack.
  case rows(Range<Int>)
  /// The same rows of every group of `height`: GPT-NeoX stores query, key and value head by head.
  case groups(Range<Int>, height: Int)
  /// Some columns, turned round: GPT-2 stores `[inputs × outputs]`.
  case columns(Range<Int>)

  /// The shape of the part of a tensor of `rows × columns`; nil when the tensor has no such part.
  func shape(of rows: Int, _ columns: Int) -> (rows: Int, columns: Int)? {
    switch self {
    case .whole: return (rows, columns)
    case .rows(let range):
      return range.lowerBound >= 0 && range.upperBound <= rows ? (range.count, columns) : nil
    case .groups(let range, let height):
      guard height > 0, rows % height == 0, range.lowerBound >= 0, range.upperBound <= height,
        !range.isEmpty
      else { return nil }
      return (rows / height * range.count, columns)
    case .columns(let range):
      return range.lowerBound >= 0 && range.upperBound <= columns ? (range.count, rows) : nil
    }
  }

  /// Which row of the tensor, or column where it is turned round, is `row` of the part.
  package func storedRow(of row: Int) -> Int {
    switch self {
    case .whole: row
    case .rows(let range), .columns(let range): range.lowerBound + row
    case .groups(let range, let height):
      row / range.count * height + range.lowerBound + row % range.count
    }
  }

  /// Whether the part is turned round.
  package var isTransposed: Bool {
    if case .columns = self { true } else { false }
  }
}
