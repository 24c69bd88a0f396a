internal import Numerics

/// The weights under one prefix of a checkpoint's names, looked up with their shapes.
struct WeightScope {
  /// The whole checkpoint.
  let checkpoint: Checkpoint
  private let prefix: String

  /// The weights whose names start with `prefix`, dot included.
  init(_ checkpoint: Checkpoint, prefix: String = "") {
    self.checkpoint = checkpoint
    self.prefix = prefix
  }

  /// The weights under a further part of the name.
  subscript(_ part: String) -> WeightScope {
    WeightScope(checkpoint, prefix: "\(prefix)\(part).")
  }

  /// The first of these scopes that has a tensor called `name`, or the first of all: files of a family differ in how
  /// their names begin. An empty part is this scope itself.
  func scope(_ parts: [String], having name: String) -> WeightScope {
    let scopes = parts.map { part in
      part.isEmpty ? self : WeightScope(checkpoint, prefix: "\(prefix)\(part).")
    }
    return scopes.first { $0.contains(name) } ?? scopes.first ?? self
  }

  /// Whether there is a tensor of this name.
  func contains(_ name: String) -> Bool { checkpoint.contains(prefix + name) }

  /// `NAME.weight`, left in its file, or its factors `NAME.left` and `NAME.right`.
  ///
  /// - Throws: `StorageError`: absent, of another shape, or of a type that is no weight.
  func weight(_ name: String, rows: Int, columns: Int) throws -> Weight {
    let left = "\(prefix)\(name).left"
    guard checkpoint.contains(left) else {
      return .mapped(
        try checkpoint.matrix("\(prefix)\(name).weight", rows: rows, columns: columns))
    }
    let tensor = try checkpoint.tensor(left)
    guard tensor.shape.count == 2, tensor.shape[1] <= min(rows, columns) else {
      throw StorageError.wrongShape(
        tensor: left, file: checkpoint.path, expected: [rows, min(rows, columns)],
        found: tensor.shape)
    }
    let rank = tensor.shape[1]
    return .factored(
      LowRankFactors(
        left: try checkpoint.matrix(left, rows: rows, columns: rank).matrix(),
        right: try checkpoint.matrix("\(prefix)\(name).right", rows: rank, columns: columns)
          .matrix()))
  }

  /// The linear layer called `name`, `[rows × columns]`.
  ///
  /// - Parameters:
  ///   - name: The layer.
  ///   - rows: The number of outputs.
  ///   - columns: The number of inputs.
  ///   - hasBias: Whether there is a bias; nil when the checkpoint decides.
  /// - Returns: The layer, its weight left in the file.
  /// - Throws: `StorageError`, ``LanguageModelError/notFinite(tensor:file:row:column:)``.
  func linear(
    _ name: String, rows: Int, columns: Int, hasBias: Bool? = false
  ) throws -> LinearLayer {
    let weight = try weight(name, rows: rows, columns: columns)
    return LinearLayer(
      projection: Projection(weight, bias: try bias(name, count: rows, hasBias: hasBias)),
      place: TensorPlace("\(prefix)\(name).weight"))
  }

  /// The head called `name`, `[rows of the embedding × columns of it]`.
  ///
  /// A head of its own in the file counts, as in transformers since version 5, also where the configuration ties it.
  ///
  /// - Parameters:
  ///   - name: The head.
  ///   - embedding: What serves as the head where the two are tied.
  ///   - isTied: Whether the configuration ties them.
  ///   - hasBias: Whether there is a bias.
  /// - Returns: The head, its weight left in the file.
  /// - Throws: As ``linear(_:rows:columns:hasBias:)``.
  func head(
    _ name: String, tiedTo embedding: LinearLayer, if isTied: Bool, hasBias: Bool = false
  ) throws -> LinearLayer {
    let (rows, columns) = (embedding.weight.rows, embedding.weight.columns)
    guard isTied, !contains("\(name).weight") else {
      return try linear(name, rows: rows, columns: columns, hasBias: hasBias)
    }
    return try bias(name, count: rows, hasBias: hasBias).map(embedding.biased) ?? embedding
  }

  /// A tensor called `name` that holds several linear layers.
  ///
  /// - Parameters:
  ///   - name: The tensor.
  ///   - shape: Its shape.
  ///   - hasBias: Whether there is a bias, which is divided as the tensor's outputs are; nil when the checkpoint decides.
  /// - Returns: What gives the layers, part by part.
  /// - Throws: `StorageError`, ``LanguageModelError/notFinite(tensor:file:row:column:)``.
  func fused(_ name: String, shape: [Int], hasBias: Bool? = false) throws -> FusedLayers {
    let tensor = try checkpoint.tensor("\(prefix)\(name).weight")
    let count = shape.dropLast().reduce(1, *)
    return FusedLayers(
      tensor: tensor, shape: shape, rowBias: try bias(name, count: count, hasBias: hasBias))
  }

  /// A tensor called `name`, without `.weight`, that holds the same matrix of all experts.
  ///
  /// - Throws: As ``fused(_:shape:hasBias:)``.
  func stack(_ name: String, shape: [Int]) throws -> FusedLayers {
    FusedLayers(tensor: try checkpoint.tensor(prefix + name), shape: shape)
  }

  /// A linear layer that is stored as `[inputs × outputs]`, or several beside each other (GPT-2's `Conv1D`).
  ///
  /// - Throws: As ``fused(_:shape:hasBias:)``.
  func turned(
    _ name: String, inputs: Int, outputs: Int, hasBias: Bool? = true
  ) throws -> FusedLayers {
    FusedLayers(
      tensor: try checkpoint.tensor("\(prefix)\(name).weight"), shape: [inputs, outputs],
      columnBias: try bias(name, count: outputs, hasBias: hasBias))
  }

  private func bias(_ name: String, count: Int, hasBias: Bool?) throws -> [Float]? {
    guard hasBias ?? contains("\(name).bias") else { return nil }
    return try vector("\(name).bias", count: count)
  }

  /// The layer norm called `name`.
  ///
  /// - Parameters:
  ///   - name: The norm.
  ///   - width: The number of scales.
  ///   - epsilon: Added to the variance.
  ///   - hasBias: Whether there is a shift; nil when the checkpoint decides.
  /// - Returns: The norm of whole rows.
  /// - Throws: As ``vector(_:count:)``.
  func layerNorm(
    _ name: String, width: Int, epsilon: Double, hasBias: Bool? = true
  ) throws -> Norm {
    // The first files of BERT have TensorFlow's names.
    if contains("\(name).gamma") {
      return Norm(
        .layer, scale: try vector("\(name).gamma", count: width),
        shift: try vector("\(name).beta", count: width), epsilon: epsilon)
    }
    return Norm(
      .layer, scale: try vector("\(name).weight", count: width),
      shift: try bias(name, count: width, hasBias: hasBias), epsilon: epsilon)
  }

  /// The root mean square norm called `name`.
  ///
  /// - Parameters:
  ///   - name: The norm.
  ///   - width: The number of scales.
  ///   - epsilon: Added to the mean of the squares.
  ///   - offset: Added to the scales that are stored: Gemma's are less by one.
  /// - Returns: The norm of whole rows.
  /// - Throws: As ``vector(_:count:)``.
  func rmsNorm(
    _ name: String, width: Int, epsilon: Double, offset: Float = 0
  ) throws -> Norm {
    let scale = try vector("\(name).weight", count: width)
    return Norm(
      .rootMeanSquare, scale: offset == 0 ? scale : scale.map { $0 + offset }, epsilon: epsilon)
  }

  /// A bias or the gain of a norm, decoded.
  ///
  /// - Throws: `StorageError`, ``LanguageModelError/notFinite(tensor:file:row:column:)``.
  func vector(_ name: String, count: Int) throws -> [Float] {
    try vector(name, values: checkpoint.vector(prefix + name, count: count))
  }

  /// A tensor of any shape, decoded.
  ///
  /// - Throws: As ``vector(_:count:)``.
  func vector(_ name: String, shape: [Int]) throws -> [Float] {
    try vector(name, values: checkpoint.tensor(prefix + name).values(of: shape))
  }

  private func vector(_ name: String, values: [Float]) throws -> [Float] {
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw LanguageModelError.notFinite(
        tensor: prefix + name, file: checkpoint.path, row: 0, column: index)
    }
    return values
  }
}

/// A tensor that holds several linear layers, each of which can be edited on its own.
struct FusedLayers {
  fileprivate let tensor: CheckpointTensor
  fileprivate let shape: [Int]
  fileprivate var rowBias: [Float]?
  fileprivate var columnBias: [Float]?

  /// The layer that `part` of the tensor is.
  ///
  /// - Throws: `StorageError`: of another shape, or of a type that is no weight.
  /// - Precondition: A tensor of the shape that was asked for has the part.
  func callAsFunction(_ part: TensorPart) throws -> LinearLayer {
    let matrix = try tensor.mapped(part, of: shape)
    let bias = part.isTransposed ? columnBias : rowBias
    return LinearLayer(
      projection: Projection(
        .mapped(matrix),
        bias: bias.map { bias in (0..<matrix.rows).map { bias[part.storedRow(of: $0)] } }),
      place: TensorPlace(tensor.name, part: part))
  }
}

extension Weight {
  /// Row and column of the first element that is no finite number; a mapped matrix is decoded row by row.
  ///
  /// - Complexity: O(elements).
  var firstNotFinite: (row: Int, column: Int)? {
    var row = [Float](repeating: 0, count: columns)
    for index in 0..<rows {
      row.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        copyRows([index], into: start)
      }
      if let column = row.firstIndex(where: { !$0.isFinite }) { return (index, column) }
    }
    return nil
  }
}
