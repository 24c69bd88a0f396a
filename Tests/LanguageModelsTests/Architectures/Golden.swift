import Numerics
import Foundation
import LanguageModels
import LaserOps

/// What Hugging Face transformers computed from a small checkpoint (make_architecture_goldens.py).
struct Golden: Decodable {
  struct Scored: Decodable {
    let prompt: [Int]
    let continuation: [Int]
    let logProbability: Double
  }

  let prompts: [[Int]]
  let greedy: [[Int]]?
  let continuations: [Scored]?

  static let folder = TestResources.fixture("architectures")

  static let causal = [
    "gptj-partial-rotary", "gptj-one-layer", "gptj-deep-tied", "llama-plain",
    "llama-grouped-biased-tied", "llama-linear-scaling", "llama-llama3-scaling",
    "llama-dynamic-scaling", "llama-deep", "mistral-window", "qwen2", "mixtral",
  ]
  static let masked = ["roberta", "roberta-one-layer", "roberta-deep"]

  static func load(_ name: String) throws -> (model: any LanguageModel, golden: Golden) {
    let url = folder.appendingPathComponent(name)
    let data = try Data(contentsOf: url.appendingPathComponent("golden.json"))
    return (
      try LanguageModelLoader.load(url), try JSONDecoder().decode(Golden.self, from: data)
    )
  }

  /// What the loader says of the model at `url`: an error, or that it is loaded.
  static func message(_ url: URL) -> String {
    do {
      _ = try LanguageModelLoader.load(url)
      return "loaded"
    } catch {
      return "\(error)"
    }
  }

  /// The logits of prompt `index`, `[tokens × vocabulary]`.
  static func logits(_ name: String, prompt index: Int) throws -> Matrix {
    let url = folder.appendingPathComponent(name).appendingPathComponent("golden.safetensors")
    let tensor = try SafetensorsFile(url).tensor("logits.\(index)")
    return try tensor.matrix(rows: tensor.shape[0], columns: tensor.shape[1])
  }
}

extension Matrix {
  /// The largest absolute difference, as a share of the largest absolute element of `reference`.
  func relativeDifference(from reference: Matrix) -> Float {
    let largest = reference.values.map(abs).max() ?? 0
    return ((self - reference).values.map(abs).max() ?? 0) / largest
  }
}
