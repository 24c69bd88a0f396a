@testable import Numerics

/// Blocks of any bytes, whose scales are finite numbers.
enum RandomBlocks {
  /// Which bytes of a block are the upper ones of its scales in half precision, or of numbers that are no blocks.
  static func scales(of type: ElementType) -> [Int] {
    switch type {
    case .float32: [3]
    case .q41, .q51, .q4K, .q5K: [1, 3]
    case .q2K: [81, 83]
    case .q3K: [109]
    case .q6K: [209]
    // The exponents of all values but a few: sums stay finite.
    case .mxfp4: [0]
    case .tq10: [53]
    case .tq20: [65]
    default: [1]
    }
  }

  /// As many blocks as `elements` take.
  static func bytes(
    _ type: ElementType, elements: Int, using generator: inout SplitMix64
  ) -> [UInt8] {
    let blocks = elements / type.blockLength
    var bytes = (0..<blocks * type.blockBytes).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
    for block in 0..<blocks {
      for scale in scales(of: type) { bytes[block * type.blockBytes + scale] &= 0xBF }
    }
    return bytes
  }
}
