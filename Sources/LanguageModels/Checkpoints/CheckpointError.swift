/// What can be wrong with a checkpoint as a whole; single files and tensors have `StorageError`.
package enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `path` is neither a folder nor a GGUF file.
  case notACheckpoint(path: String)
  /// `file` does not start with GGUF's magic.
  case notGGUF(file: String)
  /// `file` is GGUF of a version that is not read.
  case unsupportedVersion(file: String, version: UInt32)
  /// Part `number` of `count` of a model in several files is not where it should be.
  case missingPart(file: String, number: Int, count: Int)
  /// `file` is a part of a model, but not the one that its name or the other parts ask for.
  case wrongPart(file: String, expected: String, found: String)
  /// The metadata of `file` have no `key`.
  case missingMetadata(key: String, file: String)
  /// `key` in the metadata of `file` is something other than `expected`.
  case wrongMetadata(key: String, file: String, expected: String, found: String)
  /// `file` holds an architecture whose tensors have no known names.
  case unknownArchitecture(name: String, file: String, known: [String])

  /// `file` has tensors that its architecture has no use for.
  case unreadTensors([String], file: String, architecture: String)

  /// What is wrong, where, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .notACheckpoint(let path):
      "\(path) is no model: expected a Hugging Face folder (config.json, *.safetensors) "
        + "or a .gguf file"
    case .notGGUF(let file):
      "\(file) does not start with 'GGUF'; is it a GGUF file, and was it downloaded whole?"
    case .unsupportedVersion(let file, let version):
      version.byteSwapped <= 3
        ? "\(file) is a big-endian GGUF file; convert it to little-endian"
        : "\(file) is GGUF version \(version), expected 2 or 3; convert it again"
    case .missingPart(let file, let number, let count):
      "\(file) is missing: it is part \(number) of \(count) of the model; put all parts into one folder"
    case .wrongPart(let file, let expected, let found):
      "\(file) does not belong to the other parts of the model: expected \(expected), found "
        + "\(found); download the parts again into a folder of their own"
    case .missingMetadata(let key, let file):
      "\(file) has no metadata '\(key)'; was it converted by an old program?"
    case .wrongMetadata(let key, let file, let expected, let found):
      "metadata '\(key)' of \(file) is \(found), expected \(expected)"
    case .unknownArchitecture(let name, let file, let known):
      "\(file) holds the architecture '\(name)', expected one of: \(known.joined(separator: ", "))"
        + (name.contains("bert")
          ? "; GGUF files of BERT's kind are made for embeddings and lack the head that predicts tokens: "
            + "use the model's Hugging Face folder" : "")
    case .unreadTensors(let names, let file, let architecture):
      "\(file) has tensors that the architecture '\(architecture)' has no use for: "
        + names.prefix(5).joined(separator: ", ")
        + (names.count > 5 ? " and \(names.count - 5) more" : "")
        + "; without them it would be another model: "
        + (file.hasSuffix(".gguf")
          ? "use its Hugging Face folder"
          : "do the weights belong to the config.json beside them?")
    }
  }
}
