internal import Numerics

extension SafetensorsFolder {
  /// What programs that wrap a model put before all of its names: `torch.compile`, and training on several devices.
  private static let wrappers = ["_orig_mod.", "module."]

  /// The base of a family, as its class without a head is saved: a name it has, and what the class with a head puts
  /// before the names of its base.
  private static let bases = [
    (name: "embed_tokens.weight", prefix: "model."),
    (name: "embeddings.tok_embeddings.weight", prefix: "model."),
    (name: "embed_in.weight", prefix: "gpt_neox."),
    (name: "wte.weight", prefix: "transformer."),
  ]

  /// The first parts of names that belong to heads, which stand beside the base.
  private static let heads: Set<String> = ["lm_head", "embed_out", "cls", "head", "decoder"]

  /// The folder with the names that transformers gives the class with a head, whoever saved it.
  func withUsualNames() -> SafetensorsFolder {
    var folder = self
    for wrapper in Self.wrappers
    where !folder.tensors.isEmpty && folder.tensors.keys.allSatisfy({ $0.hasPrefix(wrapper) }) {
      folder = folder.renaming { String($0.dropFirst(wrapper.count)) }
    }
    guard let base = Self.bases.first(where: { folder.tensors[$0.name] != nil }) else {
      return folder
    }
    return folder.renaming { name in
      Self.heads.contains(String(name.prefix { $0 != "." })) ? name : base.prefix + name
    }
  }
}
