import Testing

@testable import Numerics

@Suite struct RowScanTests {
  static let widths = [1, 15, 16, 17, 47, 48]

  @Test(arguments: widths)
  func `the largest number is found wherever it stands`(count: Int) {
    for place in 0..<count {
      var row = [Float](repeating: -3, count: count)
      row[place] = -2
      #expect(RowScan.largest(row, count: count) == -2)
      #expect(RowScan.largestIndex(row, count: count) == place)
    }
  }

  @Test
  func `of equal numbers the first is the largest`() {
    var row = [Float](repeating: 0, count: 40)
    row[17] = 5
    row[3] = 5
    row[39] = 5
    #expect(RowScan.largestIndex(row, count: 40) == 3)
  }

  @Test(arguments: widths, [Float.nan, .infinity, -.infinity])
  func `one number that is not finite is noticed wherever it stands`(count: Int, value: Float) {
    for place in 0..<count {
      var row = [Float](repeating: .greatestFiniteMagnitude, count: count)
      row[place] = value
      #expect(!RowScan.isFinite(row, count: count), "\(place)")
    }
  }

  @Test(arguments: widths)
  func `large and small finite numbers are finite`(count: Int) {
    let row = (0..<count).map { index in
      index.isMultiple(of: 2) ? -Float.greatestFiniteMagnitude : .leastNonzeroMagnitude
    }
    #expect(RowScan.isFinite(row, count: count))
  }
}
