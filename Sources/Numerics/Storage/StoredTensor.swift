/// A tensor where it lies in its mapped file: nothing of it is read before it is asked for.
package struct StoredTensor: Sendable {
  /// The name in the file.
  package let name: String
  /// The dimensions, outermost first; a linear layer's are `[output, input]`.
  package let shape: [Int]
  /// How the elements are encoded.
  package let type: ElementType
  /// The length of the encoding.
  package let byteCount: Int
  package let file: MappedFile
  package let offset: Int

  /// - Precondition: The bytes lie in the file and are as many as shape and type need; loaders have checked it.
  package init(name: String, shape: [Int], type: ElementType, file: MappedFile, offset: Int)
    throws(TensorFault)
  {
    self.name = name
    self.shape = shape
    self.type = type
    self.file = file
    self.offset = offset
    byteCount = try type.byteCount(shape: shape)
    let end = offset.addingReportingOverflow(byteCount)
    guard offset >= 0, !end.overflow, end.partialValue <= file.count else {
      throw .outsideFile(end: end.overflow ? .max : end.partialValue, limit: file.count)
    }
  }

  /// Where the tensor's file was found.
  package var path: String { file.path }

  /// Lends the encoded bytes to `body`.
  package func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value
  {
    try file.withBytes(in: offset..<offset + byteCount, body)
  }

  /// The tensor as a matrix that stays in its file, `[rows × columns]`.
  ///
  /// - Parameters:
  ///   - rows: The rows that the shape must have.
  ///   - columns: The columns that the shape must have.
  ///   - rowOrder: How the rows of the matrix lie in the file.
  /// - Returns: The matrix; it keeps the mapping alive.
  /// - Throws: ``StorageError/wrongShape(tensor:file:expected:found:)``,
  ///   ``StorageError/notAWeight(tensor:file:type:)``.
  package func mapped(
    rows: Int, columns: Int, rowOrder: MappedMatrix.RowOrder = .stored
  ) throws -> MappedMatrix {
    try require([rows, columns])
    return MappedMatrix(
      rows: rows, columns: columns, type: type, rowOrder: rowOrder, file: file, offset: offset)
  }

  /// A part of the tensor as a matrix that stays in its file.
  ///
  /// - Parameters:
  ///   - part: Which part.
  ///   - shape: The shape that the whole tensor must have, of at least one dimension.
  /// - Returns: The matrix, `[output × input]`; it keeps the mapping alive.
  /// - Throws: ``StorageError/wrongShape(tensor:file:expected:found:)``,
  ///   ``StorageError/notAWeight(tensor:file:type:)``, also for blocks that would have to be turned round.
  /// - Precondition: A tensor of that shape has the part.
  package func mapped(_ part: TensorPart, of shape: [Int]) throws -> MappedMatrix {
    try require(shape)
    let width = shape.last ?? 1
    let height = shape.dropLast().reduce(1, *)
    guard let size = part.shape(of: height, width) else {
      preconditionFailure("\(shape) has no \(part)")
    }
    let rowBytes = width / type.blockLength * type.blockBytes
    let order: MappedMatrix.RowOrder
    var start = offset
    switch part {
    case .whole: order = .stored
    case .rows(let range):
      order = .stored
      start += range.lowerBound * rowBytes
    case .groups(let range, let height):
      order = .groups(width: range.count, height: height)
      start += range.lowerBound * rowBytes
    case .columns(let range):
      guard type.blockLength == 1 else {
        throw StorageError.notAWeight(tensor: name, file: path, type: type)
      }
      order = .columns(width: width)
      start += range.lowerBound * type.blockBytes
    }
    return MappedMatrix(
      rows: size.rows, columns: size.columns, type: type, rowOrder: order, file: file,
      offset: start)
  }

  /// Some rows side by side, counted over all but the last dimension, as a matrix that stays in its file.
  ///
  /// - Parameters:
  ///   - range: Which rows.
  ///   - rowOrder: How the rows of the matrix lie among those.
  /// - Returns: The matrix; it keeps the mapping alive.
  /// - Throws: ``StorageError/notAWeight(tensor:file:type:)``.
  /// - Precondition: The tensor has the rows.
  package func mapped(
    rows range: Range<Int>, rowOrder: MappedMatrix.RowOrder = .stored
  ) throws -> MappedMatrix {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape.dropLast().reduce(1, *),
      "\(shape) has no rows \(range)")
    guard type.isWeight else {
      throw StorageError.notAWeight(tensor: name, file: path, type: type)
    }
    let columns = shape.last ?? 1
    let rowBytes = columns / type.blockLength * type.blockBytes
    return MappedMatrix(
      rows: range.count, columns: columns, type: type, rowOrder: rowOrder, file: file,
      offset: offset + range.lowerBound * rowBytes)
  }

  /// The tensor decoded, `[rows × columns]`.
  ///
  /// - Throws: As ``mapped(rows:columns:rowOrder:)``.
  package func matrix(rows: Int, columns: Int) throws -> Matrix {
    try mapped(rows: rows, columns: columns).matrix()
  }

  /// The tensor decoded to a list, a bias or the gain of a norm.
  ///
  /// - Throws: As ``mapped(rows:columns:rowOrder:)``.
  package func vector(count: Int) throws -> [Float] {
    try require([count])
    return MappedMatrix(
      rows: 1, columns: count, type: type, rowOrder: .stored, file: file, offset: offset
    ).matrix().values
  }

  private func require(_ expected: [Int]) throws {
    guard shape == expected else {
      throw StorageError.wrongShape(tensor: name, file: path, expected: expected, found: shape)
    }
    guard type.isWeight else {
      throw StorageError.notAWeight(tensor: name, file: path, type: type)
    }
  }
}
