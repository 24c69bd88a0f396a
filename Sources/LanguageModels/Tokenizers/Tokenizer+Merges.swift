extension Tokenizer {
  /// Ranks the merges of a file and checks that they name and make tokens.
  ///
  /// - Parameters:
  ///   - pairs: The two tokens of each merge as the file writes them, first merge first.
  ///   - vocabulary: The tokens that the merges may name.
  ///   - file: Where the merges come from, for messages.
  ///   - mark: What the second token of a merge has before its text, which the result leaves out.
  /// - Returns: The merges by ids.
  /// - Throws: ``TokenizerError/unknownTokenInMerge(index:token:file:)``.
  static func merges(
    _ pairs: [(String, String)], vocabulary: Vocabulary, file: String, cutting mark: String = ""
  ) throws -> BytePairMerges {
    var merges = BytePairMerges(capacity: pairs.count)
    for (index, pair) in pairs.enumerated() {
      func id(_ token: String) throws -> Int {
        guard let id = vocabulary.id(of: token) else {
          throw TokenizerError.unknownTokenInMerge(index: index, token: token, file: file)
        }
        return id
      }
      let rest =
        pair.1.utf8.starts(with: mark.utf8)
        ? pair.1.utf8.dropFirst(mark.utf8.count) : pair.1.utf8[...]
      let whole = pair.0 + String(decoding: rest, as: UTF8.self)
      merges.add(try id(pair.0), try id(pair.1), result: try id(whole), rank: index)
    }
    return merges
  }

  /// The two tokens of a merge written with a space between them.
  ///
  /// - Throws: ``TokenizerError/malformedMerge(index:found:file:)``.
  static func pair(_ text: some StringProtocol, index: Int, file: String) throws -> (String, String)
  {
    // Not by characters: a mark that starts the second token would swallow the space.
    let parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw TokenizerError.malformedMerge(index: index, found: String(text), file: file)
    }
    return (String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self))
  }
}
