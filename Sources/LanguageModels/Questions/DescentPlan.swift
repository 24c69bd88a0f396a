internal import LaserOps
internal import Numerics

/// How many questions go down a model together, and whether the activations of their way up are kept for it.
struct DescentPlan: Equatable {
  /// About how many tokens a chunk of questions has; what is computed of a question may depend on it in the last digits, so
  /// that it depends on the model alone.
  let tokensAtOnce: Int
  /// What the activations of one token take in all layers, about, in bytes.
  private let bytesPerToken: Int
  /// What is held of the sites meanwhile.
  private let siteBytes: Int

  /// What the activations of a chunk are to take at most, in bytes: enough tokens for the speed of matrix products with the
  /// smallest models, and half of ``QuestionObjective/defaultMemory``.
  static let chunkBytes = 1 << 30

  /// The most chunks that go down one after the other: scores come with the last of them, so that a pass that is killed has
  /// lost what they took. With the smallest models it is minutes.
  static let mostChunks = 64

  /// A plan for `examples` questions and the matrices at `sites`.
  init(of model: some LanguageModel, at sites: [WeightSite], examples: Int) {
    let element = MemoryLayout<Float>.size
    let widths = model.weightSites.reduce(0) {
      let weight = model.weight(at: $1)
      return $0 + weight.rows + weight.columns
    }
    // Norms, rotated keys and sums make up the quarter. Of a mixture more experts are counted than are used.
    bytesPerToken = max(1, widths * element / 4 * 5)
    siteBytes = sites.reduce(0) {
      let weight = model.weight(at: $1)
      let components = min(weight.rows, weight.columns)
      return $0 + components * (components + 2 * examples) * element
    }
    let tokens = Self.chunkBytes / bytesPerToken
    // Fewer would be slower than to compute the activations twice.
    let most = QuestionChunk.tokensAtOnce
    tokensAtOnce = tokens < 256 ? most : min(tokens, most)
  }

  /// Whether `chunks` go down one after the other: where they are few, and the activations of each fit into `memory` bytes with
  /// what is held of the sites.
  func keepsActivations(of chunks: [QuestionChunk], in memory: Int) -> Bool {
    let tokens = chunks.map(\.sequences.tokenCount).max() ?? 0
    return chunks.count <= Self.mostChunks && tokens <= (memory - siteBytes) / bytesPerToken
  }
}
