import CProcessor
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

  @Test(arguments: [(Float(8), Float(-0.0)), (0, 0.37), (0, -1.5)])
  func `pairs looked up in a register are those computed one by one, to the last bit`(
    zero: Float, minimum: Float
  ) {
    let pairs = (0..<16).map { UInt8($0 * 17 ^ 0x5A) }
    for scale in [Float(0.25), -3.140625, 0, 5.9604645e-08] {
      var plain = [Float](repeating: 0, count: 32)
      var fast = plain
      plain.withUnsafeMutableBufferPointer { values in
        guard let start = values.baseAddress else { return }
        processor_expand_pairs_plain(scale, zero, minimum, pairs, start, start + 16)
      }
      fast.withUnsafeMutableBufferPointer { values in
        guard let start = values.baseAddress else { return }
        processor_expand_pairs(scale, zero, minimum, pairs, start, start + 16)
      }
      #expect(fast.map(\.bitPattern) == plain.map(\.bitPattern))
    }
  }

  @Test func `every number in half precision is read as Swift reads it`() {
    let wrong = (UInt16.min...UInt16.max).filter { bits in
      let expected = Float(Float16(bitPattern: bits))
      let number = processor_half(bits)
      return !(number == expected || number.isNaN && expected.isNaN)
    }
    #expect(wrong.isEmpty)
  }
}
