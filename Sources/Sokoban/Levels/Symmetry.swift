/// One of the eight ways to lay a rectangle on itself or on its transpose.
///
/// The flips come first, the transposition after them. A level's image under a symmetry is a level of
/// the same difficulty, and the image of a solution solves it.
package struct Symmetry: Hashable, Sendable, CaseIterable {
  /// Whether the first row becomes the last.
  package var flipsRows: Bool
  /// Whether the first column becomes the last.
  package var flipsColumns: Bool
  /// Whether rows then become columns.
  package var transposes: Bool

  /// A symmetry; the identity unless told otherwise.
  package init(flipsRows: Bool = false, flipsColumns: Bool = false, transposes: Bool = false) {
    self.flipsRows = flipsRows
    self.flipsColumns = flipsColumns
    self.transposes = transposes
  }

  /// All eight, the identity first.
  package static let allCases: [Symmetry] = (0..<8).map {
    Symmetry(flipsRows: $0 & 1 != 0, flipsColumns: $0 & 2 != 0, transposes: $0 & 4 != 0)
  }

  /// Where `cell` of a room of `rows` × `columns` cells goes, as an index into the image.
  package func image(ofCell cell: Int, rows: Int, columns: Int) -> Int {
    var (row, column) = cell.quotientAndRemainder(dividingBy: columns)
    if flipsRows { row = rows - 1 - row }
    if flipsColumns { column = columns - 1 - column }
    return transposes ? column * rows + row : row * columns + column
  }

  /// Which way `direction` points in the image.
  package func image(of direction: Direction) -> Direction {
    var image = direction
    if image.columnStep == 0 ? flipsRows : flipsColumns { image = image.opposite }
    guard transposes else { return image }
    return switch image {
    case .up: .left
    case .left: .up
    case .down: .right
    case .right: .down
    }
  }
}

extension Level {
  /// The image of the level.
  ///
  /// - Complexity: O(cells).
  package func transformed(by symmetry: Symmetry) -> Level {
    let image = { symmetry.image(ofCell: $0, rows: rows, columns: columns) }
    var fixed = fixed
    for cell in self.fixed.indices { fixed[image(cell)] = self.fixed[cell] }
    return Level(
      unchecked: symmetry.transposes ? (columns, rows) : (rows, columns), fixed: fixed,
      boxes: boxes.map(image).sorted(), player: image(player))
  }
}
