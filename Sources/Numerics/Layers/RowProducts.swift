internal import CProcessor

// Dimension key — N: rows of X (tokens) · O: rows of W (outputs) · I: columns of both.

/// Products of rows with rows, `Y = X · Wᵀ`, for the projections of inference.
///
/// BLAS packs both operands before it multiplies, which pays when each is used hundreds of times. Here rows are read
/// where they lie, sixteen columns at a time, so that one token costs no more than reading the weight.
///
/// Every element is a dot product summed in an order that the number of columns alone decides (``plain(_:_:)``):
/// what else is computed along with a row changes no bit of it.
enum RowProducts {
  /// Some rows of X, some of W, and where their products go.
  struct Operands {
    /// The first row of X, `[N × I]`.
    var left: UnsafePointer<Float>
    /// The first row of W, `[O × I]`; nil only where there are no columns.
    var right: UnsafePointer<Float>?
    /// The first element of Y, `[N × O]`.
    var result: UnsafeMutablePointer<Float>
    /// N.
    var leftRows: Int
    /// O.
    var rightRows: Int
    /// I.
    var inner: Int
    /// From one row of X to the next, in elements.
    var leftStride: Int
    /// From one row of W to the next.
    var rightStride: Int
    /// From one row of Y to the next.
    var resultStride: Int
  }

  /// `Y ← X · Wᵀ`, or `Y ← Y + X · Wᵀ` when `accumulating`.
  static func multiply(_ operands: Operands, accumulating: Bool = false) {
    let inner = operands.inner
    guard inner > 0, let weights = operands.right else {
      for row in 0..<(accumulating ? 0 : operands.leftRows) {
        (operands.result + row &* operands.resultStride)
          .update(repeating: 0, count: operands.rightRows)
      }
      return
    }
    // As many rows of X as leave half of a core's second cache (1 MB) to the rest; four at least.
    let height = max(4, (1 << 17) / inner & ~3)
    var blockStart = 0
    while blockStart < operands.leftRows {
      let blockEnd = min(operands.leftRows, blockStart &+ height)
      var column = 0
      while column < operands.rightRows {
        let right = FourRows(
          from: weights + column &* operands.rightStride, stride: operands.rightStride,
          count: operands.rightRows &- column)
        multiply(
          operands, rows: blockStart..<blockEnd, right, column: column, accumulating)
        column &+= 4
      }
      blockStart = blockEnd
    }
  }

  /// Some rows of X with four of W, without a call for every four of them.
  private static func multiply(
    _ operands: Operands, rows: Range<Int>, _ right: FourRows, column: Int, _ accumulating: Bool
  ) {
    let inner = operands.inner
    let (leftStride, stride) = (operands.leftStride, operands.resultStride)
    var left = operands.left + rows.lowerBound &* leftStride
    var result = operands.result + (rows.lowerBound &* stride &+ column)
    var remaining = rows.count
    while remaining >= 4 {
      fourByFour(left, leftStride, right, inner, result, stride, accumulating)
      left += 4 &* leftStride
      result += 4 &* stride
      remaining &-= 4
    }
    while remaining > 0 {
      oneByFour(left, right, inner, result, accumulating)
      left += leftStride
      result += stride
      remaining &-= 1
    }
  }

  /// The specification: one dot product.
  ///
  /// Lane l of sixteen sums the columns l, l + 16, …, each rounded once with its product. The columns that do not
  /// fill the lanes are the last of sixteen that end with the row. Neighbouring lanes are then added until one is left.
  static func plain(_ left: [Float], _ right: [Float]) -> Float {
    let inner = left.count
    let full = inner & ~15
    let tailStart = max(0, inner - 16)
    var lanes = [Float](repeating: 0, count: 16)
    for column in 0..<full {
      lanes[column % 16].addProduct(left[column], right[column])
    }
    for column in full..<inner {
      lanes[column - tailStart].addProduct(left[column], right[column])
    }
    while lanes.count > 1 {
      lanes = (0..<lanes.count / 2).map { lanes[2 * $0] + lanes[2 * $0 + 1] }
    }
    return lanes[0]
  }

  // Sixteen sums of sixteen lanes fill half of AVX-512's registers; four loads of X and four of W serve sixteen
  // multiply-adds.
  @inline(__always)
  private static func fourByFour(
    _ left: UnsafePointer<Float>, _ leftStride: Int, _ right: FourRows, _ inner: Int,
    _ result: UnsafeMutablePointer<Float>, _ stride: Int, _ accumulating: Bool
  ) {
    var sums0 = FourSums(), sums1 = FourSums(), sums2 = FourSums(), sums3 = FourSums()
    let (left1, left2) = (left + leftStride, left + 2 &* leftStride)
    let left3 = left + 3 &* leftStride
    let full = inner & ~15
    var column = 0
    while column < full {
      let weights = right.vectors(at: column)
      sums0.add(Vector(at: left + column), weights)
      sums1.add(Vector(at: left1 + column), weights)
      sums2.add(Vector(at: left2 + column), weights)
      sums3.add(Vector(at: left3 + column), weights)
      column &+= 16
    }
    if full < inner {
      let weights = right.tail(inner: inner)
      sums0.add(tail(left, inner), weights)
      sums1.add(tail(left1, inner), weights)
      sums2.add(tail(left2, inner), weights)
      sums3.add(tail(left3, inner), weights)
    }
    let totals = processor_quad_sums(
      processor_quad_sums(sums0.folded, sums1.folded),
      processor_quad_sums(sums2.folded, sums3.folded))
    write(totals.four(from: 0), to: result, count: right.count, accumulating)
    write(totals.four(from: 4), to: result + stride, count: right.count, accumulating)
    write(totals.four(from: 8), to: result + 2 &* stride, count: right.count, accumulating)
    write(totals.four(from: 12), to: result + 3 &* stride, count: right.count, accumulating)
  }

  @inline(__always)
  private static func oneByFour(
    _ left: UnsafePointer<Float>, _ right: FourRows, _ inner: Int,
    _ result: UnsafeMutablePointer<Float>, _ accumulating: Bool
  ) {
    var sums = FourSums()
    let full = inner & ~15
    var column = 0
    while column < full {
      sums.add(Vector(at: left + column), right.vectors(at: column))
      column &+= 16
    }
    if full < inner { sums.add(tail(left, inner), right.tail(inner: inner)) }
    let totals = processor_quad_sums(processor_quad_sums(sums.folded, .zero), .zero)
    write(totals.four(from: 0), to: result, count: right.count, accumulating)
  }

  @inline(__always)
  private static func write(
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
  private static func writeFew(
    _ totals: SIMD4<Float>, to result: UnsafeMutablePointer<Float>, count: Int,
    _ accumulating: Bool
  ) {
    for lane in 0..<count {
      result[lane] = accumulating ? result[lane] + totals[lane] : totals[lane]
    }
  }

  /// The columns of a row that do not fill sixteen lanes, in the lanes that the specification names.
  @inline(never)
  private static func tail(_ row: UnsafePointer<Float>, _ inner: Int) -> Vector {
    let count = inner & 15
    guard inner >= 16 else { return Vector(at: row, count: count) }
    return Vector(at: row + (inner &- 16)).keepingLast(count)
  }

  /// Four rows of W, the last one several times where fewer are left.
  private struct FourRows {
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

  private struct FourVectors {
    let first: Vector
    let second: Vector
    let third: Vector
    let fourth: Vector
  }

  /// The partial sums of one row of X with four rows of W.
  private struct FourSums {
    private var first = Vector.zero
    private var second = Vector.zero
    private var third = Vector.zero
    private var fourth = Vector.zero

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
