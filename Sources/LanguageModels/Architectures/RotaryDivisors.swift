internal import LaserOps

/// The divisors of the rotary frequencies that GGUF files of Llama 3.1 and later keep in `rope_freqs.weight`: the
/// scaling of their `config.json`, applied (llama.cpp, convert_hf_to_gguf.py).
enum RotaryDivisors {
  static let tensor = "rope_freqs.weight"

  /// The scaling that divides the frequencies of `rotary` by `divisors`.
  ///
  /// The largest divisor is the factor; where the interpolation begins and ends is not in the file, and all published
  /// models have it at the same places.
  /// - Returns: The scaling, or nil when it would give other divisors.
  static func scaling(_ divisors: [Float], of rotary: RotaryEmbedding) -> RotaryEmbedding.Scaling? {
    guard let factor = divisors.max(), factor.isFinite, factor >= 1 else { return nil }
    let scaling = RotaryEmbedding.Scaling.llama3(
      factor: Double(factor), lowFactor: 1, highFactor: 4, trainedLength: 8192)
    let scaled = RotaryEmbedding(
      width: rotary.width, base: rotary.base, pairing: rotary.pairing, scaling: scaling)
    let pairs = zip(rotary.frequencies(length: 0), scaled.frequencies(length: 0))
    let fits = zip(pairs, divisors).allSatisfy { pair, divisor in
      abs(pair.0 - divisor * pair.1) <= 1e-4 * pair.0
    }
    return fits ? scaling : nil
  }
}
