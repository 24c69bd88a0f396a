/// A piece of a template in Jinja, as far as it can be told without running the program.
enum TemplatePart: Sendable, Equatable {
  /// What is written as it stands, outside of tags or as literals, together with all that follows directly.
  case text(String)
  /// What an expression computes.
  case value
  /// A statement without its tag: `if tools`.
  case statement(String)

  /// The pieces of `source` in their order.
  static func parts(of source: String) -> [TemplatePart] {
    var reader = TemplateReader(source.replacing("\r\n", with: "\n"))
    reader.read()
    return reader.parts
  }

  /// The first word of a statement; nil for other pieces.
  var keyword: Substring? {
    guard case .statement(let code) = self else { return nil }
    return code.prefix(while: \.isLetter)
  }
}

/// Takes a template apart.
private struct TemplateReader {
  private(set) var parts: [TemplatePart] = []
  private var rest: Substring

  init(_ source: String) { rest = source[...] }

  /// White space around tags goes or stays as Hugging Face has it, with `trim_blocks` and `lstrip_blocks`.
  mutating func read() {
    var trimsLine = false
    var trimsAll = false
    while !rest.isEmpty {
      let tag = rest.firstRange(of: /\{[{%#]-?/)
      var text = rest[..<(tag?.lowerBound ?? rest.endIndex)]
      if trimsAll {
        text = text.drop(while: \.isWhitespace)
      } else if trimsLine, text.first == "\n" {
        text = text.dropFirst()
      }
      guard let tag else { return write(String(text)) }
      let mark = rest[tag]
      trimsLine = !mark.hasPrefix("{{")
      if mark.hasSuffix("-") {
        text = text.trimmingEnd(\.isWhitespace)
      } else if trimsLine {
        let line = text.trimmingEnd { $0 == " " || $0 == "\t" }
        if line.isEmpty || line.last == "\n" { text = line }
      }
      write(String(text))
      rest = rest[tag.upperBound...]
      trimsAll = readTag(mark)
    }
  }

  /// Reads what follows the `mark` that opens a tag, and says whether the white space after it goes.
  private mutating func readTag(_ mark: Substring) -> Bool {
    let close = mark.hasPrefix("{{") ? "}}" : mark.hasPrefix("{%") ? "%}" : "#}"
    var code = ""
    while !rest.isEmpty, !rest.hasPrefix(close) {
      let character = rest.removeFirst()
      guard character == "'" || character == "\"", close != "#}" else {
        code.append(character)
        continue
      }
      let literal = readLiteral(endingWith: character)
      if close == "}}" {
        writeValue(code)
        write(literal)
        code = ""
      } else {
        code += "'\(literal)'"
      }
    }
    rest = rest.dropFirst(close.count)
    if close == "}}" { writeValue(code) }
    if close == "%}" {
      let words = code.drop { $0.isWhitespace || $0 == "-" || $0 == "+" }
      parts.append(.statement(String(words.trimmingEnd { $0.isWhitespace || $0 == "-" })))
    }
    return code.last == "-"
  }

  private mutating func readLiteral(endingWith quote: Character) -> String {
    let escapes: [Character: String] = [
      "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"",
    ]
    var literal = ""
    while let character = rest.popFirst(), character != quote {
      guard character == "\\", let escaped = rest.popFirst() else {
        literal.append(character)
        continue
      }
      literal += escapes[escaped] ?? "\\\(escaped)"
    }
    return literal
  }

  private mutating func write(_ text: String) {
    guard !text.isEmpty else { return }
    if case .text(let before)? = parts.last {
      parts[parts.count - 1] = .text(before + text)
    } else {
      parts.append(.text(text))
    }
  }

  /// Literals that are only joined have no value between them.
  private mutating func writeValue(_ code: String) {
    if code.contains(where: { !$0.isWhitespace && !"+~-".contains($0) }) { parts.append(.value) }
  }
}

extension Substring {
  fileprivate func trimmingEnd(_ isTrimmed: (Character) -> Bool) -> Substring {
    var trimmed = self
    while let last = trimmed.last, isTrimmed(last) { trimmed.removeLast() }
    return trimmed
  }
}
