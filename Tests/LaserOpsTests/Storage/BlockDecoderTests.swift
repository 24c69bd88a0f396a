import Testing

@testable import LaserOps

@Suite struct BlockDecoderTests {
  /// Any bytes but scales that are infinite or NaN.
  @Test(arguments: [ElementType.q40, .q41, .q80])
  func `blocks of 32 decode to their specification, to the last bit`(type: ElementType) {
    var generator = SplitMix64(seed: 5)
    let blocks = 500
    var bytes = (0..<blocks * type.blockBytes).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
    for block in 0..<blocks {
      bytes[block * type.blockBytes + 1] &= 0xBF
      bytes[block * type.blockBytes + 3] &= type == .q41 ? 0xBF : 0xFF
    }
    let decoded = Activations(rows: blocks, columns: 32)
    bytes.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      BlockDecoder.decode(type, from: source, count: 32 * blocks, into: decoded.start)
      for block in 0..<blocks {
        for index in 0..<32 {
          let start = source + block * type.blockBytes
          let expected =
            switch type {
            case .q40: BlockDecoder.plainQ40(start, index)
            case .q41: BlockDecoder.plainQ41(start, index)
            default: BlockDecoder.plainQ80(start, index)
            }
          #expect(decoded.row(block)[index].bitPattern == expected.bitPattern)
        }
      }
    }
  }
}
