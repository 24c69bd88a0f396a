/// Matrix products too small or too oddly laid out for BLAS: convolutions and the heads of attention.
///
/// `C (+)= A · B`, where an element of A lies anywhere a row stride and an inner stride put it, so that
/// transposes and the overlapping patches of a convolution need no copy. Five rows by 32 columns of C, or by sixteen
/// where there are fewer registers, stay in these while the inner dimension runs.
enum TiledProduct {
  /// The shape of one product and where its operands lie, in elements.
  struct Shape {
    /// Rows of A and C.
    var rows: Int
    /// Columns of B and C: a multiple of 16.
    var columns: Int
    /// Columns of A and rows of B, in one segment.
    var inner: Int
    /// From one row of A to the next, and from one column to the next.
    var leftRow: Int
    var leftInner: Int = 1
    /// From one row of B, and of C, to the next.
    var right: Int
    var result: Int
    /// The inner dimension may come in several pieces, each this far from the last in A and in B.
    var segments: Int = 1
    var leftSegment: Int = 0
    var rightSegment: Int = 0
  }

  /// `result ← left · right`, or `result ← result + left · right` when `accumulating`; without wide tiles sixteen columns are
  /// taken at once, to the same bytes.
  ///
  /// - Precondition: `columns` is a multiple of 16.
  @inline(__always)
  static func multiply(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, shape: Shape, accumulating: Bool = false,
    inWideTiles hasWideTiles: Bool = Vector.allowsWideTiles
  ) {
    var column = 0
    while column < shape.columns {
      let isWide = hasWideTiles && column &+ 32 <= shape.columns
      var row = 0
      while row &+ 5 <= shape.rows {
        let from = left + row &* shape.leftRow
        let to = result + (row &* shape.result &+ column)
        if isWide {
          fiveByThirtyTwo(from, right + column, to, shape, accumulating)
        } else {
          fiveBySixteen(from, right + column, to, shape, accumulating)
        }
        row &+= 5
      }
      while row < shape.rows {
        let from = left + row &* shape.leftRow
        let to = result + (row &* shape.result &+ column)
        oneBySixteen(from, right + column, to, shape, accumulating)
        if isWide { oneBySixteen(from, right + column + 16, to + 16, shape, accumulating) }
        row &+= 1
      }
      column &+= isWide ? 32 : 16
    }
  }

  private static func fiveByThirtyTwo(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>, _ shape: Shape, _ accumulating: Bool
  ) {
    var sum00 = Vector.zero, sum01 = Vector.zero, sum10 = Vector.zero, sum11 = Vector.zero
    var sum20 = Vector.zero, sum21 = Vector.zero, sum30 = Vector.zero, sum31 = Vector.zero
    var sum40 = Vector.zero, sum41 = Vector.zero
    let row = shape.leftRow
    for segment in 0..<shape.segments {
      var from = left + segment &* shape.leftSegment
      var with = right + segment &* shape.rightSegment
      for _ in 0..<shape.inner {
        let first = Vector(at: with)
        let second = Vector(at: with + 16)
        let value0 = Vector(repeating: from[0])
        sum00 = sum00.addingProduct(value0, first)
        sum01 = sum01.addingProduct(value0, second)
        let value1 = Vector(repeating: from[row])
        sum10 = sum10.addingProduct(value1, first)
        sum11 = sum11.addingProduct(value1, second)
        let value2 = Vector(repeating: from[2 &* row])
        sum20 = sum20.addingProduct(value2, first)
        sum21 = sum21.addingProduct(value2, second)
        let value3 = Vector(repeating: from[3 &* row])
        sum30 = sum30.addingProduct(value3, first)
        sum31 = sum31.addingProduct(value3, second)
        let value4 = Vector(repeating: from[4 &* row])
        sum40 = sum40.addingProduct(value4, first)
        sum41 = sum41.addingProduct(value4, second)
        from += shape.leftInner
        with += shape.right
      }
    }
    write(sum00, sum01, to: result, accumulating)
    write(sum10, sum11, to: result + shape.result, accumulating)
    write(sum20, sum21, to: result + 2 &* shape.result, accumulating)
    write(sum30, sum31, to: result + 3 &* shape.result, accumulating)
    write(sum40, sum41, to: result + 4 &* shape.result, accumulating)
  }

  private static func fiveBySixteen(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>, _ shape: Shape, _ accumulating: Bool
  ) {
    var sum0 = Vector.zero, sum1 = Vector.zero, sum2 = Vector.zero
    var sum3 = Vector.zero, sum4 = Vector.zero
    let row = shape.leftRow
    for segment in 0..<shape.segments {
      var from = left + segment &* shape.leftSegment
      var with = right + segment &* shape.rightSegment
      for _ in 0..<shape.inner {
        let first = Vector(at: with)
        sum0 = sum0.addingProduct(Vector(repeating: from[0]), first)
        sum1 = sum1.addingProduct(Vector(repeating: from[row]), first)
        sum2 = sum2.addingProduct(Vector(repeating: from[2 &* row]), first)
        sum3 = sum3.addingProduct(Vector(repeating: from[3 &* row]), first)
        sum4 = sum4.addingProduct(Vector(repeating: from[4 &* row]), first)
        from += shape.leftInner
        with += shape.right
      }
    }
    write(sum0, to: result, accumulating)
    write(sum1, to: result + shape.result, accumulating)
    write(sum2, to: result + 2 &* shape.result, accumulating)
    write(sum3, to: result + 3 &* shape.result, accumulating)
    write(sum4, to: result + 4 &* shape.result, accumulating)
  }

  static func oneBySixteen(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>, _ shape: Shape, _ accumulating: Bool
  ) {
    // Four partial sums hide the latency of the multiply-add; the order is fixed all the same.
    var sum0 = Vector.zero, sum1 = Vector.zero, sum2 = Vector.zero, sum3 = Vector.zero
    for segment in 0..<shape.segments {
      var from = left + segment &* shape.leftSegment
      var with = right + segment &* shape.rightSegment
      var remaining = shape.inner
      while remaining >= 4 {
        sum0 = sum0.addingProduct(Vector(repeating: from[0]), Vector(at: with))
        from += shape.leftInner
        with += shape.right
        sum1 = sum1.addingProduct(Vector(repeating: from[0]), Vector(at: with))
        from += shape.leftInner
        with += shape.right
        sum2 = sum2.addingProduct(Vector(repeating: from[0]), Vector(at: with))
        from += shape.leftInner
        with += shape.right
        sum3 = sum3.addingProduct(Vector(repeating: from[0]), Vector(at: with))
        from += shape.leftInner
        with += shape.right
        remaining &-= 4
      }
      while remaining > 0 {
        sum0 = sum0.addingProduct(Vector(repeating: from[0]), Vector(at: with))
        from += shape.leftInner
        with += shape.right
        remaining &-= 1
      }
    }
    write((sum0 + sum1) + (sum2 + sum3), to: result, accumulating)
  }

  @inline(__always)
  static func write(
    _ sum: Vector, to address: UnsafeMutablePointer<Float>, _ accumulating: Bool
  ) {
    (accumulating ? Vector(at: address) + sum : sum).store(to: address)
  }

  @inline(__always)
  static func write(
    _ first: Vector, _ second: Vector, to address: UnsafeMutablePointer<Float>,
    _ accumulating: Bool
  ) {
    write(first, to: address, accumulating)
    write(second, to: address + 16, accumulating)
  }
}
