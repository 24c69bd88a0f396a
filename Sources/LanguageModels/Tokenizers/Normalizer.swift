internal import Foundation

/// One step of what is done to a text before it is split.
enum Normalizer: Equatable, Sendable {
  /// Unicode's canonical or compatible forms.
  case form(Form)
  /// Put before a text that is not empty.
  case prepend(String)
  /// Every occurrence of `pattern`, which is not empty, becomes `content`.
  case replace(pattern: String, content: String)
  /// Every match of a pattern becomes `content`.
  case replaceMatches(Pattern, content: String)
  case lowercase
  /// Characters with one of these `ScalarTraits` are left out.
  case remove(UInt32, UnicodeVersion)
  /// White space at the ends is left out.
  case strip(left: Bool, right: Bool)
  /// Spaces at the ends are left out, and of several in a row all but one, as sentencepiece does.
  case collapseSpaces
  /// What sentencepiece's "nmt" does with controls and spaces.
  case machineTranslation
  /// What BERT does first: controls go, white space becomes a space.
  case clean
  /// Spaces around every Chinese character.
  case spaceChinese

  /// Unicode's normalization forms.
  enum Form: String, Sendable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"
  }

  /// The text after this step.
  ///
  /// - Throws: `TokenizerError.patternTooSlow`.
  func apply(to text: String) throws -> String {
    switch self {
    case .form(let form):
      // Most text is its own normal form in all of them.
      if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
      switch form {
      case .nfc: return text.precomposedStringWithCanonicalMapping
      case .nfd: return text.decomposedStringWithCanonicalMapping
      case .nfkc: return text.precomposedStringWithCompatibilityMapping
      case .nfkd: return text.decomposedStringWithCompatibilityMapping
      }
    case .prepend(let prefix): return text.isEmpty ? text : prefix + text
    case .replace(let pattern, let content):
      return Self.replacing(Array(pattern.utf8), by: content, in: text)
    case .replaceMatches(let pattern, let content):
      return try Self.replacing(pattern, by: content, in: text)
    case .lowercase:
      // One by one: no letter depends on its neighbours.
      return Self.mapping(text) { $0.properties.lowercaseMapping.unicodeScalars }
    case .remove(let traits, let unicode):
      return Self.mapping(text) {
        ScalarTraits.of($0, unicode) & traits == 0 ? [$0] : []
      }
    case .strip(let left, let right):
      var scalars = text.unicodeScalars[...]
      while left, let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
      while right, let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
      return String(scalars)
    case .collapseSpaces:
      return text.utf8.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        .joined(separator: " ")
    case .machineTranslation: return Self.machineTranslated(text)
    case .clean: return Self.cleaned(text)
    case .spaceChinese:
      return Self.mapping(text) {
        Self.isChinese($0.value) ? [" ", $0, " "] : [$0]
      }
    }
  }

  /// `text` with `content` for every occurrence of `pattern`.
  ///
  /// By bytes: Swift's own search compares characters, and a space with a mark after it would not be found.
  static func replacing(_ pattern: [UInt8], by content: String, in text: String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * 2)
    var index = 0
    while index < bytes.count {
      if bytes[index] == pattern.first, bytes[index...].starts(with: pattern) {
        result += content.utf8
        index += pattern.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func replacing(
    _ pattern: Pattern, by content: String, in text: String
  ) throws -> String {
    let bytes = Array(text.utf8)
    let scalars = ScalarText(bytes[...])
    var result: [UInt8] = []
    var end = 0
    for match in try pattern.matches(in: scalars) {
      result += bytes[end..<scalars.offsets[match.lowerBound]]
      result += content.utf8
      end = scalars.offsets[match.upperBound]
    }
    return String(decoding: result + bytes[end...], as: UTF8.self)
  }

  private static func mapping(
    _ text: String, _ map: (Unicode.Scalar) -> some Sequence<Unicode.Scalar>
  ) -> String {
    // As bytes: a view of characters takes time with its length each time that some are added.
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      for mapped in map(scalar) {
        if mapped.isASCII {
          result.append(UInt8(truncatingIfNeeded: mapped.value))
        } else {
          result += String(mapped).utf8
        }
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  // MARK: - BERT's and sentencepiece's tables

  private static func cleaned(_ text: String) -> String {
    mapping(text) { scalar -> [Unicode.Scalar] in
      if ["\t", "\n", "\r"].contains(scalar) { return [" "] }
      let isControl = ScalarTraits.of(scalar, .bert) & ScalarTraits.control != 0
      if isControl || scalar == "\u{FFFD}" { return [] }
      return scalar.properties.isWhitespace ? [" "] : [scalar]
    }
  }

  /// The blocks of Chinese characters, as BERT's tokenizer lists them.
  private static func isChinese(_ value: UInt32) -> Bool {
    switch value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
      0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }

  private static func machineTranslated(_ text: String) -> String {
    mapping(text) { scalar -> [Unicode.Scalar] in
      switch scalar.value {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: []
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        [" "]
      default: [scalar]
      }
    }
  }
}
