internal import Numerics

/// What GGUF calls an architecture: how its tensors and metadata are named and how they differ from Hugging Face's.
///
/// Sources: llama.cpp's `gguf-py/gguf/constants.py`, `tensor_mapping.py` and converters. A new family is one more value,
/// in ``all``.
struct GGUFFamily: Sendable {
  /// `general.architecture`, which all other keys begin with.
  let architecture: String
  /// `model_type` in Hugging Face's configuration.
  let modelType: String
  /// The class in transformers.
  let className: String
  /// Whether a file of this architecture is of this family, where several share one.
  let isMeant: @Sendable (GGUFKeys) -> Bool
  /// The modules by Hugging Face's names.
  let modules: [String: GGUFModule]
  /// What Hugging Face's configuration says beyond what is common to all.
  let settings: @Sendable (GGUFKeys) throws -> GGUFKeys.Settings

  /// A family.
  ///
  /// - Parameters:
  ///   - architecture: `general.architecture`.
  ///   - modelType: `model_type`.
  ///   - className: The class in transformers.
  ///   - isMeant: Which files of the architecture are meant.
  ///   - outer: The modules outside of the layers.
  ///   - prefix: What Hugging Face's names of layers begin with.
  ///   - inner: The modules of a layer, without that.
  ///   - settings: The configuration.
  init(
    _ architecture: String, _ modelType: String, _ className: String,
    where isMeant: @escaping @Sendable (GGUFKeys) -> Bool = { _ in true },
    outer: [GGUFModule] = Self.llamaOuter, layers prefix: String = "model.layers",
    inner: [[GGUFModule]],
    settings: @escaping @Sendable (GGUFKeys) throws -> GGUFKeys.Settings
  ) {
    self.architecture = architecture
    self.modelType = modelType
    self.className = className
    self.isMeant = isMeant
    self.settings = settings
    let all = outer + inner.joined().map { $0.inLayer(prefix) }
    modules = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
  }

  /// The families, in the order of the messages.
  static let all: [GGUFFamily] =
    llamas + qwens + gemmas + phis + [
      gpt2, gptNeoX, bloom, olmo3, olmo2, olmoe, granite, smolLM3, stableLM, starCoder2, commandR,
    ]

  /// The names of the architectures.
  static let architectures = all.map(\.architecture).reduce(into: [String]()) { names, name in
    if !names.contains(name) { names.append(name) }
  }

  /// The family of `file`.
  ///
  /// - Throws: `CheckpointError.unknownArchitecture`, or that nothing is said of it.
  init(of file: GGUFFile) throws {
    let name = try file.metadata.string("general.architecture")
    let keys = GGUFKeys(file: file, architecture: name)
    guard let family = Self.all.first(where: { $0.architecture == name && $0.isMeant(keys) }) else {
      throw CheckpointError.unknownArchitecture(
        name: name, file: file.path, known: Self.architectures)
    }
    self = family
  }
}
