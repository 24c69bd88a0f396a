internal import Foundation

// Dimension key — N: rows (tokens) · H: heads · D: width of a head · R: rotated part of a head.

/// Rotary position embedding (arXiv:2104.09864): pairs of a head's dimensions turned by position · frequency.
///
/// Frequencies and angles are rounded to 32 bits where Hugging Face transformers rounds them, because at
/// positions in the thousands the rounding of an angle is larger than that of everything that follows.
package struct RotaryEmbedding: Sendable, Equatable {
  /// Which dimensions form a pair.
  package enum Pairing: Sendable, Equatable {
    /// 2i and 2i + 1, as in GPT-J.
    case neighbours
    /// i and i + R / 2, as Hugging Face's Llama.
    case halves
  }

  /// How frequencies are changed for contexts longer than those of the training.
  package enum Scaling: Sendable, Equatable {
    /// Not at all.
    case none
    /// All divided by `factor`.
    case linear(factor: Double)
    /// The base grows with the sequence once it is longer than `trainedLength` (NTK-aware).
    case dynamic(factor: Double, trainedLength: Int)
    /// Llama 3.1: low frequencies divided by `factor`, high ones kept, those between interpolated.
    case llama3(factor: Double, lowFactor: Double, highFactor: Double, trainedLength: Int)
    /// Frequencies of fewer than `slowTurns` turns in the trained length divided by `factor`, those of more than
    /// `fastTurns` kept, those between interpolated; all angles' cosines and sines times `magnitude` (arXiv:2309.00071).
    case yarn(
      factor: Double, fastTurns: Double, slowTurns: Double, trainedLength: Int, isRounded: Bool,
      magnitude: Double)
    /// Each divided by a number of its own, another one once the sequence is longer than `trainedLength`
    /// (arXiv:2402.13753).
    case longrope(short: [Double], long: [Double], trainedLength: Int, magnitude: Double)
  }

  /// R, the number of dimensions that are turned: even, from the start of every head.
  package let width: Int
  /// The base of the frequencies, 10,000 in the paper.
  package let base: Double
  /// Which dimensions form a pair.
  package let pairing: Pairing
  /// The change for long contexts.
  package let scaling: Scaling

  /// - Precondition: `width` is even and not negative.
  package init(width: Int, base: Double, pairing: Pairing, scaling: Scaling = .none) {
    precondition(width >= 0 && width % 2 == 0, "\(width) dimensions do not form pairs")
    self.width = width
    self.base = base
    self.pairing = pairing
    self.scaling = scaling
  }

  /// The R / 2 frequencies, in radians a position, for a sequence of `length` tokens.
  package func frequencies(length: Int) -> [Float] {
    var base = base
    if case .dynamic(let factor, let trained) = scaling, length > trained, width > 2 {
      let stretch = factor * Double(length) / Double(trained) - (factor - 1)
      base *= pow(stretch, Double(width) / Double(width - 2))
    }
    return stride(from: 0, to: width, by: 2).map { dimension in
      let exponent = Float(dimension) / Float(width)
      return scaled(1 / Float(pow(base, Double(exponent))), pair: dimension / 2, length: length)
    }
  }

  private func scaled(_ frequency: Float, pair: Int, length: Int) -> Float {
    switch scaling {
    case .none, .dynamic: return frequency
    case .linear(let factor): return frequency / Float(factor)
    case .llama3(let factor, let low, let high, let trained):
      let wavelength = 2 * Float.pi / frequency
      if wavelength < Float(Double(trained) / high) { return frequency }
      let slowed = frequency / Float(factor)
      if wavelength > Float(Double(trained) / low) { return slowed }
      let share = (Float(trained) / wavelength - Float(low)) / Float(high - low)
      return (1 - share) * slowed + share * frequency
    case .yarn(let factor, let fast, let slow, let trained, let isRounded, _):
      let share = slowedShare(
        pair: pair, fast: fast, slow: slow, trainedLength: trained, isRounded: isRounded)
      return frequency * (1 - share) + frequency / Float(factor) * share
    case .longrope(let short, let long, let trained, _):
      return frequency / Float(length > trained ? long[pair] : short[pair])
    }
  }

  /// By how much YaRN slows a pair down: 0 for those that turn often in the trained length, 1 for those that hardly do.
  private func slowedShare(
    pair: Int, fast: Double, slow: Double, trainedLength: Int, isRounded: Bool
  ) -> Float {
    func pairWith(turns: Double) -> Double {
      Double(width) * log(Double(trainedLength) / (2 * .pi * turns)) / (2 * log(base))
    }
    var first = pairWith(turns: fast)
    var last = pairWith(turns: slow)
    if isRounded {
      first = first.rounded(.down)
      last = last.rounded(.up)
    }
    first = max(first, 0)
    last = min(last, Double(width - 1))
    if first == last { last += 0.001 }
    return Float(min(max((Double(pair) - first) / (last - first), 0), 1))
  }

  /// What cosines and sines are multiplied with.
  private var magnitude: Float {
    switch scaling {
    case .none, .linear, .dynamic, .llama3: 1
    case .yarn(_, _, _, _, _, let magnitude), .longrope(_, _, _, let magnitude): Float(magnitude)
    }
  }

  /// A length whose frequencies are those of `length`; few scalings look at it.
  private func representative(of length: Int) -> Int {
    switch scaling {
    case .none, .linear, .llama3, .yarn: 0
    case .dynamic: length
    case .longrope(_, _, let trained, _): length > trained ? trained + 1 : 0
    }
  }

  /// Cosines and sines of every row's angles, `[N × R / 2]` each; one set serves all layers.
  package struct Angles: Sendable {
    fileprivate let cosines: Matrix
    fileprivate let sines: Matrix

    /// The angles of some rows, in the order of `rows`.
    package func gathering(_ rows: [Int]) -> Angles {
      Angles(cosines: cosines.gathering(rows), sines: sines.gathering(rows))
    }

    /// The angles that turn back, times the same magnitude: what carries the gradient of a turned head to the head.
    package var transposed: Angles {
      var turned = sines
      for index in turned.values.indices { turned.values[index].negate() }
      return Angles(cosines: cosines, sines: turned)
    }
  }

  /// The angles of tokens at `positions` in sequences of `lengths` tokens.
  package func angles(positions: [Int], lengths: [Int]) -> Angles {
    var known: [Int: [Float]] = [:]
    var cosines = Matrix(rows: positions.count, columns: width / 2)
    var sines = cosines
    for (row, (position, length)) in zip(positions, lengths).enumerated() {
      let key = representative(of: length)
      let frequencies = known[key] ?? self.frequencies(length: key)
      known[key] = frequencies
      for (pair, frequency) in frequencies.enumerated() {
        let angle = Float(position) * frequency
        cosines[row, pair] = cos(angle) * magnitude
        sines[row, pair] = sin(angle) * magnitude
      }
    }
    return Angles(cosines: cosines, sines: sines)
  }

  /// Turns every head of every row of `activations`, `[N × H·D]`, in place.
  ///
  /// - Precondition: A row is a whole number of heads, each at least as wide as what is turned; `angles` has its angles.
  package func rotate(
    _ activations: Activations, headWidth: Int, by angles: Angles, using workers: Workers
  ) {
    precondition(angles.cosines.rows == activations.rows, "one set of angles a row")
    precondition(
      headWidth >= width && headWidth > 0 && activations.columns % headWidth == 0,
      "rows of \(activations.columns) in heads of \(headWidth), \(width) of which are turned")
    let half = width / 2
    guard half > 0 else { return }
    workers.forEachBlock(ofRows: activations.rows, width: activations.columns) { rows in
      angles.cosines.values.withUnsafeBufferPointer { cosines in
        angles.sines.values.withUnsafeBufferPointer { sines in
          // SAFETY: row and pair stay within `[N × R / 2]`, heads within the row; `width > 0` here.
          guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
          for row in rows {
            var head = activations.row(row)
            let end = head + activations.columns
            while head < end {
              switch pairing {
              case .halves:
                Self.rotateHalves(head, cosines + row * half, sines + row * half, half)
              case .neighbours:
                Self.rotateNeighbours(head, cosines + row * half, sines + row * half, half)
              }
              head += headWidth
            }
          }
        }
      }
    }
  }

  private static func rotateHalves(
    _ head: UnsafeMutablePointer<Float>, _ cosines: UnsafePointer<Float>,
    _ sines: UnsafePointer<Float>, _ half: Int
  ) {
    for pair in 0..<half {
      let first = head[pair]
      let second = head[pair + half]
      head[pair] = first * cosines[pair] - second * sines[pair]
      head[pair + half] = second * cosines[pair] + first * sines[pair]
    }
  }

  private static func rotateNeighbours(
    _ head: UnsafeMutablePointer<Float>, _ cosines: UnsafePointer<Float>,
    _ sines: UnsafePointer<Float>, _ half: Int
  ) {
    for pair in 0..<half {
      let first = head[2 * pair]
      let second = head[2 * pair + 1]
      head[2 * pair] = first * cosines[pair] - second * sines[pair]
      head[2 * pair + 1] = second * cosines[pair] + first * sines[pair]
    }
  }
}

extension Matrix {
  /// Copies of some rows, in the order of `indices`.
  ///
  /// - Precondition: Every index is a row.
  package func gathering(_ indices: [Int]) -> Matrix {
    Matrix(
      rows: indices.count, columns: columns,
      values: indices.flatMap { values[$0 * columns..<($0 + 1) * columns] })
  }
}
