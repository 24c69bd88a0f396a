/// A matrix that stays in its file, in the file's own element type; rows are decoded when they are used.
///
/// So a 6B model in 16-bit floats takes about its file's size, and pages that are not in use may leave the memory.
public struct MappedMatrix: Sendable {
  /// How the rows of the matrix lie in the file.
  public enum RowOrder: Sendable, Equatable {
    /// As they are.
    case stored
    /// In each group of `headWidth` rows, row `i` of the first half is followed by row `i` of the second.
    ///
    /// This is how llama.cpp stores queries and keys of the architecture `llama`, for a rotary
    /// embedding of neighbours; un-permuted they fit Hugging Face's rotary embedding of halves.
    case interleavedHalves(headWidth: Int)
    /// Groups of `width` rows, `height` rows from one group to the next: `TensorPart.groups`.
    case groups(width: Int, height: Int)
    /// Turned round: a row is a column of the file, whose rows have `width` elements.
    case columns(width: Int)

    /// Where row `row` of the matrix lies in the file, counted from the first; a column where it is turned round.
    public func storedRow(of row: Int) -> Int {
      switch self {
      case .stored, .columns: return row
      case .interleavedHalves(let headWidth):
        let inHead = row % headWidth
        return row - inHead + 2 * (inHead % (headWidth / 2)) + inHead / (headWidth / 2)
      case .groups(let width, let height): return row / width * height + row % width
      }
    }
  }

  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// How the elements are encoded in the file.
  package let type: ElementType
  /// How the rows lie in the file.
  public let rowOrder: RowOrder
  private let file: MappedFile
  private let offset: Int

  /// - Precondition: The bytes lie in `file`, `type` is a weight, and a row is a whole number of blocks, as
  ///   ``StoredTensor`` has checked; with interleaved halves, `headWidth` is even and divides `rows`; what is turned
  ///   round is not stored in blocks.
  package init(
    rows: Int, columns: Int, type: ElementType, rowOrder: RowOrder, file: MappedFile, offset: Int
  ) {
    precondition(type.isWeight, "\(type) elements cannot be decoded")
    if case .interleavedHalves(let headWidth) = rowOrder {
      precondition(
        headWidth > 0 && headWidth % 2 == 0 && rows % headWidth == 0,
        "\(rows) rows cannot be heads of \(headWidth)")
    }
    if case .columns(let width) = rowOrder {
      precondition(type.blockLength == 1 && rows <= width, "blocks cannot be turned round")
    }
    self.rows = rows
    self.columns = columns
    self.type = type
    self.rowOrder = rowOrder
    self.file = file
    self.offset = offset
  }

  /// The number of bytes of one encoded row.
  public var rowBytes: Int { columns / type.blockLength * type.blockBytes }

  /// How many rows are decoded at no more cost than one: those that share a line of the file.
  var rowsAtOnce: Int {
    if case .columns = rowOrder { 16 } else { 1 }
  }

  /// Where the bytes lie, others between them included.
  private var extent: Range<Int> {
    guard rows > 0, columns > 0 else { return offset..<offset }
    switch rowOrder {
    case .stored, .interleavedHalves: return offset..<offset + rows * rowBytes
    case .groups: return offset..<offset + (rowOrder.storedRow(of: rows - 1) + 1) * rowBytes
    case .columns(let width):
      return offset..<offset + ((columns - 1) * width + rows) * type.blockBytes
    }
  }

  /// Decodes `rows`, one after the other, into `result`.
  ///
  /// - Precondition: `rows` lies in the matrix and `result` has exactly `rows.count * columns` elements.
  /// - Complexity: O(rows · columns).
  public func decode(rows range: Range<Int>, into result: UnsafeMutableBufferPointer<Float>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows,
      "rows \(range) are outside of a matrix of \(rows)")
    precondition(
      result.count == range.count * columns,
      "\(range.count) rows of \(columns) do not fill \(result.count) elements")
    guard let target = result.baseAddress, !range.isEmpty else { return }
    // SAFETY: the loader checked that all rows lie in the file; `target` has room for every row of `range`.
    file.withBytes(in: extent) { bytes in
      guard let source = bytes.baseAddress else { return }
      switch rowOrder {
      case .stored:
        BlockDecoder.decode(
          type, from: source + range.lowerBound * rowBytes, count: result.count, into: target)
        return
      case .columns(let width):
        TurnedRows.decode(
          type, from: source + range.lowerBound * type.blockBytes, rows: range.count,
          columns: columns, stride: width, into: target)
        return
      case .interleavedHalves, .groups: break
      }
      for (index, row) in range.enumerated() {
        BlockDecoder.decode(
          type, from: source + rowOrder.storedRow(of: row) * rowBytes, count: columns,
          into: target + index * columns)
      }
    }
  }

  /// Lends the first byte of the matrix to `body`; false when there is none.
  func withStoredBytes(_ body: (UnsafeRawPointer) -> Bool) -> Bool {
    file.withBytes(in: extent) { bytes in
      guard let source = bytes.baseAddress else { return false }
      return body(source)
    }
  }

  /// Asks the processor to have the bytes of `range` at hand soon; rows outside of the matrix are left out.
  func prefetch(rows range: Range<Int>) {
    file.withBytes(in: extent) { bytes in
      guard let source = bytes.baseAddress else { return }
      let range = range.clamped(to: 0..<rows)
      switch rowOrder {
      case .stored:
        return Prefetch.bytes(source + range.lowerBound * rowBytes, count: range.count * rowBytes)
      case .columns: return
      case .interleavedHalves, .groups: break
      }
      for row in range {
        Prefetch.bytes(source + rowOrder.storedRow(of: row) * rowBytes, count: rowBytes)
      }
    }
  }

  /// The whole matrix decoded, by several threads when it is large.
  ///
  /// - Complexity: O(rows · columns).
  public func matrix(using workers: Workers = .init(count: 1)) -> Matrix {
    let values = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, initialized in
      let target = Tiles(base: buffer)
      let height = max(1, (1 << 16) / max(1, columns))
      workers.forEach((rows + height - 1) / height) { tile in
        let range = tile * height..<min(rows, (tile + 1) * height)
        decode(
          rows: range,
          into: UnsafeMutableBufferPointer(
            rebasing: target.base[range.lowerBound * columns..<range.upperBound * columns]))
      }
      initialized = rows * columns
    }
    return Matrix(rows: rows, columns: columns, values: values)
  }

  // SAFETY: every worker writes rows of its own, and the buffer outlives them all.
  private struct Tiles: @unchecked Sendable {
    let base: UnsafeMutableBufferPointer<Float>
  }
}

extension MappedMatrix: Equatable {
  /// Whether both are the same bytes of the same mapping; the elements are not compared.
  public static func == (left: MappedMatrix, right: MappedMatrix) -> Bool {
    left.file === right.file && left.offset == right.offset && left.rows == right.rows
      && left.columns == right.columns && left.type == right.type
      && left.rowOrder == right.rowOrder
  }
}
