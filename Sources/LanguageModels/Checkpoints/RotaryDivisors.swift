internal import Numerics

/// The divisors of the rotary frequencies that GGUF files of Llama 3.1 and later keep in `rope_freqs.weight`: the
/// scaling of their `config.json`, applied (llama.cpp, convert_hf_to_gguf.py).
enum RotaryDivisors {
  static let tensor = "rope_freqs.weight"

  /// The `rope_scaling` that divides the frequencies of an embedding of `width` and `base` by `divisors`.
  ///
  /// The largest divisor is the factor; where the interpolation begins and ends is not in the file, and all published
  /// models have it at the same places.
  /// - Returns: The scaling, or nil when it would give other divisors.
  static func scaling(_ divisors: [Float], width: Int, base: Double) -> JSONValue? {
    guard let factor = divisors.max(), factor.isFinite, factor >= 1, width % 2 == 0 else {
      return nil
    }
    func frequencies(_ scaling: RotaryEmbedding.Scaling) -> [Float] {
      RotaryEmbedding(width: width, base: base, pairing: .halves, scaling: scaling)
        .frequencies(length: 0)
    }
    let scaled = frequencies(
      .llama3(factor: Double(factor), lowFactor: 1, highFactor: 4, trainedLength: 8192))
    let fits = zip(zip(frequencies(.none), scaled), divisors).allSatisfy { pair, divisor in
      abs(pair.0 - divisor * pair.1) <= 1e-4 * pair.0
    }
    guard fits else { return nil }
    return .object([
      ("rope_type", .string("llama3")), ("factor", .number(Double(factor))),
      ("low_freq_factor", .number(1)), ("high_freq_factor", .number(4)),
      ("original_max_position_embeddings", .integer(8192)),
    ])
  }
}
