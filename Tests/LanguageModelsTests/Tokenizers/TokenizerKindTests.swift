import Foundation
import Numerics
import Testing

@testable import LanguageModels

/// One small tokenizer of each kind that models have, with ids by the libraries that they come with.
@Suite(.enabled(if: TestResources.data != nil, "LASER_DATA names no models/tokenizers"))
struct TokenizerKindTests {
  static let folder: URL? = {
    guard let data = ProcessInfo.processInfo.environment["LASER_DATA"] else { return nil }
    let url = URL(fileURLWithPath: data).appendingPathComponent("models/tokenizers")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }()
  static let names: [String] = {
    guard let folder,
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    else { return [] }
    return names.filter { name in
      name.hasSuffix(".gguf")
        || FileManager.default.fileExists(
          atPath: folder.appendingPathComponent("\(name)/gold.json").path)
    }.sorted()
  }()

  @Test(arguments: names)
  func `ids are those of the library, or the tokenizer is refused`(name: String) throws {
    let folder = try #require(Self.folder)
    let url = folder.appendingPathComponent(name)
    let gold = try JSONValue(
      contentsOf: name.hasSuffix(".gguf")
        ? url.deletingPathExtension().appendingPathExtension("gold.json")
        : url.appendingPathComponent("gold.json"))
    if gold["expect"]?.string == "refuse" {
      let error = #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: url) }
      #expect(error?.description.lowercased().contains("unigram") == true)
      return
    }
    let tokenizer = try Tokenizer(contentsOf: url)
    #expect(tokenizer.warnings.isEmpty)
    for golden in gold["cases"]?.elements ?? [] {
      let text = golden["text"]?.string ?? ""
      for (key, special) in [("ids", false), ("ids_special", true)] {
        let right = [golden[key], golden["also"]?[key]].compactMap { $0?.elements }
          .map { $0.compactMap(\.integer) }
        guard !right.isEmpty else { continue }
        let ids = try tokenizer.encode(text, addingSpecialTokens: special)
        #expect(right.contains(ids), "\(name), \(text.debugDescription)")
      }
    }
  }
}
