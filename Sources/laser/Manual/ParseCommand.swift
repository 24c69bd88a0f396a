import ArgumentParser
import Foundation

/// `laser parse` — what the parser says of command lines, none of which is run: for `make docs-check`.
struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse", abstract: "Says of command lines whether they are well-formed.",
    discussion: """
      Standard input has a JSON array of words a line, without laser itself. A line of the answer is an object whose \
      error is empty where the parser takes the words.
      """,
    shouldDisplay: false)

  /// What is said of one command line.
  private struct Answer: Encodable {
    let error: String
  }

  func run() throws {
    while let line = readLine() {
      let words = try JSONDecoder().decode([String].self, from: Data(line.utf8))
      try Output.json(Answer(error: Self.fault(of: words)))
    }
  }

  /// What the parser finds wrong with `words`; empty where it takes them.
  static func fault(of words: [String]) -> String {
    do {
      _ = try Laser.parseAsRoot(words)
      return ""
    } catch {
      return Laser.exitCode(for: error) == .success ? "" : Laser.message(for: error)
    }
  }
}
