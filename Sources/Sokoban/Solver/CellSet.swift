/// A set of cells of a small board, one bit a cell, with the operations that move all of them at once.
///
/// Cells are row-major in the board's bounding box, so that a step to the right adds one to a cell and
/// a step down adds the board's width. `UInt64` holds the 8 × 8 inside of a 10 × 10 room.
protocol CellSet: Numberable {
  /// The number of cells that fit.
  static var capacity: Int { get }

  /// The empty set.
  init()

  /// The set of one cell.
  init(cell: Int)

  /// Whether the set has no cell.
  var isEmpty: Bool { get }

  /// The number of cells in the set.
  var cellCount: Int { get }

  /// The lowest cell; the set must not be empty.
  var firstCell: Int { get }

  /// Takes out the lowest cell of a set that is not empty.
  mutating func removeFirstCell()

  /// All cells moved up by `rise` and then down by `fall` places; one of the two is zero. Cells that
  /// leave the board's bits are lost.
  func moved(rise: Int, fall: Int) -> Self

  static func | (left: Self, right: Self) -> Self
  static func & (left: Self, right: Self) -> Self
  static func ^ (left: Self, right: Self) -> Self
  static prefix func ~ (set: Self) -> Self
}

extension CellSet {
  /// Whether `cell` is in the set.
  func contains(_ cell: Int) -> Bool { !(self & Self(cell: cell)).isEmpty }

  /// The set of all `cells`.
  init(cells: some Sequence<Int>) {
    self.init()
    for cell in cells { self = self | Self(cell: cell) }
  }
}

/// Mixes a word: the two halves of a 128-bit product, folded.
@inline(__always)
func mixed(_ word: UInt64) -> UInt64 {
  let product = (word ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
  return product.high ^ product.low
}

extension CellSet where Self: FixedWidthInteger & UnsignedInteger {
  static var capacity: Int { Self.bitWidth }
  init(cell: Int) { self = 1 &<< Self(truncatingIfNeeded: cell) }
  var isEmpty: Bool { self == 0 }
  var cellCount: Int { nonzeroBitCount }
  var firstCell: Int { trailingZeroBitCount }
  mutating func removeFirstCell() { self &= self &- 1 }
  func moved(rise: Int, fall: Int) -> Self {
    (self &<< Self(truncatingIfNeeded: rise)) &>> Self(truncatingIfNeeded: fall)
  }
}

extension UInt64: CellSet {
  var mixedBits: UInt64 { mixed(self) }
}

extension UInt128: CellSet {
  var mixedBits: UInt64 {
    mixed(UInt64(truncatingIfNeeded: self) ^ mixed(UInt64(truncatingIfNeeded: self >> 64)))
  }
}
