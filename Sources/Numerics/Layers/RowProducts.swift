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

  /// `Y ← X · Wᵀ`, or `Y ← Y + X · Wᵀ` when `accumulating`; both kinds of tiles give the same bytes.
  static func multiply(
    _ operands: Operands, accumulating: Bool = false,
    inWideTiles isWide: Bool = Vector.allowsWideTiles
  ) {
    let inner = operands.inner
    guard inner > 0, let weights = operands.right else {
      for row in 0..<(accumulating ? 0 : operands.leftRows) {
        (operands.result + row &* operands.resultStride)
          .update(repeating: 0, count: operands.rightRows)
      }
      return
    }
    let height = sweep(of: inner)
    for first in stride(from: 0, to: operands.rightRows, by: height) {
      var part = operands
      part.right = weights + first &* operands.rightStride
      part.result = operands.result + first
      part.rightRows = min(height, operands.rightRows &- first)
      multiplySweep(
        part, weights: weights + first &* operands.rightStride, accumulating, inWideTiles: isWide)
    }
  }

  /// How many rows of W to multiply with all of X before others: they stay in half of a core's second cache (1 MB), while
  /// the rows of X come by, a few at a time.
  static func sweep(of inner: Int) -> Int { max(24, min(144, (1 << 17) / max(1, inner) & ~3)) }

  /// The most columns that are summed at a time: six rows of X fill half of a core's first cache, of 48 KB where tiles are
  /// wide and else of 32, and four of W have room beside them.
  private static func mostColumns(inWideTiles isWide: Bool) -> Int { isWide ? 1024 : 640 }

  /// All rows of X with the few of W.
  ///
  /// Six rows of X wait in the first cache while those of W come from the second. With many columns the lanes' sums are put
  /// down after each part of them and taken up again, which rounds nothing. Prefill of 32 prompts of 64 tokens is 1.12 times
  /// as fast with it for Gemma 3 270M, and 1.16 times for Qwen2.5-Coder-0.5B, as with four rows of W that wait for all of
  /// X (one thread of a Xeon of model 207, in turns, 0.5.0).
  private static func multiplySweep(
    _ operands: Operands, weights: UnsafePointer<Float>, _ accumulating: Bool,
    inWideTiles isWide: Bool
  ) {
    let full = operands.inner & ~15
    let mostColumns = mostColumns(inWideTiles: isWide)
    let parts = max(1, (full &+ mostColumns &- 1) / mostColumns)
    let width = ((full &+ parts &- 1) / parts &+ 15) & ~15
    let groups = (operands.rightRows &+ 3) / 4
    let room = parts > 1 ? groups &* 24 : 24
    withUnsafeTemporaryAllocation(of: Vector.self, capacity: room) { sums in
      guard let sums = sums.baseAddress else { return }
      var row = 0
      while row < operands.leftRows {
        let height = tileHeight(operands.leftRows &- row, inWideTiles: isWide)
        for part in 0..<parts {
          let columns = min(full, part &* width)..<min(full, (part &+ 1) &* width)
          for group in 0..<groups {
            let column = group &* 4
            let right = FourRows(
              from: weights + column &* operands.rightStride, stride: operands.rightStride,
              count: operands.rightRows &- column)
            let tile = Tile(
              left: operands.left + row &* operands.leftStride, leftStride: operands.leftStride,
              inner: operands.inner, columns: columns,
              sums: sums + (parts > 1 ? group &* 24 : 0),
              result: operands.result + (row &* operands.resultStride &+ column),
              resultStride: operands.resultStride, isAccumulating: accumulating)
            switch height {
            case 6 where isWide: sixByFour(tile, right)
            case 6:
              threeByFour(tile, right, from: 0)
              threeByFour(tile, right, from: 3)
            case 4: fourByFour(tile, right)
            case 3: threeByFour(tile, right, from: 0)
            default: oneByFour(tile, right)
            }
          }
        }
        row &+= height
      }
    }
  }

  /// How many rows of X to take at once where so many are left: wide tiles make every even number from four on of sixes and
  /// fours.
  private static func tileHeight(_ remaining: Int, inWideTiles isWide: Bool) -> Int {
    guard isWide else { return remaining >= 6 ? 6 : remaining >= 3 ? 3 : 1 }
    if remaining >= 6 && remaining != 8 { return 6 }
    return remaining >= 4 ? 4 : 1
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
}
