/// A table whose first column names the rows.
package struct ReportTable: Sendable {
  /// The columns' headings.
  package let headings: [String]
  /// The rows, each as long as the headings.
  package let rows: [[String]]
  /// Whether the cells are words, which stand to the left, and not numbers.
  package let isProse: Bool
  /// The headings of columns of words among numbers, whose cells take several lines.
  package let wordColumns: Set<String>

  /// A table.
  ///
  /// - Precondition: Every row is as long as the headings.
  package init(
    headings: [String], rows: [[String]], isProse: Bool = false, wordColumns: Set<String> = []
  ) {
    precondition(rows.allSatisfy { $0.count == headings.count }, "a row with too few cells")
    self.headings = headings
    self.rows = rows
    self.isProse = isProse
    self.wordColumns = wordColumns
  }

  /// The table; on a narrow screen it scrolls by itself.
  package var markup: Markup {
    func row(_ tag: String, _ cells: [String]) -> Markup {
      .element(
        "tr", [:],
        zip(headings, cells).map { heading, cell in
          .element(tag, wordColumns.contains(heading) ? ["class": "words"] : [:], .text(cell))
        })
    }
    let head = Markup.element("thead", [:], row("th", headings))
    let body = Markup.element("tbody", [:], rows.map { row("td", $0) })
    return .element(
      "div", ["class": "scroll"],
      .element("table", ["class": isProse ? "prose" : "numbers"], head, body))
  }
}
