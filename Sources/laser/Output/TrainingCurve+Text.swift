import DecisionTransformer
import Foundation

extension TrainingCurve {
  /// How the training went, for a terminal: what was measured on held-out rooms, or else on the batches, against the
  /// updates; nil for fewer than three points.
  var text: String? {
    let solved = points.filter { $0.heldOutSolveRate != nil }
    let measures: [(String, [(Double, Double)])] = [
      (
        "held-out rooms solved, %",
        solved.map { (Double($0.step), 100 * ($0.heldOutSolveRate ?? 0)) }
      ),
      (
        "held-out accuracy, %",
        points.compactMap { point in
          point.heldOutAccuracy.map { (Double(point.step), 100 * $0) }
        }
      ),
      ("accuracy, %", points.map { (Double($0.step), 100 * $0.accuracy) }),
    ]
    guard let (name, values) = measures.first(where: { $0.1.count >= 3 }) else { return nil }
    return Self.plot(values, named: name)
  }

  private static let columns = 60
  private static let rows = 10

  /// Dots in Braille cells, two by four of them in each.
  private static func plot(_ values: [(x: Double, y: Double)], named name: String) -> String? {
    let (low, high) = (values.map(\.y).min() ?? 0, values.map(\.y).max() ?? 0)
    guard high > low else { return nil }
    let (first, last) = (values[0].x, values[values.count - 1].x)
    var cells = [[UInt32]](repeating: [UInt32](repeating: 0, count: columns), count: rows)
    let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    func mark(_ x: Double, _ y: Double) {
      let column = Int((x - first) / max(1e-9, last - first) * Double(2 * columns - 1))
      let row = Int((high - y) / max(1e-9, high - low) * Double(4 * rows - 1))
      cells[row / 4][column / 2] |= bits[row % 4][column % 2]
    }
    for (from, to) in zip(values, values.dropFirst()) {
      let parts = 2 * columns
      for part in 0...parts {
        let share = Double(part) / Double(parts)
        mark(from.x + share * (to.x - from.x), from.y + share * (to.y - from.y))
      }
    }
    let lines = cells.enumerated().map { row, line in
      let label =
        row == 0
        ? String(format: "%6.1f", high) : row == rows - 1 ? String(format: "%6.1f", low) : ""
      let dots = String(String.UnicodeScalarView(line.compactMap { Unicode.Scalar(0x2800 + $0) }))
      return String(repeating: " ", count: 6 - label.count) + label + " ┤" + dots
    }
    let ends = ("\(Int(first))", "\(Int(last)) updates")
    let gap = max(1, columns - ends.0.count - ends.1.count)
    return (["       \(name)"] + lines).joined(separator: "\n") + "\n        \(ends.0)"
      + String(repeating: " ", count: gap) + ends.1
  }
}
