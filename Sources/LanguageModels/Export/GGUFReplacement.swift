internal import Files
internal import Numerics

/// A tensor of a GGUF file with some of its rows replaced: a matrix, or one of several that share the tensor.
///
/// Rows are counted over all but the last dimension.
struct GGUFReplacement {
  private let tensor: StoredTensor
  private var matrices: [Matrix] = []
  /// For every row of the tensor the matrix that it comes from and its row there; nil for a row that stays.
  private var sources: [(matrix: Int, row: Int)?]

  /// Nothing is replaced yet.
  init(_ tensor: StoredTensor) {
    self.tensor = tensor
    sources = Array(repeating: nil, count: tensor.shape.dropLast().reduce(1, *))
  }

  /// Puts `rows` of `matrix` into the rows that `place` names.
  ///
  /// - Precondition: They are rows of the tensor, as wide as the matrix.
  mutating func put(_ matrix: Matrix, rows: Range<Int>, into place: (Int) -> Int) {
    precondition(matrix.columns == columns, "\(matrix.columns) columns for \(columns)")
    for row in rows { sources[place(row)] = (matrices.count, row) }
    matrices.append(matrix)
  }

  private var columns: Int { tensor.shape.last ?? 1 }

  /// The rows in parts of about 64 thousand elements.
  private var tiles: [Range<Int>] {
    let height = max(1, (1 << 16) / max(1, columns))
    return stride(from: 0, to: sources.count, by: height).map {
      $0..<min($0 + height, sources.count)
    }
  }

  /// Lends the values of `rows`, those that stay decoded.
  private func withValues<Value>(
    of rows: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> Value
  ) throws -> Value {
    let stored = try tensor.mapped(.whole, of: tensor.shape)
    var values = [Float](repeating: 0, count: rows.count * columns)
    values.withUnsafeMutableBufferPointer { values in
      for row in rows {
        let target = UnsafeMutableBufferPointer(
          rebasing: values[
            (row - rows.lowerBound) * columns..<(row - rows.lowerBound + 1) * columns])
        guard let source = sources[row] else {
          stored.decode(rows: row..<row + 1, into: target)
          continue
        }
        let start = source.row * columns
        _ = target.update(fromContentsOf: matrices[source.matrix].values[start..<start + columns])
      }
    }
    return try values.withUnsafeBufferPointer(body)
  }
}

// MARK: - Choosing a type

extension GGUFReplacement {
  /// How the tensor is stored, and what that costs.
  struct Choice {
    let type: ElementType
    /// The norm of what rounding changes, as a share of the tensor's norm.
    let error: Double
    /// The same for the type that it has in the file.
    let originalError: Double
  }

  /// The type that `storage` asks for.
  ///
  /// - Throws: `ExportError.cannotStore`.
  func choice(_ storage: GGUFExport.Storage) throws -> Choice {
    let original = tensor.type
    let originalError = try roundingError(of: original)
    switch storage {
    case .same: return try choice(original, originalError)
    case .type(let type): return try choice(type, originalError)
    case .fitting:
      // Of two types of one size the file's own comes first.
      let halves: [ElementType] =
        original == .bfloat16 ? [.bfloat16, .float16] : [.float16, .bfloat16]
      // None is smaller than a quantised type of the file, whose own values may all be left, as pruning leaves them.
      let isOwnExact =
        originalError == 0 && original.isQuantized && BlockEncoder.types.contains(original)
      let types = (isOwnExact ? [original] : []) + [.q80] + halves
      for type in types where columns % type.blockLength == 0 {
        let error = try roundingError(of: type)
        if error <= originalError, error < Self.vanished {
          return Choice(type: type, error: error, originalError: originalError)
        }
      }
      return Choice(type: .float32, error: 0, originalError: originalError)
    }
  }

  private func choice(_ type: ElementType, _ originalError: Double) throws -> Choice {
    func refuse(_ reason: String) -> ExportError {
      .cannotStore(tensor: tensor.name, type: type, reason: reason)
    }
    guard BlockEncoder.types.contains(type) else {
      throw refuse("this type is read only; choose --type f32, f16, bf16 or q8_0")
    }
    guard columns % type.blockLength == 0 else {
      throw refuse(
        "its rows of \(columns) are no whole number of blocks of \(type.blockLength); "
          + "choose --type f32, f16 or bf16")
    }
    let error = try roundingError(of: type)
    guard error.isFinite else {
      throw refuse("it has values that are too large; choose --type f32 or bf16")
    }
    guard error < Self.vanished else {
      throw refuse("it has values that are too small; choose --type f32 or bf16")
    }
    return Choice(type: type, error: error, originalError: originalError)
  }

  /// The error of a matrix of which rounding leaves nothing.
  private static let vanished = 1.0

  private func roundingError(of type: ElementType) throws -> Double {
    var (changed, whole) = (0.0, 0.0)
    for rows in tiles {
      try withValues(of: rows) { values in
        changed += type.squaredRounding(of: values)
        whole += values.reduce(0) { $0 + Double($1) * Double($1) }
      }
    }
    return whole == 0 ? 0 : (changed / whole).squareRoot()
  }
}

// MARK: - Writing

extension GGUFReplacement {
  /// Writes all rows as `type`; rows that stay keep their bytes where it is the file's.
  ///
  /// - Throws: `StorageError`.
  func write(as type: ElementType, to output: inout AtomicFile.Output) throws {
    let rowBytes = columns / type.blockLength * type.blockBytes
    for rows in tiles {
      var bytes = [UInt8](repeating: 0, count: rows.count * rowBytes)
      try withValues(of: rows) { values in
        bytes.withUnsafeMutableBytes { bytes in
          guard let source = values.baseAddress, let target = bytes.baseAddress else { return }
          BlockEncoder.encode(type, from: source, count: values.count, into: target)
        }
      }
      if type == tensor.type {
        tensor.withBytes { stored in
          for row in rows where sources[row] == nil {
            let start = (row - rows.lowerBound) * rowBytes
            bytes.replaceSubrange(
              start..<start + rowBytes, with: stored[row * rowBytes..<(row + 1) * rowBytes])
          }
        }
      }
      try output.write(bytes)
    }
  }
}
