import Foundation
import LaserOps
import Reports

/// What a report says of a run: model, data, options and program, how long it took, the command that repeats it, and
/// the files beside the page that have everything.
struct RunFacts {
  /// What the run is of, by name, in reading order.
  let facts: [(name: String, value: String)]
  /// The command that repeats it; nil where that is not known.
  let command: String?
  /// The time that the work took, in seconds; nil where it was not measured.
  let seconds: Double?
  /// Files with the raw results; those that are missing are not named.
  let files: [URL]
  /// The page, from which the files are linked.
  let page: URL

  var markup: [Markup] {
    var rows = facts.filter { !$0.value.isEmpty }.map { [$0.name, $0.value] }
    if let seconds { rows.append(["time", ProgressBar.duration(seconds)]) }
    var contents = [
      ReportTable(headings: ["what", "value"], rows: rows, isProse: true).markup
    ]
    if let command, !command.isEmpty { contents += Self.commands([command]) }
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

extension RunHeader {
  /// What a report says of the run, in reading order.
  var facts: [(name: String, value: String)] {
    let (scoring, split) = (identity.scoring, identity.split)
    let isPlayed = vocabulary.example == SearchReport.Vocabulary.policy.example
    let parts = split.map { split in
      [
        split.validation.map { "\($0) validation, \(split.test) test" } ?? "all \(split.test)",
        split.fingerprint ?? "",
      ].filter { !$0.isEmpty }.joined(separator: ", ")
    }
    let data = identity.data.sorted { $0.key < $1.key }.map { name, data -> (String, String?) in
      let words = [data.count.map(String.init), data.fingerprint].compactMap(\.self)
      return ("\(name), fingerprint", words.joined(separator: ", "))
    }
    var texts: [(String, String?)] = [
      ("task", scoring?.task), ("variant", scoring?.rules["variant"]?.text),
      (isPlayed ? "policy" : "model", provenance.model),
      ("fingerprint of the model", identity.model),
      (isPlayed ? "levels" : "data", provenance.data.joined(separator: ", ")),
    ]
    texts += data
    texts += [
      ("split, fingerprint", parts), ("options", scoring?.text),
      ("version of the scoring", (scoring?.rules["version"]?.integer).map(String.init)),
      ("edits", identity.edits),
      ("race", identity.race.map { "risk \($0.risk), seed \($0.seed)" }),
      ("shares", identity.shards.map(String.init)), ("program", provenance.program),
    ]
    return texts.map { ($0, $1 ?? "") }
  }
}
