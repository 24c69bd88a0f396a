#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension FocusPooling {
  /// The specification of the forward in double precision, of one picture.
  ///
  /// - Parameters:
  ///   - features: `[P × D]`.
  ///   - scores: `[H × D]`.
  ///   - readout: `[H·D × C]`.
  /// - Returns: What is added to the output, `[C]`.
  func plain(features: [Double], scores: [Double], readout: [Double]) -> [Double] {
    var output = [Double](repeating: 0, count: width)
    for head in 0..<heads {
      let logits = (0..<squares).map { square in
        (0..<channels).reduce(0) {
          $0 + scores[head * channels + $1] * features[square * channels + $1]
        }
      }
      let powers = logits.map { exp($0 - (logits.max() ?? 0)) }
      let sum = powers.reduce(0, +)
      for channel in 0..<channels {
        let mean = (0..<squares).reduce(0) {
          $0 + powers[$1] / sum * features[$1 * channels + channel]
        }
        for column in 0..<width {
          output[column] += mean * readout[(head * channels + channel) * width + column]
        }
      }
    }
    return output
  }
}
