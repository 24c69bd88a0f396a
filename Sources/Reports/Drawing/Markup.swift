/// A piece of HTML or SVG whose text is already escaped.
public struct Markup: Equatable, Sendable {
  /// The source, ready to be written into a document.
  public let source: String

  private init(source: String) { self.source = source }

  /// Nothing.
  public static let empty = Markup(source: "")

  /// Plain text; the characters that mean something in HTML are escaped.
  public static func text(_ text: String) -> Markup {
    var escaped = ""
    // Scalars, as a browser reads: a quotation mark and the accent behind it are one character.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return Markup(source: escaped)
  }

  /// An element with attributes, in their order, and contents.
  public static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ contents: Markup...
  ) -> Markup {
    element(name, attributes, contents)
  }

  /// An element with attributes, in their order, and contents.
  public static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ contents: [Markup]
  ) -> Markup {
    let list = attributes.map { " \($0.key)=\"\(text($0.value).source)\"" }.joined()
    let inner = contents.map(\.source).joined()
    let voidElements = [
      "img", "meta", "br", "rect", "line", "path", "circle", "polyline",
      "polygon", "input",
    ]
    if inner.isEmpty, voidElements.contains(name) { return Markup(source: "<\(name)\(list)/>") }
    return Markup(source: "<\(name)\(list)>\(inner)</\(name)>")
  }

  /// Style, script or markup that this project wrote itself and that must not be escaped.
  package static func trusted(_ source: String) -> Markup { Markup(source: source) }

  /// A paragraph of text.
  public static func paragraph(_ text: String) -> Markup { element("p", [:], .text(text)) }
}

extension [Markup] {
  /// The pieces one after the other.
  public var joined: Markup { joined(by: "\n") }

  /// The pieces one after the other, plain text between them.
  public func joined(by separator: String) -> Markup {
    Markup.trusted(map(\.source).joined(separator: Markup.text(separator).source))
  }
}
