extension Projection {
  /// The number of the largest output of every token, the first of equals; nil where an output is no finite number.
  ///
  /// Greedy decoding asks a head no more than that, and the logits of a vocabulary are megabytes: those of a part are
  /// looked through by the worker that made them, and are not kept.
  ///
  /// - Parameters:
  ///   - input: `[N × I]`.
  ///   - workers: The threads; their number does not change the results.
  /// - Returns: N numbers of outputs.
  /// - Precondition: There is an output.
  package func greatest(of input: Activations, using workers: Workers) -> [Int?] {
    precondition(weight.rows > 0, "the largest of no outputs")
    var greatest = [Greatest](repeating: .none, count: input.rows)
    for product in Self.products(of: [self], input, workers) {
      let parts = (0..<product.pieces).map(product.part)
      let found = workers.map(parts.count) { piece in
        let part = parts[piece]
        return Self.greatest(of: part, in: product)
      }
      for (part, found) in zip(parts, found) {
        for (token, found) in zip(part.tokens, found) {
          greatest[token] = greatest[token].merged(with: found)
        }
      }
    }
    return greatest.map(\.index)
  }

  /// The largest outputs of the tokens of a part.
  private static func greatest(
    of part: WeightProduct.Part, in product: WeightProduct
  ) -> [Greatest] {
    let width = part.rows.count
    var found: [Greatest] = []
    ScratchBuffers.shared.withBuffer(count: part.tokens.count * width) { buffer in
      guard let start = buffer.baseAddress else { return }
      product.multiply(part, into: .init(start: start, stride: width))
      // SAFETY: the buffer has `width` outputs for every token of the part, and there is a row.
      found = (0..<part.tokens.count).map { token in
        let outputs = UnsafePointer(start) + token * width
        guard RowScan.isFinite(outputs, count: width) else { return .damaged }
        let index = RowScan.largestIndex(outputs, count: width)
        return .output(part.rows.lowerBound + index, value: outputs[index])
      }
    }
    return found
  }

  /// The largest of the outputs that were looked at, which come in their order.
  private enum Greatest: Sendable {
    case none
    case output(Int, value: Float)
    /// One of them is no finite number.
    case damaged

    var index: Int? {
      guard case .output(let index, _) = self else { return nil }
      return index
    }

    func merged(with later: Greatest) -> Greatest {
      switch (self, later) {
      case (.damaged, _), (_, .damaged): .damaged
      case (.none, _): later
      case (_, .none): self
      case (.output(_, let value), .output(_, let other)): other > value ? later : self
      }
    }
  }
}
