/// The patterns of tokenizers that other files than tokenizer.json name, or leave to the reader.
enum KnownPatterns {
  /// GPT-2's: contractions, words with one space before them, runs of spaces.
  static let gpt2 =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  /// Qwen2's and Llama 3's: words with any one character before them, numerals in groups, lines.
  ///
  /// - Parameters:
  ///   - digits: How many numerals stay together, as the pattern writes it.
  ///   - letters: What words are made of.
  /// - Returns: The pattern.
  static func lines(digits: String, letters: String = #"\p{L}"#) -> String {
    let words = letters == #"\p{L}"# ? letters : "[\(letters)]"
    return #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?"# + words + #"+|"# + digits
      + #"| ?[^\s"# + letters + #"\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// o200k's: words end where small letters are followed by capitals.
  ///
  /// - Parameters:
  ///   - contractions: What may follow a word.
  ///   - digits: How many numerals stay together, as the pattern writes it.
  ///   - without: What is no part of such words: `&&[^…]`.
  ///   - lineEnds: What may follow symbols.
  /// - Returns: The pattern.
  static func cased(
    contractions: String = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?", digits: String, without: String = "",
    lineEnds: String = #"[\r\n/]*"#
  ) -> String {
    let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}"# + without + "]"
    let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}"# + without + "]"
    let before = #"[^\r\n\p{L}\p{N}]?"#
    return before + upper + "*" + lower + "+" + contractions + "|" + before + upper + "+" + lower
      + "*" + contractions + "|" + digits + #"| ?[^\s\p{L}\p{N}]+"# + lineEnds
      + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// DeepSeek-V3's last pattern: words with their marks, a sign before Latin letters.
  static let signs =
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
    + #"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// BLOOM's: anything but spaces and some signs.
  static let bloom = " ?[^(\\s|.,!?\u{2026}\u{3002}\u{FF0C}\u{3001}\u{964}\u{6D4}\u{60C})]+"

  /// The letters with cases as DeepSeek lists them, the inside of brackets.
  static let casedLetters = """
    A-Za-z\u{B5}\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{1BA}\u{1BC}-\u{1BF}\u{1C4}-\u{293}\
    \u{295}-\u{2AF}\u{370}-\u{373}\u{376}\u{377}\u{37B}-\u{37D}\u{37F}\u{386}\u{388}-\u{38A}\
    \u{38C}\u{38E}-\u{3A1}\u{3A3}-\u{3F5}\u{3F7}-\u{481}\u{48A}-\u{52F}\u{531}-\u{556}\
    \u{10A0}-\u{10C5}\u{13A0}-\u{13F5}\u{13F8}-\u{13FD}\u{1C90}-\u{1CBA}\u{1CBD}-\u{1CBF}\
    \u{1D00}-\u{1D2B}\u{1D6B}-\u{1D77}\u{1D79}-\u{1D9A}\u{1E00}-\u{1F15}\u{1F18}-\u{1F1D}\
    \u{1F20}-\u{1F45}\u{1F48}-\u{1F4D}\u{1F50}-\u{1F57}\u{1F59}\u{1F5B}\u{1F5D}\u{1F5F}-\
    \u{1F7D}\u{1F80}-\u{1FB4}\u{1FB6}-\u{1FBC}\u{1FBE}\u{1FC2}-\u{1FC4}\u{1FC6}-\u{1FCC}\
    \u{1FD0}-\u{1FD3}\u{1FD6}-\u{1FDB}\u{1FE0}-\u{1FEC}\u{1FF2}-\u{1FF4}\u{1FF6}-\u{1FFC}\
    \u{2102}\u{2107}\u{210A}-\u{2113}\u{2115}\u{2119}-\u{211D}\u{2124}\u{2126}\u{2128}\
    \u{212A}-\u{212D}\u{212F}-\u{2134}\u{2139}\u{213C}-\u{213F}\u{2145}-\u{2149}\u{214E}\
    \u{2183}\u{2184}\u{2C00}-\u{2C7B}\u{2C7E}-\u{2CE4}\u{2CEB}-\u{2CEE}\u{2CF2}\u{2CF3}\
    \u{A640}-\u{A66D}\u{A680}-\u{A69B}\u{A722}-\u{A76F}\u{A771}-\u{A787}\u{A78B}-\u{A78E}\
    \u{AB70}-\u{ABBF}\u{FB00}-\u{FB06}\u{FB13}-\u{FB17}\u{FF21}-\u{FF3A}\u{FF41}-\u{FF5A}\
    \u{10400}-\u{1044F}\u{104B0}-\u{104D3}\u{104D8}-\u{104FB}\u{10C80}-\u{10CB2}\u{10CC0}-\
    \u{10CF2}\u{118A0}-\u{118DF}\u{1E900}-\u{1E943}
    """
}

extension Pattern {
  /// GPT-2's pattern, which `ByteLevel` has built in.
  static let gpt2 = known(KnownPatterns.gpt2)
  /// Words and runs of signs, `\w+|[^\w\s]+` of Rust's regular expressions.
  static let words: Pattern = {
    let signs = ScalarSet.complement(.union([.joinedWord, .space]))
    let runs = [ScalarSet.joinedWord, signs].map {
      PatternNode.repeated(.set($0), .init(minimum: 1))
    }
    do {
      return try Pattern(.alternatives(runs), source: "words")
    } catch {
      preconditionFailure("the pattern of words: \(error)")
    }
  }()

  /// A pattern of ours.
  static func known(_ source: String) -> Pattern {
    do {
      return try Pattern(source)
    } catch {
      preconditionFailure("'\(source)': \(error)")
    }
  }
}
