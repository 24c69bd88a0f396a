/// What is asked of one row of numbers: the logits of a vocabulary, the scores of attention.
package enum RowScan {
  /// The largest number of a row, −∞ when it is empty.
  package static func largest(_ row: UnsafePointer<Float>, count: Int) -> Float {
    var peaks = Vector(repeating: -.infinity)
    var index = 0
    while index &+ 16 <= count {
      peaks = peaks.maximum(Vector(at: row + index))
      index &+= 16
    }
    var peak = peaks.largest
    while index < count {
      peak = max(peak, row[index])
      index &+= 1
    }
    return peak
  }

  /// Where the largest number of a row stands, the first of equals.
  ///
  /// - Precondition: There is a number, and none is NaN.
  package static func largestIndex(_ row: UnsafePointer<Float>, count: Int) -> Int {
    let peak = largest(row, count: count)
    return UnsafeBufferPointer(start: row, count: count).firstIndex(of: peak) ?? 0
  }

  /// Whether a row has neither an infinity nor NaN.
  package static func isFinite(_ row: UnsafePointer<Float>, count: Int) -> Bool {
    // Zero times a number is zero unless the number is infinite or NaN, and then it is NaN to the end.
    var sums = Vector.zero
    var index = 0
    while index &+ 16 <= count {
      sums = sums.addingProduct(Vector(at: row + index), Vector.zero)
      index &+= 16
    }
    return sums.total == 0 && (index..<count).allSatisfy { row[$0].isFinite }
  }
}
