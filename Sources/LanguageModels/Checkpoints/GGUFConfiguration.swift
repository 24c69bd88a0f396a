internal import Numerics

/// The `config.json` that the metadata of a GGUF file amount to.
extension GGUFNames {
  /// The configuration, in the keys of transformers 4, which 5 reads as well.
  ///
  /// - Throws: `CheckpointError` for metadata that are absent or make no sense, `StorageError`.
  func configuration() throws -> JSONValue {
    let keys = GGUFKeys(file: file, architecture: family.architecture)
    let causal = keys.full("attention.causal")
    guard try !file.metadata.contains(causal) || file.metadata.bool(causal) else {
      throw keys.wrong(
        "attention.causal", expected: "true: a model that reads both ways is none of this family",
        found: "false")
    }
    var settings = try family.settings(keys)
    settings["architectures"] = .array([.string(family.className)])
    settings["model_type"] = .string(family.modelType)
    settings["torch_dtype"] = .string("float32")
    settings["tie_word_embeddings"] = .bool(file.tensors["output.weight"] == nil)
    // Vocabularies are padded; the tensor says to what.
    settings["vocab_size"] = .integer(try file.tensor("token_embd.weight").shape.first ?? 0)
    // Null where the file says nothing: some classes have numbers of their own, beyond small vocabularies.
    for (name, ownName) in [("bos", "bos"), ("eos", "eos"), ("pad", "padding")] {
      let key = "tokenizer.ggml.\(ownName)_token_id"
      settings["\(name)_token_id"] =
        file.metadata.contains(key) ? .integer(try file.metadata.integer(key)) : .null
    }
    return .object(settings.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) })
  }
}
