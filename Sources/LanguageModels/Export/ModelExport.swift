internal import Files
internal import LaserOps
internal import Numerics
public import Foundation

/// Writes a model, edited or not, as a Hugging Face folder.
///
/// Tensors that were not edited keep their bytes. Edited ones are written in 32 bits, for 16 would lose more than
/// some edits do; so are quantised ones of a GGUF file, because no 16-bit type holds scale · q + minimum
/// exactly. transformers loads the dense folder unchanged.
public struct ModelExport: Sendable {
  /// How many bytes the weights take.
  public let bytesBefore: Int
  /// How many bytes those that were written take.
  public let bytesAfter: Int
  /// The files that were written, by name.
  public let files: [String]

  /// Files of a Hugging Face folder that go along, where they exist.
  private static let companions = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja", "generation_config.json",
  ]

  /// Writes `model` into `folder`, which is made, or is empty.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - folder: Where to.
  ///   - isFactored: Whether a weight of low rank is written as its factors, `NAME.left` and `NAME.right`, which
  ///     only this program reads; one that shares its tensor with others is written dense all the same.
  /// - Throws: ``LanguageModelError/outputNotEmpty(_:)``, `StorageError`. The weights are written first: a folder
  ///   that was left unfinished has no configuration.
  public init(
    _ model: some LanguageModel, to folder: URL, isFactored: Bool = false
  ) throws {
    let manager = FileManager.default
    if let content = try? manager.contentsOfDirectory(atPath: folder.path), !content.isEmpty {
      throw LanguageModelError.outputNotEmpty(folder.path)
    }
    do {
      try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.cannotWrite(path: folder.path, code: EACCES)
    }
    let entries = try Self.entries(of: model, isFactored: isFactored)
    try SafetensorsFile.write(entries, to: folder.appendingPathComponent("model.safetensors"))
    var files = ["model.safetensors"]
    switch model.checkpoint.source {
    case .folder(let source, _):
      // The configuration last: with it the folder is a model.
      for name in Self.companions + ["config.json"] {
        let from = source.appendingPathComponent(name)
        guard manager.fileExists(atPath: from.path) else { continue }
        let file = try MappedFile(from)
        try AtomicFile.write(to: folder.appendingPathComponent(name)) { output in
          try file.withBytes { try output.write($0) }
        }
        files.append(name)
      }
    case .gguf(let file):
      for (name, text) in try file.huggingFaceFiles() {
        try AtomicFile.write(text, to: folder.appendingPathComponent(name))
        files.append(name)
      }
    }
    self.files = files
    bytesBefore = model.checkpoint.allTensors.reduce(0) { $0 + $1.tensor.byteCount }
    bytesAfter = try entries.reduce(0) { $0 + (try $1.type.byteCount(shape: $1.shape)) }
  }

  private static func entries(
    of model: some LanguageModel, isFactored: Bool
  ) throws -> [SafetensorsEntry] {
    var entries: [SafetensorsEntry] = []
    var written: Set<String> = []
    var fused: [String: [(TensorPart, Weight)]] = [:]
    for site in model.weightSites {
      let place = model.place(of: site)
      let weight = model.weight(at: site)
      if case .mapped = weight { continue }
      guard place.part == .whole else {
        fused[place.tensor, default: []].append((place.part, weight))
        continue
      }
      switch weight {
      case .mapped: continue
      case .dense(let matrix): entries.append(SafetensorsEntry("\(place.name).weight", matrix))
      case .factored(let factors) where isFactored:
        entries.append(SafetensorsEntry("\(place.name).left", factors.left))
        entries.append(SafetensorsEntry("\(place.name).right", factors.right))
      case .factored(let factors):
        entries.append(SafetensorsEntry("\(place.name).weight", factors.product))
      }
      written.formUnion(
        ["\(place.name).weight", "\(place.name).left", "\(place.name).right"])
    }
    for (name, parts) in fused {
      entries.append(
        try SafetensorsEntry(name, try model.checkpoint.tensor(name), replacing: parts))
      written.insert(name)
    }
    for (name, tensor) in model.checkpoint.allTensors where !written.contains(name) {
      entries.append(try SafetensorsEntry(name, keeping: tensor, of: model.checkpoint))
    }
    return entries
  }
}

extension Checkpoint {
  /// All tensors by Hugging Face's names, in the order of the names.
  var allTensors: [(name: String, tensor: StoredTensor)] {
    switch source {
    case .folder(_, let folder):
      return folder.tensors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    case .gguf(let file):
      return file.tensors.values.compactMap { tensor in
        GGUFNames.huggingFaceName(for: tensor.name).map { ($0, tensor) }
      }.sorted { $0.name < $1.name }
    }
  }
}

extension SafetensorsEntry {
  /// A tensor that holds several matrices, some of them replaced, in 32 bits.
  fileprivate init(
    _ name: String, _ tensor: StoredTensor, replacing parts: [(part: TensorPart, weight: Weight)]
  ) throws {
    let columns = tensor.shape.last ?? 1
    var values = try tensor.mapped(.whole, of: tensor.shape).matrix().values
    for (part, weight) in parts {
      let matrix = weight.matrix
      for row in 0..<matrix.rows {
        let stored = part.storedRow(of: row)
        for column in 0..<matrix.columns {
          let index = part.isTransposed ? column * columns + stored : stored * columns + column
          values[index] = matrix[row, column]
        }
      }
    }
    self.init(name, shape: tensor.shape, values: values)
  }

  /// A tensor of `checkpoint` as it is, rows in Hugging Face's order; a quantised one decoded to 32 bits.
  fileprivate init(_ name: String, keeping tensor: StoredTensor, of checkpoint: Checkpoint) throws {
    guard tensor.shape.count == 2 else {
      if tensor.type.isSafetensors, try !checkpoint.reordersRows(of: name) {
        self.init(name, copying: tensor)
      } else {
        let count = tensor.shape.reduce(1, *)
        self.init(
          name, shape: tensor.shape, values: try checkpoint.vector(name, count: count))
      }
      return
    }
    guard tensor.type.isWeight else {
      self.init(name, copying: tensor)
      return
    }
    let matrix = try checkpoint.matrix(
      name, rows: tensor.shape[0], columns: tensor.shape[1])
    guard tensor.type.isSafetensors else {
      self.init(name, decoding: matrix)
      return
    }
    guard matrix.rowOrder != .stored else {
      self.init(name, copying: tensor)
      return
    }
    self.init(name, shape: tensor.shape, type: tensor.type) { output in
      try tensor.withBytes { bytes in
        for row in 0..<matrix.rows {
          let start = matrix.rowOrder.storedRow(of: row) * matrix.rowBytes
          try output.write(UnsafeRawBufferPointer(rebasing: bytes[start..<start + matrix.rowBytes]))
        }
      }
    }
  }
}

extension Checkpoint {
  /// Whether the rows of the tensor lie in another order than Hugging Face's.
  fileprivate func reordersRows(of name: String) throws -> Bool {
    guard let metadata else { return false }
    return try metadata.string("general.architecture") == "llama"
      && GGUFNames.headCountKey(for: name) != nil
  }
}
