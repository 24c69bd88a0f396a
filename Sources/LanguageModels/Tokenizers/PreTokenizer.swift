/// One step of what splits a text into the pieces that are encoded one by one.
enum PreTokenizer: Equatable, Sendable {
  /// Splits at the matches of a pattern, or at what lies between them.
  case split(Pattern, SplitBehavior, isInverted: Bool)
  /// Splits at every character of a set, going by a version of Unicode.
  case characters(ScalarSet, SplitBehavior, UnicodeVersion)
  /// A space before a piece that does not start with one, and no splitting.
  case prefixSpace
  /// Spaces become ▁, and one more is put before the text.
  case metaspace(PrependScheme, splits: Bool)
  /// Bytes become the characters that byte-level vocabularies write them with; later steps see those.
  case byteAlphabet

  /// Where ``metaspace(_:splits:)`` puts a ▁ that is not there.
  enum PrependScheme: String, Sendable {
    case first, always, never
  }

  /// SentencePiece's visible space, U+2581, in UTF-8.
  static let metaspace: [UInt8] = Array("\u{2581}".utf8)

  /// The pieces of `piece`, in order; none is empty.
  ///
  /// - Parameters:
  ///   - piece: Valid UTF-8, not empty.
  ///   - isFirst: Whether it starts the whole text.
  /// - Returns: Parts of `piece`, or of a changed copy.
  /// - Throws: `TokenizerError.patternTooSlow`.
  func split(_ piece: ArraySlice<UInt8>, isFirst: Bool) throws -> [ArraySlice<UInt8>] {
    switch self {
    case .split(let pattern, let behavior, let isInverted):
      let text = ScalarText(piece)
      let matches = try pattern.matches(in: text)
      return behavior.pieces(matches, count: text.count, isInverted: isInverted).map {
        piece[text.offsets[$0.lowerBound]..<text.offsets[$0.upperBound]]
      }
    case .characters(let set, let behavior, let unicode):
      let text = ScalarText(piece, unicode: unicode)
      let matches = text.scalars.indices.filter {
        set.contains(text.scalars[$0], traits: text.traits[$0])
      }
      return behavior.pieces(matches.map { $0..<$0 + 1 }, count: text.count, isInverted: false)
        .map { piece[text.offsets[$0.lowerBound]..<text.offsets[$0.upperBound]] }
    case .prefixSpace: return [piece.first == 0x20 ? piece : ([0x20] + piece)[...]]
    case .metaspace(let scheme, let splits):
      var replaced: [UInt8] = []
      let prepends = scheme == .always || scheme == .first && isFirst
      if prepends, piece.first != 0x20, !piece.starts(with: Self.metaspace) {
        replaced += Self.metaspace
      }
      for byte in piece {
        if byte == 0x20 { replaced += Self.metaspace } else { replaced.append(byte) }
      }
      return splits ? Self.splitBeforeMetaspaces(replaced[...]) : [replaced[...]]
    case .byteAlphabet: return [Array(ByteAlphabet.text(of: piece).utf8)[...]]
    }
  }

  private static func splitBeforeMetaspaces(_ piece: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var start = piece.startIndex
    for index in piece.indices.dropFirst() where piece[index...].starts(with: metaspace) {
      pieces.append(piece[start..<index])
      start = index
    }
    return pieces + [piece[start...]]
  }
}

/// What becomes of the parts at which a text is split.
enum SplitBehavior: String, CaseIterable, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  /// The pieces of a text.
  ///
  /// - Parameters:
  ///   - matches: Where it is split, ascending.
  ///   - count: The length of the text.
  ///   - isInverted: Whether it is split at what lies between the matches instead.
  /// - Returns: Ranges that are not empty.
  func pieces(_ matches: [Range<Int>], count: Int, isInverted: Bool) -> [Range<Int>] {
    var parts: [(range: Range<Int>, isMatch: Bool)] = []
    parts.reserveCapacity(matches.count * 2 + 1)
    var end = 0
    for match in matches {
      if match.lowerBound > end { parts.append((end..<match.lowerBound, isInverted)) }
      parts.append((match, !isInverted))
      end = match.upperBound
    }
    if end < count { parts.append((end..<count, isInverted)) }
    return joined(parts).filter { !$0.isEmpty }
  }

  private func joined(_ parts: [(range: Range<Int>, isMatch: Bool)]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var previous = false
    switch self {
    case .removed: return parts.filter { !$0.isMatch }.map(\.range)
    case .isolated: return parts.map(\.range)
    case .mergedWithPrevious, .contiguous:
      for part in parts {
        let joins = self == .contiguous ? part.isMatch == previous : part.isMatch && !previous
        if joins, let last = pieces.last {
          pieces[pieces.count - 1] = last.lowerBound..<part.range.upperBound
        } else {
          pieces.append(part.range)
        }
        previous = part.isMatch
      }
    case .mergedWithNext:
      for part in parts.reversed() {
        if part.isMatch, !previous, let last = pieces.last {
          pieces[pieces.count - 1] = part.range.lowerBound..<last.upperBound
        } else {
          pieces.append(part.range)
        }
        previous = part.isMatch
      }
      pieces.reverse()
    }
    return pieces
  }
}
