internal import CProcessor

/// Sixteen single-precision lanes: one register of AVX-512, two of AVX2, four of NEON.
///
/// The layers' inner loops are written with it by hand, because the compiler never reorders a
/// floating-point sum on its own.
typealias Vector = SIMD16<Float>

extension SIMD16<Float> {
  /// The number of lanes.
  static var width: Int { 16 }

  /// Whether there are registers for the sums of wide tiles, twenty-four vectors and what is multiplied: those of AVX-512.
  /// Elsewhere such sums go to memory and back with every multiply-add.
  static var allowsWideTiles: Bool {
    @inline(__always) get { processor_has_room_for_wide_tiles() != 0 }
  }

  /// Reads sixteen consecutive numbers; the address needs no particular alignment.
  @inline(__always) init(at address: UnsafePointer<Float>) {
    self = UnsafeRawPointer(address).loadUnaligned(as: Vector.self)
  }

  /// Reads sixteen consecutive numbers; the address needs no particular alignment.
  @inline(__always) init(at address: UnsafeMutablePointer<Float>) {
    self = UnsafeRawPointer(address).loadUnaligned(as: Vector.self)
  }

  /// Reads `count` numbers, at most sixteen; the other lanes are zero.
  @inline(__always) init(at address: UnsafePointer<Float>, count: Int) {
    self = .zero
    for lane in 0..<count { self[lane] = address[lane] }
  }

  /// Writes all lanes to consecutive numbers.
  @inline(__always) func store(to address: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(address).storeBytes(of: self, as: Vector.self)
  }

  /// Writes the first `count` lanes.
  @inline(__always) func store(to address: UnsafeMutablePointer<Float>, count: Int) {
    for lane in 0..<count { address[lane] = self[lane] }
  }

  /// The sum of the lanes, halves first: always in the same order.
  @inline(__always) var total: Float {
    let eight = lowHalf + highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }

  /// Four neighbouring lanes.
  @inline(__always) func four(from lane: Int) -> SIMD4<Float> {
    SIMD4(self[lane], self[lane &+ 1], self[lane &+ 2], self[lane &+ 3])
  }

  /// The largest lane.
  @inline(__always) var largest: Float {
    let eight = lowHalf.replacing(with: highHalf, where: lowHalf .< highHalf)
    let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.lowHalf .< eight.highHalf)
    let low = four.x < four.y ? four.y : four.x
    let high = four.z < four.w ? four.w : four.z
    return low < high ? high : low
  }

  /// The larger of two numbers in every lane; `self` where one is not a number.
  @inline(__always) func maximum(_ other: Vector) -> Vector {
    replacing(with: other, where: self .< other)
  }

  /// The lanes below `count`, zero elsewhere.
  @inline(__always) func keepingFirst(_ count: Int) -> Vector {
    let limit = Int32(truncatingIfNeeded: Swift.min(count, 16))
    return replacing(with: 0, where: Self.lanes .>= SIMD16<Int32>(repeating: limit))
  }

  /// The last `count` lanes, zero elsewhere.
  @inline(__always) func keepingLast(_ count: Int) -> Vector {
    let limit = Int32(truncatingIfNeeded: 16 &- Swift.min(count, 16))
    return replacing(with: 0, where: Self.lanes .< SIMD16<Int32>(repeating: limit))
  }

  private static var lanes: SIMD16<Int32> {
    @inline(__always) get {
      SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    }
  }

  /// e to the power of every lane: relative error below 2⁻²² where the result is a normal number.
  ///
  /// x = n ln 2 + r with |r| ≤ ln 2 / 2; the polynomial for eʳ is Cephes' `expf` (Moshier, 1989).
  /// Arguments are clamped to [-87.3, 88.3], so the result is never zero, subnormal or infinite.
  @inline(__always) var exponential: Vector {
    let low = Vector(repeating: -87.3)
    let high = Vector(repeating: 88.3)
    var clamped = replacing(with: low, where: self .< low)
    clamped.replace(with: high, where: clamped .> high)
    let (whole, integers) = clamped.roundedProduct(1.442_695_04)
    var rest = clamped.addingProduct(whole, Vector(repeating: -0.693_359_375))
    rest = rest.addingProduct(whole, Vector(repeating: 2.121_944_4e-4))
    var series = Vector(repeating: 1.987_569_15e-4)
    series = Vector(repeating: 1.398_199_95e-3).addingProduct(series, rest)
    series = Vector(repeating: 8.333_451_9e-3).addingProduct(series, rest)
    series = Vector(repeating: 4.166_579_6e-2).addingProduct(series, rest)
    series = Vector(repeating: 1.666_666_5e-1).addingProduct(series, rest)
    series = Vector(repeating: 5.000_000_1e-1).addingProduct(series, rest)
    series = (rest + 1).addingProduct(series, rest * rest)
    let bits = integers &+ SIMD16<Int32>(repeating: 127)
    return series * unsafeBitCast(bits &<< SIMD16<Int32>(repeating: 23), to: Vector.self)
  }

  /// The whole numbers nearest to the products with `factor`, twice: as floats and as integers.
  ///
  /// Adding 1.5 · 2²³ rounds to a whole number, which then stands in the low bits: exact for products below 2²² in size.
  @inline(__always) func roundedProduct(
    _ factor: Float
  ) -> (whole: Vector, integers: SIMD16<Int32>) {
    let large = Vector(repeating: 12_582_912)
    let shifted = large.addingProduct(self, Vector(repeating: factor))
    return (
      shifted - large,
      unsafeBitCast(shifted, to: SIMD16<Int32>.self)
        &- unsafeBitCast(large, to: SIMD16<Int32>.self)
    )
  }
}
