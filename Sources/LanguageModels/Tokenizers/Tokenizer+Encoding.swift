extension Tokenizer {
  /// What pieces have become already: most words of a text occur in it again.
  typealias PieceCache = [ArraySlice<UInt8>: [Int]]

  /// Appends the ids of a part of a text without raw added tokens.
  func encodeText(
    _ bytes: ArraySlice<UInt8>, isFirst: Bool, into ids: inout [Int], _ cache: inout PieceCache
  ) throws {
    var bytes = bytes
    if !normalizers.isEmpty {
      let text = String(decoding: bytes, as: UTF8.self)
      bytes = Array(try normalizers.reduce(text) { try $1.apply(to: $0) }.utf8)[...]
    }
    let start = bytes.startIndex
    for part in normalizedTokens.split(bytes) {
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range):
        var pieces = [bytes[range]]
        var beginsText = isFirst && range.lowerBound == start
        for preTokenizer in preTokenizers {
          var isFirst = beginsText
          pieces = try pieces.flatMap { piece in
            let parts = try preTokenizer.split(piece, isFirst: isFirst)
            // A step that removes the beginning leaves no piece that begins the text. A changed copy counts from zero.
            if isFirst {
              beginsText = parts.first.map { $0.startIndex <= piece.startIndex } ?? false
            }
            isFirst = false
            return parts
          }
        }
        for piece in pieces {
          if let known = cache[piece] {
            ids += known
            continue
          }
          let count = ids.count
          encodePiece(piece, into: &ids)
          // A text without pre-tokenizer is one piece, which is not kept.
          if piece.count < 64 { cache[piece] = Array(ids[count...]) }
        }
      }
    }
  }

  private func encodePiece(_ piece: ArraySlice<UInt8>, into ids: inout [Int]) {
    var piece = piece
    if preTokenizers.contains(.byteAlphabet) {
      piece = (ByteAlphabet.bytes(of: String(decoding: piece, as: UTF8.self)) ?? [])[...]
    }
    switch model {
    case .wordPieces(let words): words.encode(piece, vocabulary, into: &ids)
    case .wholePieces:
      if let id = vocabulary.ids[Array(piece)] ?? unknownID { ids.append(id) }
    case .bytePairs(let merges):
      if prefersWholePieces, let id = vocabulary.ids[Array(piece)] {
        ids.append(id)
        return
      }
      var symbols = symbols(piece)
      merges.apply(to: &symbols)
      for symbol in symbols { ids.append(Int(symbol)) }
    }
  }

  /// The ids of the characters of a piece, of bytes where the vocabulary is made of those.
  private func symbols(_ piece: ArraySlice<UInt8>) -> [Int32] {
    var symbols: [Int32] = []
    symbols.reserveCapacity(piece.count)
    var isUnknown = false
    var start = piece.startIndex
    let isMarked = pieceMarks != PieceMarks()
    while start < piece.endIndex {
      var end = start + 1
      if !vocabulary.isByteLevel {
        while end < piece.endIndex, piece[end] & 0xC0 == 0x80 { end += 1 }
      }
      if vocabulary.isByteLevel, !isMarked {
        append([piece[start]], byteIDs[Int(piece[start])], to: &symbols, &isUnknown)
      } else {
        var character = Array(piece[start..<end])
        if start > piece.startIndex { character = pieceMarks.continuing + character }
        if end == piece.endIndex { character += pieceMarks.end }
        append(character, vocabulary.ids[character].map(Int32.init), to: &symbols, &isUnknown)
      }
      start = end
    }
    return symbols
  }

  /// Appends the id of a character, those of its bytes, the unknown token, or nothing.
  private func append(
    _ character: [UInt8], _ id: Int32?, to symbols: inout [Int32], _ isUnknown: inout Bool
  ) {
    if let id {
      symbols.append(id)
      isUnknown = false
      return
    }
    let fallback = vocabulary.isByteLevel ? [] : character.compactMap { byteIDs[Int($0)] }
    if fallback.count == character.count {
      symbols += fallback
      isUnknown = false
    } else if let unknownID, !(fusesUnknown && isUnknown) {
      symbols.append(Int32(unknownID))
      isUnknown = true
    }
  }
}
