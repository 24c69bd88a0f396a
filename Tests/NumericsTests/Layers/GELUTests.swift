import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@testable import Numerics

@Suite struct GELUTests {
  @Test func `the vectorised activation and its slope equal the formula's`() {
    // 1,003 points: vectors and a rest.
    let points = (0..<1_003).map { Double(Float($0 - 501) / 50) }
    let inputs = FloatBuffer(points)
    let output = FloatBuffer(count: points.count)
    GELU.forward(input: inputs.start, output: output.start, count: points.count)
    let gradient = FloatBuffer(points.map { _ in 1.0 })
    GELU.backward(input: inputs.start, gradient: gradient.start, count: points.count)
    for (index, point) in points.enumerated() {
      // A few roundings of numbers no larger than 1 + |x|.
      let bound = 16 * Double(Float.ulpOfOne) * (1 + abs(point))
      #expect(abs(Double(output.values[index]) - GELU.plain(point)) <= bound)
      let slope = (GELU.plain(point + 1e-5) - GELU.plain(point - 1e-5)) / 2e-5
      // The slope multiplies by x² before the exponential's tail wins.
      #expect(abs(Double(gradient.values[index]) - slope) <= bound * (1 + point * point))
    }
  }

  @Test func `the exponential is right to 2⁻²² over its whole range`() {
    for index in 0..<10_000 {
      let argument = Float(index - 5_000) * 0.0174
      let found = Double(Vector(repeating: argument).exponential[3])
      #expect(abs(found / exp(Double(argument)) - 1) <= 0x1p-22)
    }
    #expect(Vector(repeating: -1_000).exponential[0] < 2e-38)
    #expect(Vector(repeating: 1_000).exponential[0].isFinite)
    #expect(Vector(repeating: .nan).exponential[0].isNaN)
  }
}
