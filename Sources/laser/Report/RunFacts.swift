import Reports
import Foundation

/// What a report says of a run: model, data, options and program, how long it took, the command that repeats it, and
/// the files beside the page that have everything.
struct RunFacts {
  /// What the run's journal says of itself.
  let about: [String: String]
  /// The time that the work took, in seconds; nil where it was not measured.
  let seconds: Double?
  /// Files with the raw results; those that are missing are not named.
  let files: [URL]
  /// The page, from which the files are linked.
  let page: URL

  /// What a journal's header says beside its model and data: which program wrote it, and how it was called.
  static func remarks(_ remarks: [String: String]) -> [String: String] {
    remarks.merging(
      ["program": "laser \(Version.text)", "command": ShellCommand.current.text]
    ) { first, _ in first }
  }

  /// Names of a header's keys, in reading order; others follow under their own names.
  private static let names = [
    ("task", "task"), ("variant", "variant"), ("path", "model"), ("policy", "policy"),
    ("model", "fingerprint of the model"), ("files", "data"), ("levels", "levels"),
    ("data", "fingerprint of the levels"), ("questions", "questions, fingerprint"),
    ("split", "split, fingerprint"), ("options", "options"), ("scoring", "version of the scoring"),
    ("race", "race"),
    ("program", "program"),
  ]

  var markup: [Markup] {
    let known = Set(Self.names.map(\.0)).union(["command"])
    var rows = Self.names.compactMap { key, name in
      about[key].flatMap { $0.isEmpty ? nil : [name, $0] }
    }
    rows += about.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
      .map { [$0.key, $0.value] }
    if let seconds { rows.append(["time", ProgressBar.duration(seconds)]) }
    var contents = [
      ReportTable(headings: ["what", "value"], rows: rows, isProse: true).markup
    ]
    if let command = about["command"] { contents += Self.commands([command]) }
    return contents + [links].compactMap(\.self)
  }

  /// Commands to copy.
  static func commands(_ commands: [String]) -> [Markup] {
    [
      .paragraph(
        "The same again; with a new folder after -o it starts afresh, with the old one it goes on or repeats the result:"
      ),
      .element("pre", [:], .text(commands.joined(separator: "\n"))),
    ]
  }

  private var links: Markup? {
    let links = files.filter { FileManager.default.fileExists(atPath: $0.path) }
      .map { file in
        let path = Self.path(to: file, from: page.deletingLastPathComponent())
        return Markup.element(
          "a",
          ["href": path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path],
          .text(path))
      }
    guard !links.isEmpty else { return nil }
    return .element("p", [:], [.text("Everything as numbers: ")] + [links.joined(by: ", ")])
  }

  /// The way from a folder to a file, so that both can be moved together.
  static func path(to file: URL, from folder: URL) -> String {
    let target = file.standardizedFileURL.pathComponents
    let start = folder.standardizedFileURL.pathComponents
    let shared = zip(target, start).prefix { $0 == $1 }.count
    return
      (Array(repeating: "..", count: start.count - shared) + target.dropFirst(shared))
      .joined(separator: "/")
  }
}
