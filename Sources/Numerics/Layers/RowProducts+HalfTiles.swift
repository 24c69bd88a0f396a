internal import CProcessor

// Tiles for processors with sixteen registers of eight lanes, or thirty-two of four: AVX2 and NEON. The sums of wide tiles
// would not fit there, and would go to memory and back with every multiply-add.

extension RowProducts {
  /// Eight of the sixteen lanes of a ``Vector``.
  typealias Half = SIMD8<Float>

  /// Three rows of X from `row` on with four of W, eight lanes at a time: twelve sums, for which three loads of X and four of
  /// W serve twelve multiply-adds.
  ///
  /// The two halves of the lanes meet in the last addition of ``plain(_:_:)`` alone.
  @inline(__always)
  static func threeByFour(_ tile: Tile, _ right: FourRows, from row: Int) {
    addHalf(tile, right, from: row, lane: 0)
    addHalf(tile, right, from: row, lane: 8)
    guard tile.isLast else { return }
    for row in row..<row &+ 3 { finish(tile, right, row: row) }
  }

  /// Adds the products of the lanes from `lane` on to the sums that wait.
  ///
  /// A function of its own: beside anything else the compiler gives the sums' registers away.
  @inline(never)
  private static func addHalf(_ tile: Tile, _ right: FourRows, from row: Int, lane: Int) {
    let place = UnsafeMutableRawPointer(tile.sums + 4 &* row) + lane &* MemoryLayout<Float>.stride
    var first = FourHalves(), second = FourHalves(), third = FourHalves()
    if !tile.isFirst {
      (first, second, third) = (
        FourHalves(at: place), FourHalves(at: place + FourHalves.stride),
        FourHalves(at: place + 2 &* FourHalves.stride)
      )
    }
    let (left0, left1, left2) = (tile.row(row), tile.row(row &+ 1), tile.row(row &+ 2))
    let (right0, right1, right2, right3) = (right.row0, right.row1, right.row2, right.row3)
    var column = tile.columns.lowerBound &+ lane
    while column < tile.columns.upperBound {
      let (one, two, three) = (
        Half(at: left0 + column), Half(at: left1 + column), Half(at: left2 + column)
      )
      let weight0 = Half(at: right0 + column)
      first.sum0 = first.sum0.addingProduct(one, weight0)
      second.sum0 = second.sum0.addingProduct(two, weight0)
      third.sum0 = third.sum0.addingProduct(three, weight0)
      let weight1 = Half(at: right1 + column)
      first.sum1 = first.sum1.addingProduct(one, weight1)
      second.sum1 = second.sum1.addingProduct(two, weight1)
      third.sum1 = third.sum1.addingProduct(three, weight1)
      let weight2 = Half(at: right2 + column)
      first.sum2 = first.sum2.addingProduct(one, weight2)
      second.sum2 = second.sum2.addingProduct(two, weight2)
      third.sum2 = third.sum2.addingProduct(three, weight2)
      let weight3 = Half(at: right3 + column)
      first.sum3 = first.sum3.addingProduct(one, weight3)
      second.sum3 = second.sum3.addingProduct(two, weight3)
      third.sum3 = third.sum3.addingProduct(three, weight3)
      column &+= 16
    }
    first.store(to: place)
    second.store(to: place + FourHalves.stride)
    third.store(to: place + 2 &* FourHalves.stride)
  }

  /// Adds the columns that fill no vector to the sums of one row of X, and writes their totals.
  @inline(__always)
  private static func finish(_ tile: Tile, _ right: FourRows, row: Int) {
    var sums = FourSums(at: tile.sums + 4 &* row)
    if tile.hasTail { sums.add(tail(tile.row(row), tile.inner), right.tail(inner: tile.inner)) }
    tile.write(sums.totals, row: row, count: right.count)
  }

  /// Half of the partial sums of one row of X with four rows of W, which lie in memory as ``FourSums``.
  private struct FourHalves {
    var sum0 = Half.zero
    var sum1 = Half.zero
    var sum2 = Half.zero
    var sum3 = Half.zero

    /// From the sums of one row of X to those of the next, in bytes.
    static var stride: Int { 4 &* MemoryLayout<Vector>.stride }

    @inline(__always)
    init() {}

    @inline(__always)
    init(at place: UnsafeMutableRawPointer) {
      let step = MemoryLayout<Vector>.stride
      sum0 = place.loadUnaligned(as: Half.self)
      sum1 = (place + step).loadUnaligned(as: Half.self)
      sum2 = (place + 2 &* step).loadUnaligned(as: Half.self)
      sum3 = (place + 3 &* step).loadUnaligned(as: Half.self)
    }

    @inline(__always)
    func store(to place: UnsafeMutableRawPointer) {
      let step = MemoryLayout<Vector>.stride
      place.storeBytes(of: sum0, as: Half.self)
      (place + step).storeBytes(of: sum1, as: Half.self)
      (place + 2 &* step).storeBytes(of: sum2, as: Half.self)
      (place + 3 &* step).storeBytes(of: sum3, as: Half.self)
    }
  }
}

extension RowProducts.FourSums {
  /// The sum of all lanes for each of the four rows of W.
  @inline(__always)
  fileprivate var totals: SIMD4<Float> {
    processor_four_sums(first.lowHalf, second.lowHalf, third.lowHalf, fourth.lowHalf)
      + processor_four_sums(first.highHalf, second.highHalf, third.highHalf, fourth.highHalf)
  }
}

extension SIMD8<Float> {
  /// Reads eight consecutive numbers; the address needs no particular alignment.
  @inline(__always) fileprivate init(at address: UnsafePointer<Float>) {
    self = UnsafeRawPointer(address).loadUnaligned(as: SIMD8<Float>.self)
  }
}
