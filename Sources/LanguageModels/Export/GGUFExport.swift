public import Foundation
internal import Files
internal import LaserOps
package import Numerics

/// Writes a GGUF model, edited or not, as one GGUF file.
///
/// Header, metadata and every tensor that was not edited keep their bytes; without an edit the file is the same, bit for
/// bit, or, where the model came in several files, what `gguf-split --merge` makes of them.
public struct GGUFExport: Sendable {
  /// How edited matrices are stored.
  package enum Storage: Sendable, Equatable {
    /// The smallest of F32, F16, BF16 and Q8_0 that rounds the matrix no more than its type in the file did.
    case fitting
    /// The type that the matrix has in the file.
    case same
    /// This type.
    case type(ElementType)
  }

  /// A tensor with an edited matrix.
  package struct EditedTensor: Sendable, Equatable {
    /// Its name in GGUF.
    package let name: String
    /// Its type before.
    package let original: ElementType
    /// Its type in the file that was written.
    package let type: ElementType
    /// The norm of what rounding to that type changed, as a share of the tensor's norm.
    package let error: Double
    /// The same for its type before, where that is measured or can be estimated.
    package let originalError: Double

    fileprivate init(_ tensor: StoredTensor, _ choice: GGUFReplacement.Choice) {
      name = tensor.name
      original = tensor.type
      type = choice.type
      error = choice.error
      originalError = choice.originalError
    }
  }

  /// The edited tensors in the order of the file.
  package let edited: [EditedTensor]
  /// How many bytes the tensors took.
  public let bytesBefore: Int
  /// How many bytes they take now.
  public let bytesAfter: Int

  /// Writes `model` to the file at `url`, which is replaced when it is complete. Edited matrices are stored in the smallest of
  /// F32, F16, BF16 and Q8_0 that rounds them no more than their type in the file did.
  ///
  /// - Throws: As ``ModelExport/init(_:to:isFactored:)`` does, and for a model that is not from a GGUF file; the file at `url`
  ///   is then what it was.
  public init(_ model: some LanguageModel, to url: URL) throws {
    try self.init(model, to: url, storage: .fitting)
  }

  /// Writes `model` to the file at `url`, which is replaced when it is complete.
  ///
  /// - Throws: ``ExportError``, ``CheckpointError``, `StorageError`; the file at `url` is then what it was.
  package init(_ model: some LanguageModel, to url: URL, storage: Storage) throws {
    guard case .gguf(let file) = model.checkpoint.source else {
      throw ExportError.notGGUF(model: model.checkpoint.path)
    }
    for part in file.parts where OpenFile.isSameFile(part.file.path, url.path) {
      throw ExportError.outputIsInput(url.path)
    }
    let replacements = try Self.replacements(in: model)
    let choices = try replacements.mapValues { try $0.choice(storage) }
    let layout = try GGUFLayout(file, types: choices.mapValues(\.type))
    try AtomicFile.write(to: url) { output in
      try output.write(layout.header)
      for segment in layout.segments {
        switch segment.content {
        case .bytes(let file, let range): try file.withBytes(in: range) { try output.write($0) }
        case .tensor(let tensor, let type):
          try replacements[tensor.name]?.write(as: type, to: &output)
        }
        try output.write(repeatElement(0, count: segment.padding))
      }
    }
    let tensors = file.parts.flatMap(\.tensors).map(\.stored)
    edited = tensors.compactMap { tensor in
      choices[tensor.name].map { EditedTensor(tensor, $0) }
    }
    bytesBefore = tensors.reduce(0) { $0 + $1.byteCount }
    bytesAfter = try tensors.reduce(0) { sum, tensor in
      try sum + (choices[tensor.name]?.type ?? tensor.type).byteCount(shape: tensor.shape)
    }
  }

  private static func replacements(
    in model: some LanguageModel
  ) throws -> [String: GGUFReplacement] {
    var replacements: [String: GGUFReplacement] = [:]
    for site in model.weightSites {
      let weight = model.weight(at: site)
      if case .mapped = weight { continue }
      let place = model.place(of: site)
      var start = 0
      for run in try model.checkpoint.tensor(place.tensor).runs(of: place.part) {
        replacements[run.tensor.name, default: GGUFReplacement(run.tensor)]
          .put(weight.matrix, rows: start..<start + run.rows.count) {
            run.storedRow(of: $0 - start)
          }
        start += run.rows.count
      }
    }
    return replacements
  }
}

/// Why a model cannot be written as it was asked.
package enum ExportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model does not come from a GGUF file.
  case notGGUF(model: String)
  /// The output is a file of the model itself.
  case outputIsInput(String)
  /// `tensor` cannot be stored as `type`, because of `reason`.
  case cannotStore(tensor: String, type: ElementType, reason: String)

  /// What is wrong, where, what was expected, and what to do.
  package var description: String {
    switch self {
    case .notGGUF(let model):
      "\(model) is no GGUF file, and only from one can a GGUF file be made; "
        + "give a folder to write the model as Hugging Face's"
    case .outputIsInput(let path):
      "\(path) is the model itself; give the output another name"
    case .cannotStore(let tensor, let type, let reason):
      "tensor '\(tensor)' cannot be stored as \(type): \(reason)"
    }
  }
}
