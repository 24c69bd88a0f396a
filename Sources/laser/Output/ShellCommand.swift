import Foundation

/// A command as a person types it: words are quoted where the shell needs it, long lines are broken.
struct ShellCommand: Equatable {
  let words: [String]

  init(_ words: [String]) { self.words = words }

  /// The command that this process was started with, by the program's name and not its path.
  static var current: ShellCommand {
    ShellCommand(["laser"] + CommandLine.arguments.dropFirst())
  }

  private static let width = 92
  private static let plain = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-")

  /// The command in one line.
  var line: String { words.map(Self.quoted).joined(separator: " ") }

  /// The command in lines that a page has room for.
  var text: String {
    var lines: [String] = []
    var line = ""
    for word in words.map(Self.quoted) {
      if !line.isEmpty, line.count + word.count + 1 > Self.width {
        lines.append(line)
        line = "  " + word
      } else {
        line += line.isEmpty ? word : " " + word
      }
    }
    return (lines + [line]).joined(separator: " \\\n")
  }

  /// A word as the shell reads it back.
  static func quoted(_ word: String) -> String {
    guard word.isEmpty || !word.allSatisfy(plain.contains) else { return word }
    // By scalars: a quote with an accent behind it is another character, and to the shell a quote.
    let escaped = word.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined()
    return "'" + escaped + "'"
  }
}
