import Numerics
import Testing

@Suite struct DrawTests {
  @Test func `a seed gives the numbers that it has always given`() {
    var generator = SplitMix64(seed: 1)
    #expect((0..<8).map { _ in generator.draw(below: 100) } == known.below100)
  }

  @Test func `a seed gives the order that it has always given`() {
    var generator = SplitMix64(seed: 1)
    #expect(generator.shuffle(Array(0..<8)) == known.order)
  }

  @Test(arguments: [1, 2, 7, 1 << 40])
  func `draws stay below their bound`(bound: Int) {
    var generator = SplitMix64(seed: 2)
    for _ in 0..<100 { #expect((0..<bound).contains(generator.draw(below: bound))) }
  }

  @Test func `a shuffle keeps every element`() {
    var generator = SplitMix64(seed: 3)
    #expect(generator.shuffle(Array(0..<50)).sorted() == Array(0..<50))
    #expect(generator.shuffle([Int]()).isEmpty)
  }

  // Worked out by hand from the definition of SplitMix64 (a dozen lines of Python).
  private let known = (
    below100: [56, 74, 97, 44, 44, 76, 87, 52], order: [4, 6, 7, 5, 3, 2, 0, 1]
  )
}
