#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Softmax of one row of scores, and its logarithm.
package enum Softmax {
  /// `row ← e^row / Σ e^row`, in place; the sum in single precision, sixteen partial sums.
  ///
  /// - Precondition: `count > 0`.
  package static func normalize(_ row: UnsafeMutablePointer<Float>, count: Int) {
    let full = count & ~15
    let peak = RowScan.largest(UnsafePointer(row), count: count)
    var sums = Vector.zero
    var index = 0
    while index < full {
      let power = (Vector(at: row + index) - peak).exponential
      sums += power
      power.store(to: row + index)
      index &+= 16
    }
    if full < count {
      let rest = count &- full
      let power = (Vector(at: UnsafePointer(row) + full, count: rest) - peak).exponential
        .keepingFirst(rest)
      sums += power
      power.store(to: row + full, count: rest)
    }
    let inverse = 1 / sums.total
    index = 0
    while index < full {
      (Vector(at: row + index) * inverse).store(to: row + index)
      index &+= 16
    }
    while index < count {
      row[index] *= inverse
      index &+= 1
    }
  }

  /// ln Σ e^row: what is subtracted from a logit to make it a log-probability; the sum in double precision.
  ///
  /// - Precondition: `count > 0`.
  package static func logarithmOfSum(_ row: UnsafePointer<Float>, count: Int) -> Double {
    let peak = RowScan.largest(row, count: count)
    var sum = 0.0
    var index = 0
    while index < count {
      // Sixteen at a time in single precision, the partial sums in double.
      let rest = min(16, count &- index)
      let values = rest == 16 ? Vector(at: row + index) : Vector(at: row + index, count: rest)
      sum += Double((values - peak).exponential.keepingFirst(rest).total)
      index &+= 16
    }
    return Double(peak) + log(sum)
  }
}
