import CProcessor
import Testing

@testable import Numerics

@Suite struct BlockProductsTests {
  static let types = ElementType.allCases.filter { BlockProducts.kernel(of: $0) != nil }

  /// Rows of one block, of several, of many; all bits that a block can have but
  /// scales that are infinite or NaN.
  @Test(arguments: types, [1, 2, 37])
  func `products with blocks are those of the specification, to the last bit`(
    type: ElementType, blocks: Int
  ) {
    // Floats have blocks of one, of which a product takes 32.
    let columns = blocks * max(type.blockLength, 32)
    var generator = SplitMix64(seed: UInt64(blocks))
    let bytes = RandomBlocks.bytes(type, elements: 4 * columns, using: &generator)
    let input = Matrix.random(rows: 1, columns: columns, using: &generator).values
    var expected: [Float] = []
    var found = SIMD4<Float>.zero
    bytes.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress, let kernel = BlockProducts.kernel(of: type) else {
        return
      }
      let width = columns / type.blockLength * type.blockBytes
      let rows = (0..<4).map { source + $0 * width }
      expected = rows.map { row in
        RowProducts.plain(
          input,
          (0..<columns).map { column in
            let (block, index) = column.quotientAndRemainder(dividingBy: type.blockLength)
            return BlockDecoder.plain(type, row + block * type.blockBytes, index)
          })
      }
      found = processor_block_products(
        kernel, rows[0], rows[1], rows[2], rows[3], input, columns, source)
    }
    guard processor_multiplies_blocks() == 1 else {
      #expect(found == .zero)
      return
    }
    #expect((0..<4).map { found[$0].bitPattern } == expected.map(\.bitPattern))
  }

  @Test func `a scale that is no finite number gives no finite sum`() {
    guard processor_multiplies_blocks() == 1 else { return }
    var generator = SplitMix64(seed: 1)
    let input = [Float](repeating: 1, count: 256)
    for type in Self.types where type.isQuantized && type != .mxfp4 {
      let scale = RandomBlocks.scales(of: type)[0]
      for bits in [UInt8(0x7C), 0xFC, 0x7F] {
        var bytes = RandomBlocks.bytes(type, elements: 1024, using: &generator)
        bytes[scale] = bits
        bytes.withUnsafeBytes { bytes in
          guard let source = bytes.baseAddress, let kernel = BlockProducts.kernel(of: type) else {
            return
          }
          let row = source + 256 / type.blockLength * type.blockBytes
          let found = processor_block_products(kernel, source, row, row, row, input, 256, row)
          #expect(!found[0].isFinite, "\(type), \(bits)")
          #expect(found[1].isFinite, "\(type), \(bits)")
        }
      }
    }
  }

  /// Rows in any order of the file, a last group of fewer than four, tokens apart from each other.
  @Test(arguments: [MappedMatrix.RowOrder.stored, .interleavedHalves(headWidth: 10)], [1, 2])
  func `products go where they belong, beside what is there or upon it`(
    order: MappedMatrix.RowOrder, tokens: Int
  ) throws {
    var generator = SplitMix64(seed: 2)
    let matrix = MappedMatrix(
      rows: 30, columns: 64, type: .q50, rowOrder: order,
      file: try MappedFile(
        RandomBlocks.bytes(.q50, elements: 30 * 64, using: &generator), path: "weights"), offset: 0)
    let input = Matrix.random(rows: tokens, columns: 64, using: &generator)
    let before = Matrix.random(rows: tokens, columns: 10, using: &generator)
    for isAdding in [false, true] {
      let output = Activations(before)
      let isDone = input.values.withUnsafeBufferPointer { input in
        input.baseAddress.map {
          matrix.multiply(
            rows: 7..<14, by: $0, tokens: tokens, into: output.start, stride: 10, adding: isAdding)
        }
      }
      guard processor_multiplies_blocks() == 1 else {
        #expect(isDone == false && output.matrix == before)
        continue
      }
      let decoded = matrix.matrix()
      for token in 0..<tokens {
        for place in 0..<10 {
          var expected = before[token, place]
          if place < 7 {
            let product = RowProducts.plain(
              input.gathering([token]).values, decoded.gathering([7 + place]).values)
            expected = isAdding ? expected + product : product
          }
          #expect(output.matrix[token, place] == expected)
        }
      }
    }
  }
}
