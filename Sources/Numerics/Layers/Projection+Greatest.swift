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
  package func greatest(of input: Activations, using workers: Workers) -> [Int?] {
    peaks(of: input, using: workers).map(\.index)
  }

  /// The largest outputs of every token.
  func peaks(of input: Activations, using workers: Workers) -> [Peak] {
    var peaks = [Peak](repeating: .none, count: input.rows)
    for product in Self.products(of: [self], input, workers) {
      let parts = (0..<product.pieces).map(product.part)
      let found = workers.map(parts.count) { Self.peaks(of: parts[$0], in: product) }
      for (part, found) in zip(parts, found) {
        for (token, found) in zip(part.tokens, found) {
          peaks[token] = peaks[token].merged(with: found)
        }
      }
    }
    return peaks
  }

  /// The largest outputs of the tokens of a part.
  private static func peaks(of part: WeightProduct.Part, in product: WeightProduct) -> [Peak] {
    let width = part.rows.count
    var found: [Peak] = []
    ScratchBuffers.shared.withBuffer(count: part.tokens.count * width) { buffer in
      guard let start = buffer.baseAddress else { return }
      product.multiply(part, into: .init(start: start, stride: width))
      // SAFETY: the buffer has `width` outputs for every token of the part, and a part has a row.
      found = (0..<part.tokens.count).map { token in
        let outputs = UnsafePointer(start) + token * width
        guard RowScan.isFinite(outputs, count: width) else { return .damaged }
        let index = RowScan.largestIndex(outputs, count: width)
        return .output(part.rows.lowerBound + index, value: outputs[index])
      }
    }
    return found
  }

  /// The largest of some outputs of a token, which are looked at in their order.
  enum Peak: Sendable {
    case none
    case output(Int, value: Float)
    /// One of them is no finite number.
    case damaged

    /// Which one it is.
    var index: Int? {
      guard case .output(let index, _) = self else { return nil }
      return index
    }

    /// How large it is; less than anything where there is none.
    var value: Float {
      guard case .output(_, let value) = self else { return -.infinity }
      return value
    }

    /// The larger of this and one of later outputs.
    func merged(with later: Peak) -> Peak {
      switch (self, later) {
      case (.damaged, _), (_, .damaged): .damaged
      case (.none, _): later
      case (_, .none): self
      case (.output(_, let value), .output(_, let other)): other > value ? later : self
      }
    }

    /// With the number that the output has among all, when those looked at have these.
    func renumbered(_ numbers: [Int]) -> Peak {
      guard case .output(let index, let value) = self else { return self }
      return .output(numbers[index], value: value)
    }
  }
}
