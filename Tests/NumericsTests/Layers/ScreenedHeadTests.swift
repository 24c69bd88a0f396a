import CProcessor
import Testing

@testable import Numerics

@Suite struct ScreenedHeadTests {
  /// A head in a file's type, with rows of very different lengths, a row twice, and a last block that is not full.
  private func head(columns: Int = 128) throws -> Projection {
    var generator = SplitMix64(seed: 1)
    var matrix = Matrix.random(rows: 5003, columns: columns, using: &generator)
    for row in 0..<matrix.rows {
      let length = Float(1 + row % 7)
      for column in 0..<columns { matrix[row, column] *= length }
    }
    for column in 0..<columns { matrix[4711, column] = matrix[13, column] }
    return Projection(.dense(matrix))
  }

  /// Tokens of which one channel is much larger than the others, as language models have it, one like a row, one zero.
  private func tokens(_ count: Int, like head: Projection) -> Matrix {
    var generator = SplitMix64(seed: 2)
    var tokens = Matrix.random(rows: count, columns: head.weight.columns, using: &generator)
    let row = head.weight.gathering([13])
    for token in 0..<count { tokens[token, 5] *= 40 }
    for column in 0..<tokens.columns {
      tokens[1, column] = row[0, column]
      tokens[2, column] = 0
    }
    return tokens
  }

  /// Few tokens, which are not screened; a group and a part of one.
  @Test(arguments: [3, 8, 21], [1, 2, 5])
  func `a screened head finds what the whole head finds, the first of equals too`(
    count: Int, threads: Int
  ) throws {
    let head = try head()
    let input = Activations(tokens(count, like: head))
    let expected = head.greatest(of: input, using: Workers(count: 1))
    #expect(expected[1] == 13)
    #expect(ScreenedHead(head).greatest(of: input, using: Workers(count: threads)) == expected)
  }

  @Test func `a head that cannot be turned, or that has a bias, is asked whole`() throws {
    let narrow = try head(columns: 100)
    let biased = Projection(try head().weight, bias: (0..<5003).map { Float($0 % 11) })
    for head in [narrow, biased] {
      let input = Activations(tokens(9, like: head))
      #expect(
        ScreenedHead(head).greatest(of: input, using: Workers(count: 2))
          == head.greatest(of: input, using: Workers(count: 2)))
    }
  }

  @Test(arguments: [Float.infinity, .nan, 3e38])
  func `tokens that are not finite, or too large, have what the whole head says of them`(
    value: Float
  ) throws {
    let head = try head()
    var tokens = tokens(9, like: head)
    tokens[4, 7] = value
    let input = Activations(tokens)
    let found = ScreenedHead(head).greatest(of: input, using: Workers(count: 2))
    #expect(found == head.greatest(of: input, using: Workers(count: 2)))
    #expect(found[4] == nil && found[3] != nil)
  }

  @Test func `a head with an element that is no finite number has no greatest output`() throws {
    guard case .dense(var matrix) = try head().weight else { return }
    matrix[4999, 3] = .nan
    let damaged = Projection(.dense(matrix))
    let input = Activations(tokens(9, like: damaged))
    #expect(
      ScreenedHead(damaged).greatest(of: input, using: Workers(count: 2)).allSatisfy { $0 == nil })
  }

  @Test(
    .enabled(
      if: RoundedRows(.dense(Matrix(rows: 1, columns: 64)), using: Workers(count: 1)) != nil,
      "needs a processor that multiplies bytes"))
  func `no output is above its bound, and few bounds are far above`() throws {
    let head = try head()
    let tokens = tokens(16, like: head)
    let rows = try #require(RoundedRows(head.weight, using: Workers(count: 2)))
    let rounded = try #require(rows.tokens(Activations(tokens)))
    let outputs = Activations(rows: 16, columns: 5003)
    head.apply(to: Activations(tokens), into: outputs, using: Workers(count: 1))
    var slack: [Float] = []
    for block in 0..<rows.blocks {
      for group in [0, 8] {
        rows.bounds(ofBlock: block, group: group, rounded) { token, low, high in
          for (place, row) in (block * 32..<min(5003, block * 32 + 32)).enumerated() {
            let bound = place < 16 ? low[place] : high[place - 16]
            let lengths = (head.weight.gathering([row]).norm, tokens.gathering([token]).norm)
            slack.append((bound - outputs.row(token)[row]) / Float(lengths.0 * lengths.1 + 1e-20))
          }
        }
      }
    }
    #expect(slack.allSatisfy { $0 >= 0 })
    // An eighth of a per cent of ‖w‖ ‖x‖ a number, times the root of what they are.
    #expect(slack.reduce(0, +) / Float(slack.count) < 0.02)
  }

  @Test func `a product of bytes adds four columns a step, with and without a sign`() {
    var rows = [UInt8](repeating: 0, count: 2 * 128)
    var tokens = [Int8](repeating: 0, count: 8 * 8)
    // Row 1 is 1, 2, 3, 4 and 5, 0, 0, 255; token 2 is -1, 10, 0, 2 and 0, 0, 0, -127.
    rows.replaceSubrange(4..<8, with: [1, 2, 3, 4])
    rows.replaceSubrange(132..<136, with: [5, 0, 0, 255])
    tokens.replaceSubrange(16..<24, with: [-1, 10, 0, 2, 0, 0, 0, -127])
    var sums = [Int32](repeating: 7, count: 8 * 32)
    processor_byte_products_plain(rows, tokens, 8, 2, &sums)
    #expect(sums[2 * 32 + 1] == -1 + 20 + 8 - 255 * 127)
    #expect(sums.count { $0 != 0 } == 1)
  }

  @Test(
    .enabled(if: processor_adds_byte_products() == 1, "not built for a processor with AVX-512 VNNI")
  )
  func `products of bytes by the instruction are those of the specification`() {
    var generator = SplitMix64(seed: 5)
    for steps in [1, 3, 16] {
      let stride = 4 * steps + 4
      var rows = (0..<128 * steps).map { _ in UInt8.random(in: 0...255, using: &generator) }
      var tokens = (0..<8 * stride).map { _ in Int8.random(in: -127...127, using: &generator) }
      // A row and two tokens at their limits.
      for step in 0..<steps { for column in 0..<4 { rows[step * 128 + column] = 255 } }
      for column in 0..<stride { (tokens[column], tokens[stride + column]) = (127, -127) }
      var plain = [Int32](repeating: 0, count: 8 * 32)
      var fast = plain
      processor_byte_products_plain(rows, tokens, stride, steps, &plain)
      processor_byte_products(rows, tokens, stride, steps, &fast)
      #expect(fast == plain)
    }
  }
}
