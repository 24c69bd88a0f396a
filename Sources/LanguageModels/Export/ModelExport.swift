internal import Files
internal import LaserOps
internal import Numerics
public import Foundation

/// Writes a model, edited or not, as a Hugging Face folder.
///
/// Tensors that were not edited keep their bytes. Edited ones are written in 32 bits, for 16 would lose more than
/// some edits do; so are quantised ones of a GGUF file, because no 16-bit type holds scale · q + minimum
/// exactly, and those that a GGUF file has turned round. transformers loads the dense folder unchanged.
public struct ModelExport: Sendable {
  /// How many bytes the weights take.
  public let bytesBefore: Int
  /// How many bytes those that were written take.
  public let bytesAfter: Int
  /// The files that were written, by name.
  public let files: [String]
  /// Whether a tokenizer is among them.
  public var hasTokenizer: Bool { files.contains(where: Tokenizer.modelFiles.contains) }

  /// Files of a Hugging Face folder that go along, where they exist.
  private static let companions =
    Tokenizer.files + ["chat_template.jinja", "chat_template.json", "generation_config.json"]

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
      throw FileError.cannotWrite(path: folder.path, code: FileError.code(of: error))
    }
    let entries = try Self.entries(of: model, isFactored: isFactored)
    // Before anything is written: what cannot be expressed must not leave half a folder.
    let made: [(name: String, text: String)] =
      switch model.checkpoint.source {
      case .folder: []
      case .gguf(let file): try file.huggingFaceFiles()
      }
    try SafetensorsFile.write(entries, to: folder.appendingPathComponent("model.safetensors"))
    var files = ["model.safetensors"]
    if case .folder(let source, _) = model.checkpoint.source {
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
    }
    for (name, text) in made {
      try AtomicFile.write(text, to: folder.appendingPathComponent(name))
      files.append(name)
    }
    self.files = files
    bytesBefore = try model.checkpoint.allTensors.reduce(0) { $0 + $1.byteCount }
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
        try SafetensorsEntry(try model.checkpoint.tensor(name), replacing: parts))
      written.insert(name)
    }
    for tensor in try model.checkpoint.allTensors where !written.contains(tensor.name) {
      entries.append(try SafetensorsEntry(keeping: tensor))
    }
    return entries
  }
}

extension SafetensorsEntry {
  /// A tensor that holds several matrices, some of them replaced, in 32 bits.
  fileprivate init(
    _ tensor: CheckpointTensor, replacing parts: [(part: TensorPart, weight: Weight)]
  ) throws {
    let columns = tensor.shape.last ?? 1
    var values = try tensor.values()
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
    self.init(tensor.name, shape: tensor.shape, values: values)
  }

  /// A tensor as it is, rows in Hugging Face's order; in 32 bits when it is quantised or turned round in the file.
  fileprivate init(keeping tensor: CheckpointTensor) throws {
    if let stored = tensor.plain, stored.type.isSafetensors {
      self.init(tensor.name, copying: stored)
      return
    }
    guard !tensor.isTurned, tensor.offset == 0, let type = tensor.type,
      !(type.isQuantized && tensor.isVector)
    else {
      self.init(tensor.name, shape: tensor.shape, values: try tensor.values())
      return
    }
    guard type.isSafetensors else {
      let matrices = try tensor.runs.map { try $0.tensor.mapped(rows: $0.rows, rowOrder: $0.order) }
      self.init(tensor.name, shape: tensor.shape, decoding: matrices)
      return
    }
    self.init(tensor.name, shape: tensor.shape, type: type) { output in
      for run in tensor.runs {
        let rowBytes = tensor.rowBytes(run.tensor)
        try run.tensor.withBytes { bytes in
          for row in 0..<run.rows.count {
            let start = run.storedRow(of: row) * rowBytes
            try output.write(UnsafeRawBufferPointer(rebasing: bytes[start..<start + rowBytes]))
          }
        }
      }
    }
  }
}
