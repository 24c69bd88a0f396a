public import Numerics

/// What a model says about prompts: logits where they are read, continuations, their probabilities.
///
/// Prompts of any length are packed without padding, some thousand tokens at a time, whatever the number of
/// threads; every result is the same bytes for any number of them.
public struct Inference<Model: LanguageModel>: Sendable {
  /// The model that is asked.
  public let model: Model
  /// The threads.
  public let workers: Workers
  /// About how many tokens are computed together: enough for the speed of large matrix products.
  public let tokensAtOnce: Int

  /// Questions to `model`.
  ///
  /// - Precondition: `tokensAtOnce > 0`.
  public init(_ model: Model, workers: Workers = .allCores, tokensAtOnce: Int = 2048) {
    precondition(tokensAtOnce > 0, "no tokens at once")
    self.model = model
    self.workers = workers
    self.tokensAtOnce = tokensAtOnce
  }

  /// Consecutive prompts whose tokens together are about ``tokensAtOnce``, at least one prompt each.
  package func chunks(of lengths: [Int]) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var start = 0
    var tokens = 0
    for (index, length) in lengths.enumerated() {
      if index > start, tokens + length > tokensAtOnce {
        chunks.append(start..<index)
        start = index
        tokens = 0
      }
      tokens += length
    }
    if start < lengths.count { chunks.append(start..<lengths.count) }
    return chunks
  }

  /// Logits at every position of one prompt, `[tokens × vocabulary]`.
  ///
  /// - Throws: ``LanguageModelError``.
  public func logits(of prompt: [Int]) throws -> Matrix {
    let stream = model.advance(
      try model.embed([prompt]), through: 0..<model.shape.layerCount, using: workers)
    return try logits(of: stream.rows)
  }

  /// Logits at the last position of every prompt, `[prompts × candidates or vocabulary]`.
  ///
  /// - Parameters:
  ///   - prompts: Token ids.
  ///   - candidates: The tokens to be scored, nil for the whole vocabulary.
  /// - Returns: The logits, a row a prompt.
  /// - Throws: ``LanguageModelError``.
  public func lastLogits(of prompts: [[Int]], candidates: [Int]? = nil) throws -> Matrix {
    try requireCausal()
    try model.check(candidates ?? [])
    var values: [Float] = []
    for chunk in chunks(of: prompts.map(\.count)) {
      let stream = try model.embed(Array(prompts[chunk]))
      let last = model.advance(
        stream, through: 0..<model.shape.layerCount, reading: stream.sequences.lastRows,
        using: workers)
      values += try logits(of: last.rows, candidates: candidates).values
    }
    return Matrix(
      rows: prompts.count, columns: candidates?.count ?? model.shape.vocabularySize,
      values: values)
  }

  /// The logits of some rows of the finished stream, checked.
  ///
  /// - Throws: ``LanguageModelError/notFinite(tensor:file:row:column:)`` with the damaged tensor, when one of the
  ///   logits is no finite number.
  package func logits(of rows: Matrix, candidates: [Int]? = nil) throws -> Matrix {
    let logits = model.logits(of: rows, candidates: candidates, using: workers)
    let areFinite = workers.map(logits.rows, logits.isFinite(row:))
    guard areFinite.allSatisfy(\.self) else { throw damage }
    return logits
  }

  /// The likeliest token after each of some rows of the finished stream; the first of equals.
  ///
  /// - Throws: As ``logits(of:candidates:)``.
  func likeliestTokens(after rows: Matrix) throws -> [Int] {
    try model.likeliestTokens(after: rows, using: workers).map { token in
      guard let token else { throw damage }
      return token
    }
  }

  /// Why a logit is no finite number.
  private var damage: LanguageModelError {
    model.damage() ?? .overflow(file: model.checkpoint.path)
  }

  /// What `read` makes of the logits of every row of the finished stream, in their order.
  ///
  /// The head is applied to some rows at a time: logits of a vocabulary are far wider than the stream.
  /// - Parameters:
  ///   - rows: `[N × width]`.
  ///   - read: Is given the logits of some rows, which row of them to read, and its number among all.
  /// - Returns: N values.
  /// - Throws: As ``logits(of:candidates:)``.
  func mapLogits<Value: Sendable>(
    of rows: Matrix, _ read: @Sendable (_ logits: Matrix, _ row: Int, _ number: Int) -> Value
  ) throws -> [Value] {
    let height = 128
    return try stride(from: 0, to: rows.rows, by: height).flatMap { start in
      let range = start..<min(start + height, rows.rows)
      let logits = try logits(of: rows.gathering(Array(range)))
      return workers.map(range.count) { row in read(logits, row, start + row) }
    }
  }

  func requireCausal() throws {
    guard !model.shape.isMasked else {
      throw LanguageModelError.cannotContinueText(file: model.checkpoint.path)
    }
  }
}

extension Matrix {
  /// ln Σ e^row.
  func logarithmOfSum(row: Int) -> Double { scan(row, Softmax.logarithmOfSum) ?? 0 }

  /// The index of the largest element of `row`, the first of equals; no element may be NaN.
  package func largestColumn(of row: Int) -> Int { scan(row, RowScan.largestIndex) ?? 0 }

  fileprivate func isFinite(row: Int) -> Bool { scan(row, RowScan.isFinite) ?? true }

  /// Nil when there are no columns.
  private func scan<Value>(
    _ row: Int, _ body: (UnsafePointer<Float>, _ count: Int) -> Value
  ) -> Value? {
    values.withUnsafeBufferPointer { values in
      // SAFETY: the row has `columns` elements.
      values.baseAddress.map { body($0 + row * columns, columns) }
    }
  }
}
