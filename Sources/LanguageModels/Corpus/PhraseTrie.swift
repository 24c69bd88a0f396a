/// Phrases as sequences of words, all of which are looked for at once.
///
/// A word is a run of ASCII letters, digits and characters beyond ASCII other than marks and spaces, with ASCII letters
/// in lower case; what stands between words does not count, so that `U.S.` also finds `u s`, and `French` does not find
/// `Frenchman`.
struct PhraseTrie: Sendable {
  /// The phrase that ends in a node, −1 for none.
  private var phraseOfNode: [Int32] = [-1]
  /// Node and word, packed, to the next node.
  private var children: [UInt64: Int32] = [:]
  private var words = WordTable()
  private(set) var phraseCount = 0

  /// Adds a phrase.
  ///
  /// - Returns: Its number, the same for phrases of the same words; nil for a text without a word.
  mutating func insert(_ phrase: String) -> Int? {
    var node: Int32 = 0
    for word in Self.words(of: phrase) {
      let key = Self.key(node, words.insert(word))
      if let child = children[key] {
        node = child
      } else {
        let child = Int32(phraseOfNode.count)
        children[key] = child
        phraseOfNode.append(-1)
        node = child
      }
    }
    guard node != 0 else { return nil }
    if phraseOfNode[Int(node)] < 0 {
      phraseOfNode[Int(node)] = Int32(phraseCount)
      phraseCount += 1
    }
    return Int(phraseOfNode[Int(node)])
  }

  /// The number of a word, nil for a word that no phrase has.
  func word(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32? { words.find(bytes) }

  /// The node after `node` and `word`.
  func child(of node: Int32, _ word: Int32) -> Int32? { children[Self.key(node, word)] }

  /// The phrase that ends in `node`.
  func phrase(at node: Int32) -> Int? {
    let phrase = phraseOfNode[Int(node)]
    return phrase < 0 ? nil : Int(phrase)
  }

  private static func key(_ node: Int32, _ word: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: node)) << 32 | UInt64(UInt32(bitPattern: word))
  }

  private static func words(of phrase: String) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var cutter = WordCutter()
    // The space ends the last word.
    for byte in Array(phrase.utf8) + [UInt8(ascii: " ")] where !cutter.takes(byte) {
      if !cutter.word.isEmpty { words.append(cutter.word) }
      cutter.word.removeAll()
    }
    return words
  }
}

/// Cuts a text into words, byte by byte: texts are read in pieces that may end within a character.
struct WordCutter {
  /// Grows whenever the words of a text change, so that counts of other words are not taken for these.
  static let version = 2

  /// The word so far.
  var word: [UInt8] = []

  /// Adds the byte to the word, with an ASCII letter in lower case; false where the byte ends what stands between
  /// words instead.
  mutating func takes(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x61...0x7A, 0xC0...: word.append(byte)
    case 0x41...0x5A: word.append(byte | 0x20)
    case 0x80...0xBF:
      word.append(byte)
      let length = markLength
      word.removeLast(length)
      return length == 0
    default: return false
    }
    return true
  }

  /// How many bytes at the end of the word are a mark or a space: U+0080–U+00BF without the letters ª, µ and º,
  /// U+2000–U+206F, U+3000–U+303F or U+FEFF.
  private var markLength: Int {
    let count = word.count
    guard count > 1 else { return 0 }
    let last = word[count - 1]
    if word[count - 2] == 0xC2 { return last == 0xAA || last == 0xB5 || last == 0xBA ? 0 : 2 }
    guard count > 2 else { return 0 }
    switch (word[count - 3], word[count - 2], last) {
    case (0xE2, 0x80, _), (0xE2, 0x81, ...0xAF), (0xE3, 0x80, _), (0xEF, 0xBB, 0xBF): return 3
    default: return 0
    }
  }
}

/// Words by number, found without making a string of the bytes that are asked for.
private struct WordTable: Sendable {
  /// The words' numbers by hash; −1 where a place is free. Its count is a power of two.
  private var places = [Int32](repeating: -1, count: 1 << 10)
  private var words: [[UInt8]] = []

  mutating func insert(_ word: [UInt8]) -> Int32 {
    if let number = word.withUnsafeBufferPointer({ find($0) }) { return number }
    if 2 * words.count >= places.count { grow() }
    words.append(word)
    place(words.count - 1)
    return Int32(words.count - 1)
  }

  func find(_ word: UnsafeBufferPointer<UInt8>) -> Int32? {
    var place = Self.hash(word) & (places.count - 1)
    while places[place] >= 0 {
      let number = places[place]
      if words[Int(number)].elementsEqual(word) { return number }
      place = (place + 1) & (places.count - 1)
    }
    return nil
  }

  private mutating func grow() {
    places = [Int32](repeating: -1, count: 2 * places.count)
    for number in words.indices { place(number) }
  }

  private mutating func place(_ number: Int) {
    var place = words[number].withUnsafeBufferPointer(Self.hash) & (places.count - 1)
    while places[place] >= 0 { place = (place + 1) & (places.count - 1) }
    places[place] = Int32(number)
  }

  /// FNV-1a, whose low bits are good enough for words; not Swift's own, which is seeded anew in every run and slower.
  private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in word { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7fff_ffff)
  }
}
