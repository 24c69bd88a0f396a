/// BERT's way to encode a word: the longest token that begins it, then the longest that goes on, and so on.
struct WordPieces: Equatable, Sendable {
  /// What tokens that begin a word have before their text.
  var first: [UInt8] = []
  /// What tokens inside a word have before their text.
  var continuing: [UInt8] = Array("##".utf8)
  /// What a word becomes that cannot be put together.
  let unknownID: Int
  /// Words of more characters are unknown.
  var characterLimit = 100

  /// Appends the ids of `word`, valid UTF-8.
  ///
  /// - Complexity: O(n²) in the length of a word.
  func encode(_ word: ArraySlice<UInt8>, _ vocabulary: Vocabulary, into ids: inout [Int]) {
    // Bytes are characters of their own in a byte-level vocabulary.
    let isBytes = vocabulary.isByteLevel
    guard word.count(where: { isBytes || $0 & 0xC0 != 0x80 }) <= characterLimit else {
      ids.append(unknownID)
      return
    }
    var found: [Int] = []
    var start = word.startIndex
    while start < word.endIndex {
      let prefix = start == word.startIndex ? first : continuing
      var end = word.endIndex
      var id: Int?
      while end > start {
        id = vocabulary.ids[prefix + word[start..<end]]
        if id != nil { break }
        end -= 1
        while !isBytes, end > start, word[end] & 0xC0 == 0x80 { end -= 1 }
      }
      guard let id else {
        ids.append(unknownID)
        return
      }
      found.append(id)
      start = end
    }
    ids += found
  }
}
