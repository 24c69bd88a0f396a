extension TiledProduct {
  /// ``multiply(_:_:into:shape:accumulating:inWideTiles:)`` for operands whose rows come in eights: eight by sixteen, or four by
  /// 32 numbers of the result stay in registers (four by sixteen without wide tiles), and no row is left over.
  ///
  /// - Precondition: `columns` is a multiple of 16; rows beyond the last eight are slower.
  @inline(__always)
  static func multiplyEights(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, shape: Shape, accumulating: Bool = false,
    inWideTiles hasWideTiles: Bool = Vector.allowsWideTiles
  ) {
    var column = 0
    while column < shape.columns {
      let isWide = hasWideTiles && column &+ 32 <= shape.columns
      var row = 0
      while row &+ 8 <= shape.rows {
        let from = left + row &* shape.leftRow
        let to = result + (row &* shape.result &+ column)
        if isWide {
          fourByThirtyTwo(from, right + column, to, shape, accumulating)
          fourByThirtyTwo(
            from + 4 &* shape.leftRow, right + column, to + 4 &* shape.result, shape, accumulating)
        } else if hasWideTiles {
          eightBySixteen(from, right + column, to, shape, accumulating)
        } else {
          fourBySixteen(from, right + column, to, shape, accumulating)
          fourBySixteen(
            from + 4 &* shape.leftRow, right + column, to + 4 &* shape.result, shape, accumulating)
        }
        row &+= 8
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

  private static func fourByThirtyTwo(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>, _ shape: Shape, _ accumulating: Bool
  ) {
    var sum00 = Vector.zero, sum01 = Vector.zero, sum10 = Vector.zero, sum11 = Vector.zero
    var sum20 = Vector.zero, sum21 = Vector.zero, sum30 = Vector.zero, sum31 = Vector.zero
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
        from += shape.leftInner
        with += shape.right
      }
    }
    write(sum00, sum01, to: result, accumulating)
    write(sum10, sum11, to: result + shape.result, accumulating)
    write(sum20, sum21, to: result + 2 &* shape.result, accumulating)
    write(sum30, sum31, to: result + 3 &* shape.result, accumulating)
  }

  private static func eightBySixteen(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>, _ shape: Shape, _ accumulating: Bool
  ) {
    var sum0 = Vector.zero, sum1 = Vector.zero, sum2 = Vector.zero, sum3 = Vector.zero
    var sum4 = Vector.zero, sum5 = Vector.zero, sum6 = Vector.zero, sum7 = Vector.zero
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
        sum5 = sum5.addingProduct(Vector(repeating: from[5 &* row]), first)
        sum6 = sum6.addingProduct(Vector(repeating: from[6 &* row]), first)
        sum7 = sum7.addingProduct(Vector(repeating: from[7 &* row]), first)
        from += shape.leftInner
        with += shape.right
      }
    }
    write(sum0, to: result, accumulating)
    write(sum1, to: result + shape.result, accumulating)
    write(sum2, to: result + 2 &* shape.result, accumulating)
    write(sum3, to: result + 3 &* shape.result, accumulating)
    write(sum4, to: result + 4 &* shape.result, accumulating)
    write(sum5, to: result + 5 &* shape.result, accumulating)
    write(sum6, to: result + 6 &* shape.result, accumulating)
    write(sum7, to: result + 7 &* shape.result, accumulating)
  }

  private static func fourBySixteen(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>, _ shape: Shape, _ accumulating: Bool
  ) {
    var sum0 = Vector.zero, sum1 = Vector.zero, sum2 = Vector.zero, sum3 = Vector.zero
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
        from += shape.leftInner
        with += shape.right
      }
    }
    write(sum0, to: result, accumulating)
    write(sum1, to: result + shape.result, accumulating)
    write(sum2, to: result + 2 &* shape.result, accumulating)
    write(sum3, to: result + 3 &* shape.result, accumulating)
  }
}
