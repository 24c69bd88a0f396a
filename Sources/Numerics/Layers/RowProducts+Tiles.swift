internal import CProcessor

// The tiles of a product: some rows of X with four of W, sixteen columns at a time. All of them sum in the order of
// ``RowProducts/plain(_:_:)``.

extension RowProducts {
  /// Some rows of X and some columns of them, and where their products with four rows of W go.
  struct Tile {
    let left: UnsafePointer<Float>
    let leftStride: Int
    let inner: Int
    /// Full vectors of columns; the columns that fill no vector are added with the last of these.
    let columns: Range<Int>
    /// Where the lanes' sums wait for the next columns, four for each row of X.
    let sums: UnsafeMutablePointer<Vector>
    let result: UnsafeMutablePointer<Float>
    let resultStride: Int
    let isAccumulating: Bool

    var isFirst: Bool { columns.lowerBound == 0 }
    var isLast: Bool { columns.upperBound == inner & ~15 }
    var hasTail: Bool { inner & 15 != 0 }

    @inline(__always)
    func row(_ index: Int) -> UnsafePointer<Float> { left + index &* leftStride }

    /// The sums that row `index` of X goes on with.
    @inline(__always)
    func start(_ index: Int) -> FourSums {
      isFirst ? FourSums() : FourSums(at: sums + 4 &* index)
    }

    @inline(__always)
    func write(_ totals: SIMD4<Float>, row index: Int, count: Int) {
      RowProducts.write(
        totals, to: result + index &* resultStride, count: count, isAccumulating)
    }
  }

  // Twenty-four sums of sixteen lanes leave eight of AVX-512's registers; four loads of W and six of X serve twenty-four
  // multiply-adds.
  @inline(__always)
  static func sixByFour(_ tile: Tile, _ right: FourRows) {
    var sums0 = tile.start(0), sums1 = tile.start(1), sums2 = tile.start(2)
    var sums3 = tile.start(3), sums4 = tile.start(4), sums5 = tile.start(5)
    let (left0, left1, left2) = (tile.row(0), tile.row(1), tile.row(2))
    let (left3, left4, left5) = (tile.row(3), tile.row(4), tile.row(5))
    var column = tile.columns.lowerBound
    while column < tile.columns.upperBound {
      let weights = right.vectors(at: column)
      sums0.add(Vector(at: left0 + column), weights)
      sums1.add(Vector(at: left1 + column), weights)
      sums2.add(Vector(at: left2 + column), weights)
      sums3.add(Vector(at: left3 + column), weights)
      sums4.add(Vector(at: left4 + column), weights)
      sums5.add(Vector(at: left5 + column), weights)
      column &+= 16
    }
    guard tile.isLast else {
      sums0.store(to: tile.sums)
      sums1.store(to: tile.sums + 4)
      sums2.store(to: tile.sums + 8)
      sums3.store(to: tile.sums + 12)
      sums4.store(to: tile.sums + 16)
      sums5.store(to: tile.sums + 20)
      return
    }
    if tile.hasTail {
      let weights = right.tail(inner: tile.inner)
      sums0.add(tail(left0, tile.inner), weights)
      sums1.add(tail(left1, tile.inner), weights)
      sums2.add(tail(left2, tile.inner), weights)
      sums3.add(tail(left3, tile.inner), weights)
      sums4.add(tail(left4, tile.inner), weights)
      sums5.add(tail(left5, tile.inner), weights)
    }
    let totals = processor_quad_sums(
      processor_quad_sums(sums0.folded, sums1.folded),
      processor_quad_sums(sums2.folded, sums3.folded))
    let others = processor_quad_sums(
      processor_quad_sums(sums4.folded, sums5.folded), .zero)
    for row in 0..<4 {
      tile.write(totals.four(from: 4 &* row), row: row, count: right.count)
    }
    tile.write(others.four(from: 0), row: 4, count: right.count)
    tile.write(others.four(from: 4), row: 5, count: right.count)
  }

  @inline(__always)
  static func fourByFour(_ tile: Tile, _ right: FourRows) {
    var sums0 = tile.start(0), sums1 = tile.start(1), sums2 = tile.start(2), sums3 = tile.start(3)
    let (left0, left1, left2, left3) = (tile.row(0), tile.row(1), tile.row(2), tile.row(3))
    var column = tile.columns.lowerBound
    while column < tile.columns.upperBound {
      let weights = right.vectors(at: column)
      sums0.add(Vector(at: left0 + column), weights)
      sums1.add(Vector(at: left1 + column), weights)
      sums2.add(Vector(at: left2 + column), weights)
      sums3.add(Vector(at: left3 + column), weights)
      column &+= 16
    }
    guard tile.isLast else {
      sums0.store(to: tile.sums)
      sums1.store(to: tile.sums + 4)
      sums2.store(to: tile.sums + 8)
      sums3.store(to: tile.sums + 12)
      return
    }
    if tile.hasTail {
      let weights = right.tail(inner: tile.inner)
      sums0.add(tail(left0, tile.inner), weights)
      sums1.add(tail(left1, tile.inner), weights)
      sums2.add(tail(left2, tile.inner), weights)
      sums3.add(tail(left3, tile.inner), weights)
    }
    let totals = processor_quad_sums(
      processor_quad_sums(sums0.folded, sums1.folded),
      processor_quad_sums(sums2.folded, sums3.folded))
    for row in 0..<4 {
      tile.write(totals.four(from: 4 &* row), row: row, count: right.count)
    }
  }

  @inline(__always)
  static func oneByFour(_ tile: Tile, _ right: FourRows) {
    var sums = tile.start(0)
    var column = tile.columns.lowerBound
    while column < tile.columns.upperBound {
      sums.add(Vector(at: tile.left + column), right.vectors(at: column))
      column &+= 16
    }
    guard tile.isLast else { return sums.store(to: tile.sums) }
    if tile.hasTail { sums.add(tail(tile.left, tile.inner), right.tail(inner: tile.inner)) }
    let totals = processor_quad_sums(processor_quad_sums(sums.folded, .zero), .zero)
    tile.write(totals.four(from: 0), row: 0, count: right.count)
  }

  @inline(__always)
  static func write(
    _ totals: SIMD4<Float>, to result: UnsafeMutablePointer<Float>, count: Int,
    _ accumulating: Bool
  ) {
    if count == 4 {
      let memory = UnsafeMutableRawPointer(result)
      let before = accumulating ? memory.loadUnaligned(as: SIMD4<Float>.self) : .zero
      memory.storeBytes(of: accumulating ? before + totals : totals, as: SIMD4<Float>.self)
      return
    }
    writeFew(totals, to: result, count: count, accumulating)
  }

  @inline(never)
  static func writeFew(
    _ totals: SIMD4<Float>, to result: UnsafeMutablePointer<Float>, count: Int,
    _ accumulating: Bool
  ) {
    for lane in 0..<count {
      result[lane] = accumulating ? result[lane] + totals[lane] : totals[lane]
    }
  }

  /// The columns of a row that do not fill sixteen lanes, in the lanes that the specification names.
  @inline(never)
  static func tail(_ row: UnsafePointer<Float>, _ inner: Int) -> Vector {
    let count = inner & 15
    guard inner >= 16 else { return Vector(at: row, count: count) }
    return Vector(at: row + (inner &- 16)).keepingLast(count)
  }

  /// Four rows of W, the last one several times where fewer are left.
  struct FourRows {
    let row0: UnsafePointer<Float>
    let row1: UnsafePointer<Float>
    let row2: UnsafePointer<Float>
    let row3: UnsafePointer<Float>
    /// How many of them are different rows, 1 to 4.
    let count: Int

    init(from start: UnsafePointer<Float>, stride: Int, count: Int) {
      self.count = min(4, count)
      let last = self.count &- 1
      row0 = start
      row1 = start + min(1, last) &* stride
      row2 = start + min(2, last) &* stride
      row3 = start + last &* stride
    }

    @inline(__always)
    func vectors(at column: Int) -> FourVectors {
      FourVectors(
        first: Vector(at: row0 + column), second: Vector(at: row1 + column),
        third: Vector(at: row2 + column), fourth: Vector(at: row3 + column))
    }

    @inline(__always)
    func tail(inner: Int) -> FourVectors {
      FourVectors(
        first: RowProducts.tail(row0, inner), second: RowProducts.tail(row1, inner),
        third: RowProducts.tail(row2, inner), fourth: RowProducts.tail(row3, inner))
    }
  }

  struct FourVectors {
    let first: Vector
    let second: Vector
    let third: Vector
    let fourth: Vector
  }

  /// The partial sums of one row of X with four rows of W.
  struct FourSums {
    private(set) var first = Vector.zero
    private(set) var second = Vector.zero
    private(set) var third = Vector.zero
    private(set) var fourth = Vector.zero

    @inline(__always)
    init() {}

    /// Sums that were stored.
    @inline(__always)
    init(at sums: UnsafePointer<Vector>) {
      (first, second, third, fourth) = (sums[0], sums[1], sums[2], sums[3])
    }

    @inline(__always)
    func store(to sums: UnsafeMutablePointer<Vector>) {
      (sums[0], sums[1], sums[2], sums[3]) = (first, second, third, fourth)
    }

    @inline(__always)
    mutating func add(_ left: Vector, _ right: FourVectors) {
      first = first.addingProduct(left, right.first)
      second = second.addingProduct(left, right.second)
      third = third.addingProduct(left, right.third)
      fourth = fourth.addingProduct(left, right.fourth)
    }

    /// Four lanes become one: the sums of a group of four lanes are those of the four rows of W.
    @inline(__always)
    var folded: Vector {
      processor_pair_sums(processor_pair_sums(first, second), processor_pair_sums(third, fourth))
    }
  }
}
