import CProcessor
import Testing

@testable import Numerics

@Suite struct BlockDecoderTests {
  /// Any bytes but scales that are infinite or NaN.
  @Test(arguments: ElementType.allCases.filter(\.isWeight))
  func `blocks decode to their specification, to the last bit`(type: ElementType) {
    var generator = SplitMix64(seed: 5)
    // No whole number of registers where a block is one element.
    let blocks = 203
    let bytes = RandomBlocks.bytes(
      type, elements: blocks * type.blockLength, using: &generator)
    let length = type.blockLength
    let decoded = Activations(rows: blocks, columns: length)
    bytes.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      BlockDecoder.decode(type, from: source, count: length * blocks, into: decoded.start)
      let wrong = (0..<blocks * length).filter { place in
        let (block, index) = place.quotientAndRemainder(dividingBy: length)
        let expected = BlockDecoder.plain(type, source + block * type.blockBytes, index)
        let value = decoded.row(block)[index]
        return !(value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN)
      }
      #expect(wrong.isEmpty)
    }
  }

  /// Without AVX-512 they are the same code.
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
      return !(number.bitPattern == expected.bitPattern || number.isNaN && expected.isNaN)
    }
    #expect(wrong.isEmpty)
  }
}
