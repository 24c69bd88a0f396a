package import Files

/// One tensor to be written to a safetensors file: what the header says of it, and how its bytes come.
package struct SafetensorsEntry {
  /// The name in the file.
  package let name: String
  /// The dimensions, outermost first.
  package let shape: [Int]
  /// How the elements are encoded.
  package let type: ElementType
  let write: (inout AtomicFile.Output) throws -> Void

  /// Floats, written as F32.
  ///
  /// - Precondition: `values` are as many as `shape` says.
  package init(_ name: String, shape: [Int], values: [Float]) {
    precondition(
      shape.reduce(1, *) == values.count, "\(values.count) values for '\(name)' of shape \(shape)")
    self.init(name, shape: shape, type: .float32) { output in
      try values.withUnsafeBytes { try output.write($0) }
    }
  }

  /// A matrix, written as F32 `[rows, columns]`.
  package init(_ name: String, _ matrix: Matrix) {
    self.init(name, shape: [matrix.rows, matrix.columns], values: matrix.values)
  }

  /// A vector, written as F32 `[count]`.
  package init(_ name: String, _ values: [Float]) {
    self.init(name, shape: [values.count], values: values)
  }

  /// Mapped matrices of equal width, one below the other, written as F32, decoded a few rows at a time.
  ///
  /// - Precondition: Together they have as many elements as `shape` says.
  package init(_ name: String, shape: [Int], decoding matrices: [MappedMatrix]) {
    self.init(name, shape: shape, type: .float32) { output in
      for matrix in matrices {
        let height = max(1, (1 << 16) / max(1, matrix.columns))
        var tile: [Float] = []
        for start in stride(from: 0, to: matrix.rows, by: height) {
          let range = start..<min(matrix.rows, start + height)
          tile = Array(repeating: 0, count: range.count * matrix.columns)
          tile.withUnsafeMutableBufferPointer { matrix.decode(rows: range, into: $0) }
          try tile.withUnsafeBytes { try output.write($0) }
        }
      }
    }
  }

  /// A tensor of another file, byte for byte.
  ///
  /// - Precondition: Its type is one of safetensors', not a quantised one.
  package init(_ name: String, copying tensor: StoredTensor) {
    precondition(tensor.type.isSafetensors, "safetensors cannot hold \(tensor.type)")
    self.init(name, shape: tensor.shape, type: tensor.type) { output in
      try tensor.withBytes { try output.write($0) }
    }
  }

  /// - Precondition: `write` writes exactly the bytes that shape and type need.
  package init(
    _ name: String, shape: [Int], type: ElementType,
    write: @escaping (inout AtomicFile.Output) throws -> Void
  ) {
    self.name = name
    self.shape = shape
    self.type = type
    self.write = write
  }
}
