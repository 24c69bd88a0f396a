/// Decodes columns of a stored matrix as rows: a linear layer that its file keeps as `[inputs × outputs]`.
///
/// Sixteen rows of the file are decoded, sixteen columns at a time, and turned round in registers: every line of the
/// file is read once for sixteen rows of the result.
enum TurnedRows {
  private static let side = Vector.width

  /// `target[row, column] ← source[column, row]`.
  ///
  /// - Parameters:
  ///   - type: The elements of the file, blocks of one.
  ///   - source: The first element of the first column.
  ///   - rows: How many columns of the file.
  ///   - columns: How many rows of the file.
  ///   - stride: From one row of the file to the next, in elements.
  ///   - target: Room for `rows · columns` elements.
  static func decode(
    _ type: ElementType, from source: UnsafeRawPointer, rows: Int, columns: Int, stride: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    let bytes = type.blockBytes
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * side * side) { buffer in
      guard let tile = buffer.baseAddress else { return }
      // SAFETY: the tile has room for two squares; what is read and written lies within the two matrices.
      tile.initialize(repeating: 0, count: 2 * side * side)
      for row in Swift.stride(from: 0, to: rows, by: side) {
        let width = min(side, rows - row)
        for column in Swift.stride(from: 0, to: columns, by: side) {
          let height = min(side, columns - column)
          for index in 0..<height {
            BlockDecoder.decode(
              type, from: source + ((column + index) * stride + row) * bytes, count: width,
              into: tile + index * side)
          }
          let turned = transpose(tile, tile + side * side)
          for index in 0..<width {
            (target + (row + index) * columns + column)
              .update(from: turned + index * side, count: height)
          }
        }
      }
    }
  }

  /// Turns a square round by four perfect shuffles of its rows.
  ///
  /// - Returns: Where the result is: one of the two squares, which are both overwritten.
  private static func transpose(
    _ square: UnsafeMutablePointer<Float>, _ other: UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float> {
    var from = square
    var to = other
    for _ in 0..<4 {
      for index in 0..<side / 2 {
        let upper = Vector(at: from + index * side)
        let lower = Vector(at: from + (index + side / 2) * side)
        var first = Vector.zero
        first.evenHalf = upper.lowHalf
        first.oddHalf = lower.lowHalf
        first.store(to: to + 2 * index * side)
        var second = Vector.zero
        second.evenHalf = upper.highHalf
        second.oddHalf = lower.highHalf
        second.store(to: to + (2 * index + 1) * side)
      }
      swap(&from, &to)
    }
    return from
  }
}
