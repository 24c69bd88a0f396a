/// How the pre-tokenizers that llama.cpp names split a text, and what goes with their names.
///
/// Names and patterns are those of llama.cpp's `llama-vocab.cpp` (October 2026), written as the models' own
/// tokenizer.json has them where llama.cpp had to write them in another way.
struct GGUFPreTokenizer: Sendable {
  /// Where a text is split, one after the other: at the matches of each.
  let patterns: [String]
  /// A piece that is a token needs no merges.
  var ignoresMerges = false
  /// Whether a text starts with the start token when no key says so.
  var addsStart = false
  /// Whether the models of this name bring texts into NFC first.
  var composes = false
  /// ``patterns`` as steps.
  var steps: [PreTokenizer] {
    patterns.map { .split(.known($0), .isolated, isInverted: false) }
  }

  /// The one called `name`; nil when there is none.
  static func named(_ name: String) -> GGUFPreTokenizer? {
    all.first { $0.names.contains(name) }?.stages
  }

  /// All names, for messages.
  static var names: [String] { all.flatMap(\.names).sorted() }

  private static let oneDigit = #"\p{N}"#
  private static let threeDigits = #"\p{N}{1,3}"#

  private static let all: [(names: [String], stages: GGUFPreTokenizer)] = [
    (
      ["default"],
      GGUFPreTokenizer(patterns: [
        #"[\p{P}\$\+<=>\^~\|]+"#, KnownPatterns.gpt2, #"\p{N}+"#, "[0-9][0-9][0-9]",
      ])
    ),
    (
      [
        "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0",
        "mellum", "jina-v1-en", "jina-v2-code", "roberta-bpe", "jais", "trillion",
        "granite-docling", "exaone4",
      ], GGUFPreTokenizer(patterns: [KnownPatterns.gpt2])
    ),
    (
      ["modern-bert", "mpt", "olmo"],
      GGUFPreTokenizer(patterns: [KnownPatterns.gpt2], composes: true)
    ),
    (
      [
        "starcoder", "refact", "smollm", "codeshell", "exaone", "minerva-7b",
        "mellum2",
      ], GGUFPreTokenizer(patterns: [oneDigit, KnownPatterns.gpt2])
    ),
    (
      ["command-r"],
      GGUFPreTokenizer(patterns: [oneDigit, KnownPatterns.gpt2], composes: true)
    ),
    (
      ["qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez"],
      GGUFPreTokenizer(patterns: [KnownPatterns.lines(digits: oneDigit)], composes: true)
    ),
    (
      ["stablelm2", "hunyuan", "solar-open", "grok-2"],
      GGUFPreTokenizer(patterns: [KnownPatterns.lines(digits: oneDigit)])
    ),
    (
      ["qwen35"],
      GGUFPreTokenizer(
        patterns: [KnownPatterns.lines(digits: oneDigit, letters: #"\p{L}\p{M}"#)], composes: true)
    ),
    (
      [
        "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
        "jina-v5-nano",
      ],
      GGUFPreTokenizer(
        patterns: [KnownPatterns.lines(digits: threeDigits)], ignoresMerges: true, addsStart: true)
    ),
    (
      ["dbrx", "smaug-bpe", "chatglm-bpe"],
      GGUFPreTokenizer(patterns: [KnownPatterns.lines(digits: threeDigits)])
    ),
    (
      ["glm4", "glm5"],
      GGUFPreTokenizer(patterns: [KnownPatterns.lines(digits: threeDigits)], ignoresMerges: true)
    ),
    (
      ["minicpm5"],
      GGUFPreTokenizer(
        patterns: [threeDigits, KnownPatterns.lines(digits: #"\p{N}+"#)], ignoresMerges: true)
    ),
    (
      ["jais-2"],
      GGUFPreTokenizer(patterns: [
        KnownPatterns.lines(digits: threeDigits).replacingSuffix(
          #"\s+(?!\S)|\s+"#,
          by: [512, 256, 128, 64, 32, 16, 8, 4].map { #"\s{\#($0)}(?!\S)|"# }.joined()
            + #"\s{1,2}(?!\S)|\s{1}"#)
      ])
    ),
    (
      ["gpt-4o", "llama4", "kanana2", "minimax-m2"],
      GGUFPreTokenizer(patterns: [KnownPatterns.cased(digits: threeDigits)])
    ),
    (
      ["tiny_aya"],
      GGUFPreTokenizer(patterns: [
        #"\d{1,3}(?=(?:\d{3})*\b)"#, KnownPatterns.cased(digits: threeDigits),
      ])
    ),
    (
      ["tekken"],
      GGUFPreTokenizer(
        patterns: [KnownPatterns.cased(contractions: "", digits: oneDigit)], ignoresMerges: true,
        addsStart: true)
    ),
    (
      ["kimi-k2"],
      GGUFPreTokenizer(patterns: [
        #"[\p{Han}]+|"#
          + KnownPatterns.cased(
            digits: threeDigits, without: #"&&[^\p{Han}]"#, lineEnds: #"[\r\n]*"#)
      ])
    ),
    (
      ["youtu"],
      GGUFPreTokenizer(
        patterns: [
          "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥\u{3040}-ゟ゠-ヿ]+",
          KnownPatterns.cased(digits: oneDigit),
        ], ignoresMerges: true)
    ),
    (
      ["deepseek-llm"],
      GGUFPreTokenizer(patterns: [
        "[\r\n]", #"\s?[\#(KnownPatterns.casedLetters)]+"#, "\\s?[!-/:-~！-／：-～‘-‟\u{3000}-。]+",
        #"\s+$"#, "[一-龥\u{800}-一가-\u{D7FF}]+", oneDigit,
      ])
    ),
    (
      ["deepseek-coder"],
      GGUFPreTokenizer(patterns: [
        "[\r\n]", #"\s?\p{L}+"#, #"\s?\p{P}+"#, "[一-龥\u{800}-一가-\u{D7FF}]+", oneDigit,
      ])
    ),
    (
      ["deepseek-v3", "step35", "hunyuan-dense", "joyai-llm"],
      GGUFPreTokenizer(patterns: [
        threeDigits, "[一-龥\u{3040}-ゟ゠-ヿ]+", KnownPatterns.signs,
      ])
    ),
    (
      ["falcon"],
      GGUFPreTokenizer(patterns: [
        #"[\p{P}\$\+<=>\^~\|`]+"#, KnownPatterns.gpt2, "[0-9][0-9][0-9]",
      ])
    ),
    (
      ["bloom", "poro-chat", "gpt3-finnish"],
      GGUFPreTokenizer(patterns: [KnownPatterns.bloom])
    ),
    (["viking"], GGUFPreTokenizer(patterns: [KnownPatterns.bloom, oneDigit])),
    (["superbpe"], GGUFPreTokenizer(patterns: [#"\p{N}+"#, #"(?=(\d{3})+(?!\d))"#])),
    (
      ["bailingmoe", "bailingmoe2", "llada-moe"],
      GGUFPreTokenizer(patterns: [
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
          + #"|\s*[\r\n]|\s+(?!\S)|\s+"#
      ])
    ),
    (
      ["seed-coder"],
      GGUFPreTokenizer(patterns: [
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}"#
          + #"| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"#
      ])
    ),
    (
      ["exaone-moe"],
      GGUFPreTokenizer(patterns: [
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}"#
          + #"| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#
      ])
    ),
    (
      ["chameleon"],
      GGUFPreTokenizer(
        patterns: [
          "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", "([\\t\\n]|    |  )",
          oneDigit,
          #"[\p{P}!-/:-@\[-`{-~]"#, KnownPatterns.gpt2,
        ], addsStart: true)
    ),
  ]
}

extension String {
  /// Ends in `other` where it ended in `suffix`.
  fileprivate func replacingSuffix(_ suffix: String, by other: String) -> String {
    hasSuffix(suffix) ? dropLast(suffix.count) + other : self
  }
}
