/// How the series of a chart are told apart.
package enum ChartPalette: Sendable {
  /// Distinct colours, for things without an order, such as models; from the ninth on they repeat, dashed.
  case distinct
  /// The same from a later colour on, for a chart beside another whose series are other things.
  case distinctAfter(Int)
  /// Steps of one scale from faint to strong, for things in an order, such as amounts removed.
  case ordered

  static let distinctCount = 8
  static let orderedCount = 16

  /// The classes of series number `index` of `count`, which the style sheet colours.
  func classes(of index: Int, count: Int) -> String {
    switch self {
    case .distinct: Self.distinctClasses(index)
    case .distinctAfter(let taken): Self.distinctClasses(index + taken)
    case .ordered:
      "ordered-\(index * (Self.orderedCount - 1) / max(1, count - 1))"
    }
  }

  private static func distinctClasses(_ index: Int) -> String {
    "distinct-\(index % distinctCount)" + (index / distinctCount % 2 == 0 ? "" : " again")
  }

  /// The colours of both palettes for light and dark pages: each at least as far from the page as a thin line needs.
  static var style: String {
    let light = (
      distinct: "2563c4 c2570c 17803d 8b3fc7 c01c5d 0e7c86 7a5a2b 5b6675",
      ordered:
        "e4a409 e69103 e67e01 e36b20 dc5a37 d14b48 c53e57 b63363 a52a6d 932375 801d7c 6c1880 581282 440c81 30057d 1a0076"
    )
    let dark = (
      distinct: "7db0ff ffa763 62d48a c79bff ff86b3 5cd0da d3b27c 9aa6b5",
      ordered:
        "4b53c2 6855c7 8356c8 9c59c5 b35bbf c95fb6 dd64aa ef6b9c fe748d ff8985 fe9b83 ffac83 ffbb86 fecb8d ffd990 ffe891"
    )
    func rules(_ colors: (distinct: String, ordered: String)) -> String {
      [("distinct", colors.distinct), ("ordered", colors.ordered)].map { name, list in
        list.split(separator: " ").enumerated()
          .map { ".\(name)-\($0.offset) { --color: #\($0.element); }" }.joined(separator: " ")
      }.joined(separator: "\n")
    }
    return rules(light) + "\n@media screen and (prefers-color-scheme: dark) {\n" + rules(dark)
      + "\n}"
  }
}
