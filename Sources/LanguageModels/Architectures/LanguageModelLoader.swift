internal import Numerics
public import Foundation

/// Loads whatever model a path holds.
public enum LanguageModelLoader {
  /// The families, by the values of `model_type` in a `config.json`.
  private static let families: [(names: [String], type: any Architecture.Type)] = [
    (["gpt2"], GPT2.self),
    (["gpt_neox"], GPTNeoX.self),
    (["gptj"], GPTJ.self),
    (["llama", "mistral", "qwen2"], Llama.self),
    (["qwen3", "qwen3_moe"], Qwen3.self),
    (["gemma"], Gemma.self),
    (["gemma2"], Gemma2.self),
    (["gemma3", "gemma3_text"], Gemma3.self),
    (["phi"], Phi.self),
    (["phi3"], Phi3.self),
    (["olmo2", "olmo3"], OLMo.self),
    (["mixtral"], Mixtral.self),
    (["qwen2_moe"], Qwen2Mixture.self),
    (["olmoe"], OLMoE.self),
    (["stablelm"], StableLM.self),
    (["granite"], Granite.self),
    (["smollm3"], SmolLM3.self),
    (["starcoder2"], StarCoder2.self),
    (["cohere"], Cohere.self),
    (["bloom"], BLOOM.self),
    (["opt"], OPT.self),
    (["gpt_neo"], GPTNeo.self),
    (["bert"], BERT.self),
    (["roberta"], RoBERTa.self),
    (["distilbert"], DistilBERT.self),
    (["modernbert"], ModernBERT.self),
  ]

  /// The values of `model_type` in a `config.json` that are known.
  public static let architectures = families.flatMap(\.names)

  /// The model at `url`: a Hugging Face folder or a GGUF file.
  ///
  /// Weights stay in their files; only norms and biases are read.
  /// - Throws: ``LanguageModelError``, `CheckpointError`, `StorageError`: an architecture or element type that
  ///   is not known, a tensor that is absent or has another shape.
  public static func load(_ url: URL) throws -> any LanguageModel {
    let checkpoint = try Checkpoint(url)
    let reader = try checkpoint.configuration()
    try checkpoint.refuseQuantised(reader)
    guard let name = try reader.string("model_type") else {
      throw LanguageModelError.missingKey("model_type", file: reader.file)
    }
    guard let family = families.first(where: { $0.names.contains(name) }) else {
      throw LanguageModelError.unknownArchitecture(name, file: reader.file, known: architectures)
    }
    let model = try family.type.init(checkpoint)
    try checkpoint.requireAllRead(by: name)
    return model
  }
}
