import Files
import Foundation
import Numerics
import Testing

@testable import LanguageModels

/// Hugging Face folders that are made of small GGUF files.
@Suite struct GGUFToFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let tokens =
    ["<unk>", "<s>", "</s>", "\u{2581}", "a", "\u{2581}a", "<|end|>", "<user>"]
    + (8..<40).map { "x\($0)" }

  /// A file with a sentencepiece tokenizer.
  private func model(named name: String, kinds: [Int32]?) throws -> URL {
    var tiny = TinyGGUF()
    tiny.extend = { builder in
      builder.add("general.name", name)
      builder.add("tokenizer.ggml.model", "llama")
      builder.add("tokenizer.ggml.tokens", Self.tokens)
      let list = GGUFBuilder.integer(UInt32(6)) + GGUFBuilder.integer(UInt64(Self.tokens.count))
      builder.add(
        "tokenizer.ggml.scores", type: 9,
        list + Self.tokens.indices.flatMap { GGUFBuilder.integer((-Float($0)).bitPattern) })
      if let kinds { builder.add("tokenizer.ggml.token_type", kinds) }
    }
    try AtomicFile.write(tiny.bytes, to: folder["m.gguf"])
    return folder["m.gguf"]
  }

  private func exported(_ file: URL) throws -> URL {
    _ = try ModelExport(Llama(Checkpoint(file)), to: folder["out"])
    return folder["out"]
  }

  private static let kinds: [Int32] = [2, 3, 3, 1, 1, 1, 3, 4] + Array(repeating: 1, count: 32)

  @Test(arguments: [
    ("Phi-3-mini", [1, 6, 5, 7, 5, 7, 5]), ("another", [1, 6, 3, 5, 7, 5, 7, 5]),
  ])
  func `a folder finds the tokens of a file in a text as the file does, with the spaces they take`(
    name: String, ids: [Int]
  ) throws {
    let file = try model(named: name, kinds: Self.kinds)
    // llama.cpp puts a space before what follows a token, too; Phi-3's own tokens take the spaces behind them.
    let text = "<|end|> a<user>a<user>a"
    for url in [file, try exported(file)] {
      #expect(
        try Tokenizer(contentsOf: url).encode(text, addingSpecialTokens: true) == ids, "\(url)")
    }
  }

  @Test func `a file that does not say what its tokens are is written all the same`() throws {
    let file = try model(named: "m", kinds: nil)
    for url in [file, try exported(file)] {
      #expect(
        try Tokenizer(contentsOf: url).encode("a", addingSpecialTokens: true) == [1, 5], "\(url)")
    }
  }

  @Test func `a file whose tokenizer is damaged becomes a folder without one, which is said`()
    throws
  {
    var tiny = TinyGGUF()
    tiny.extend = { builder in
      builder.add("tokenizer.ggml.model", "llama")
      builder.add("tokenizer.ggml.tokens", ["a"])
    }
    try AtomicFile.write(tiny.bytes, to: folder["m.gguf"])
    let export = try ModelExport(Llama(Checkpoint(folder["m.gguf"])), to: folder["out"])
    #expect(!export.hasTokenizer)
    #expect(try Llama(Checkpoint(folder["out"])).shape.layerCount == 2)
  }

  @Test func `the gain of a norm that is quantised is written in 32 bits`() throws {
    try AtomicFile.write(TinyGGUF(norms: .q80).bytes, to: folder["m.gguf"])
    let model = try Llama(Checkpoint(folder["m.gguf"]))
    let export = try ModelExport(model, to: folder["out"])
    let written = try Llama(Checkpoint(folder["out"]))
    #expect(
      try Inference(written).logits(of: [1, 2, 3]) == Inference(model).logits(of: [1, 2, 3]))
    let file = try GGUFFile(folder["m.gguf"])
    #expect(export.bytesBefore == file.tensors.values.reduce(0) { $0 + $1.byteCount })
  }
}
