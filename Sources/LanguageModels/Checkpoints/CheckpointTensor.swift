internal import Numerics

/// A tensor by Hugging Face's name and in Hugging Face's shape, however its rows lie in the file.
///
/// Of a folder it is a tensor as it is stored. Of GGUF it may be some rows of one, rows in another order, rows of
/// several tensors, or one that is stored turned round.
package struct CheckpointTensor: Sendable {
  /// Rows of a stored tensor that are rows of this one, one after the other.
  struct Run: Sendable {
    /// Where they lie.
    let tensor: StoredTensor
    /// Which rows, counted over all but the last dimension; of a vector which elements.
    var rows: Range<Int>
    /// How this tensor's rows lie among those.
    var order = MappedMatrix.RowOrder.stored

    /// Which row of the stored tensor is `row` of the run.
    func storedRow(of row: Int) -> Int { rows.lowerBound + order.storedRow(of: row) }

    /// Some of the rows; rows in another order than the stored one stay together.
    fileprivate func cut(_ range: Range<Int>) -> Run {
      guard range != 0..<rows.count else { return self }
      precondition(order == .stored, "rows in another order have no parts")
      let start = rows.lowerBound + range.lowerBound
      return Run(tensor: tensor, rows: start..<start + range.count)
    }
  }

  /// Hugging Face's name.
  let name: String
  /// Hugging Face's shape, outermost dimension first.
  let shape: [Int]
  /// The rows, in Hugging Face's order; its columns where the tensor is turned round.
  let runs: [Run]
  /// Whether the file has the inputs in its rows where Hugging Face has them in its columns, or the other way round.
  var isTurned = false
  /// What is added to stored values to get Hugging Face's; only vectors differ by something.
  var offset: Float = 0

  /// The first stored tensor, for messages.
  private var first: StoredTensor { runs[0].tensor }

  /// Whether this is a list of numbers: a bias, or the gain of a norm.
  var isVector: Bool { shape.count == 1 }

  /// The stored tensor when it is this one, byte for byte.
  var plain: StoredTensor? {
    guard runs.count == 1, let run = runs.first, run.order == .stored, !isTurned, offset == 0,
      run.tensor.shape == shape
    else { return nil }
    return run.tensor
  }

  /// The type of all elements; nil when the runs differ.
  var type: ElementType? {
    runs.allSatisfy { $0.tensor.type == first.type } ? first.type : nil
  }

  /// How many bytes the elements take in the file.
  var byteCount: Int {
    runs.reduce(0) { sum, run in
      let type = run.tensor.type
      let columns = isVector ? 1 : run.tensor.shape.last ?? 1
      return sum + run.rows.count * columns / type.blockLength * type.blockBytes
    }
  }

  /// How many bytes one of the counted rows takes.
  func rowBytes(_ tensor: StoredTensor) -> Int {
    let type = tensor.type
    return isVector
      ? type.blockBytes : (tensor.shape.last ?? 1) / type.blockLength * type.blockBytes
  }
}

extension CheckpointTensor {
  /// A tensor as it is stored, called `name`.
  init(_ tensor: StoredTensor, name: String) {
    let rows = (tensor.shape.count == 1 ? tensor.shape : tensor.shape.dropLast()).reduce(1, *)
    self.init(
      name: name, shape: tensor.shape, runs: [Run(tensor: tensor, rows: 0..<rows)])
  }
}

// MARK: - Reading

extension CheckpointTensor {
  /// A part of the tensor as a matrix that stays in its file.
  ///
  /// - Parameters:
  ///   - part: Which part, in Hugging Face's rows or columns.
  ///   - expected: The shape that the whole tensor must have.
  /// - Returns: The matrix, `[output × input]`.
  /// - Throws: `StorageError`: of another shape, of a type that is no weight, or scattered over the file.
  /// - Precondition: A tensor of that shape has the part.
  func mapped(_ part: TensorPart, of expected: [Int]) throws -> MappedMatrix {
    try require(expected)
    if let plain { return try plain.mapped(part, of: expected) }
    let runs = runs(of: part)
    guard runs.count == 1, let run = runs.first else {
      throw StorageError.malformed(
        file: first.path, part: "'\(first.name)'", expected: "the rows of '\(name)' side by side")
    }
    return try run.tensor.mapped(rows: run.rows, rowOrder: run.order)
  }

  /// All values in Hugging Face's order, decoded.
  ///
  /// - Throws: `StorageError`: of another shape, or of a type that is no weight.
  func values(of expected: [Int]? = nil) throws -> [Float] {
    try require(expected ?? shape)
    if isVector {
      return try runs.flatMap { run in
        let all = try run.tensor.mapped(.whole, of: run.tensor.shape).matrix().values
        return run.rows.indices.map { all[run.storedRow(of: $0 - run.rows.lowerBound)] + offset }
      }
    }
    let lines = try runs.flatMap {
      try $0.tensor.mapped(rows: $0.rows, rowOrder: $0.order).matrix().values
    }
    guard isTurned, let height = shape.first, let width = shape.last else { return lines }
    return (0..<height * width).map { lines[$0 % width * height + $0 / width] }
  }

  private func require(_ expected: [Int]) throws {
    guard shape == expected else {
      throw StorageError.wrongShape(
        tensor: first.name, file: first.path, expected: expected, found: shape)
    }
  }
}

// MARK: - Parts

extension CheckpointTensor {
  /// Where the rows of a part lie; rows that follow each other in the file are in one run.
  ///
  /// - Precondition: The tensor has the part.
  func runs(of part: TensorPart) -> [Run] {
    precondition(
      part == .whole || part.isTransposed == isTurned,
      "\(name) is turned round, or is taken for it")
    let count = runs.reduce(0) { $0 + $1.rows.count }
    switch part {
    case .whole: return Self.merged(runs)
    case .rows(let range), .columns(let range): return Self.merged(cut(range))
    case .groups(let range, let height):
      let groups = stride(from: 0, to: count, by: height).flatMap {
        cut($0 + range.lowerBound..<$0 + range.upperBound)
      }
      return Self.merged(groups)
    }
  }

  private func cut(_ range: Range<Int>) -> [Run] {
    var start = 0
    return runs.compactMap { run in
      defer { start += run.rows.count }
      let part = range.clamped(to: start..<start + run.rows.count)
      return part.isEmpty ? nil : run.cut(part.lowerBound - start..<part.upperBound - start)
    }
  }

  private static func merged(_ runs: [Run]) -> [Run] {
    runs.reduce(into: []) { result, run in
      if let last = result.last, last.order == .stored, run.order == .stored,
        last.tensor.name == run.tensor.name, last.rows.upperBound == run.rows.lowerBound
      {
        result[result.count - 1].rows = last.rows.lowerBound..<run.rows.upperBound
      } else {
        result.append(run)
      }
    }
  }
}
