/// A self-contained HTML report: style, graphics and script are in the page, nothing comes from a network.
public struct ReportDocument: Sendable {
  /// A headed part of the report.
  public struct Section: Sendable {
    /// The heading.
    public let title: String
    /// What stands below it.
    public let contents: [Markup]

    /// A part with a heading.
    public init(_ title: String, _ contents: [Markup]) {
      self.title = title
      self.contents = contents
    }
  }

  /// The title.
  public let title: String
  /// What was run, in a sentence or two.
  public let summary: String
  /// The parts, in reading order.
  public var sections: [Section]

  /// A report of these parts.
  public init(title: String, summary: String, sections: [Section]) {
    self.title = title
    self.summary = summary
    self.sections = sections
  }

  /// The whole document.
  public var html: String {
    let head = Markup.element(
      "head", [:],
      .element("meta", ["charset": "utf-8"]),
      .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      .element("title", [:], .text(title)),
      .element("style", [:], .trusted(Self.style)))
    let body = Markup.element(
      "body", [:],
      .element(
        "main", [:],
        [.element("h1", [:], .text(title)), .element("p", ["class": "summary"], .text(summary))]
          + sections.map { section in
            .element("section", [:], [.element("h2", [:], .text(section.title))] + section.contents)
          }),
      .element("script", [:], .trusted(Self.script)))
    return "<!DOCTYPE html>\n"
      + Markup.element("html", ["lang": "en"], head, body).source + "\n"
  }
}
