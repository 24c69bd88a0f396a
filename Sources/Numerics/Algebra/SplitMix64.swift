internal import Foundation

/// A small seeded generator (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
///
/// The same seed gives the same numbers on every machine; nothing in this project reads the system's generator.
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
  /// The whole state; storing it and making a new generator from it continues the sequence.
  public private(set) var state: UInt64

  /// A generator that starts at `seed`.
  public init(seed: UInt64) { state = seed }

  /// A generator for one of many independent streams of the same seed, such as room number `stream`.
  public init(seed: UInt64, stream: Int) {
    var mixer = SplitMix64(seed: seed ^ 0x5DEE_CE66_D1CE_4E5B)
    let base = mixer.next()
    var offset = SplitMix64(seed: UInt64(bitPattern: Int64(stream)))
    state = base ^ offset.next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Draws that stay the same whatever the standard library does: the same seed promises the same bytes.
extension RandomNumberGenerator {
  /// A uniform whole number in `0..<bound`; the bias is below `bound / 2⁶⁴`.
  ///
  /// - Precondition: `bound > 0`.
  package mutating func draw(below bound: Int) -> Int {
    precondition(bound > 0, "nothing to draw below \(bound)")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The elements in random order (Fisher and Yates).
  package mutating func shuffle<Element>(_ elements: [Element]) -> [Element] {
    var shuffled = elements
    for place in shuffled.indices.dropLast() {
      shuffled.swapAt(place, place + draw(below: shuffled.count - place))
    }
    return shuffled
  }

  /// A uniform number in [0, 1) with 53 random bits.
  public mutating func nextUniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A standard normal number (Box–Muller, one of the pair).
  public mutating func nextGaussian() -> Double {
    let radius = (-2 * log(1 - nextUniform())).squareRoot()
    return radius * cos(2 * .pi * nextUniform())
  }
}

extension Matrix {
  /// Independent normal elements with mean zero.
  public static func random(
    rows: Int, columns: Int, standardDeviation: Double = 1,
    using generator: inout some RandomNumberGenerator
  ) -> Matrix {
    Matrix(
      rows: rows, columns: columns,
      values: (0..<rows * columns).map { _ in Float(standardDeviation * generator.nextGaussian()) })
  }
}
