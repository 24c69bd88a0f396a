import ArgumentParser
import Foundation
import LaserOps

/// `laser merge` — the result of a search of many processes.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Puts the shares of a search together: result, composition, side effects, report.",
    discussion: """
      The folder says which search it is of. Shares that are not finished are named, and the command ends with code 75; \
      with --fill it tries what is missing itself.

      The composition of --compose begins when all shares are finished. Several merges at the same time share its trials: \
      for i in 0 1 2 3; do laser merge run --merger $i/4 & done
      """)

  @Argument(help: "The folder that the shares have written.", completion: .file())
  var folder: String
  @Flag(help: "Try what is missing instead of naming it.")
  var fill = false
  @Option(
    help: ArgumentHelp(
      "For a search with --compose: which of n merges at the same time this is, from 0.",
      valueName: "i/n"))
  var merger: Shard?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard merger == nil || !fill else {
      throw ValidationError(
        "--fill is for one merge: let it finish, then start several with --merger.")
    }
  }

  func run() throws {
    let run = RunFolder(URL(userPath: folder))
    try run.checkIsNoStudy()
    let (headers, _) = try run.read(as: Trial.self)
    guard !headers.isEmpty else { throw RunError.noRun(folder: run.url.path) }
    // An earlier merge may have left lines of its own.
    let searches = headers.filter { $0.provenance.arguments.first == "search" }
    guard let header = searches.first(where: { $0.identity.shards != nil }) ?? searches.last,
      header.version == RunHeader.currentVersion
    else { throw MergeError.notASearch(folder: run.url.path) }
    let words = header.provenance.arguments
    let path = run.url.standardizedFileURL.path
    let directory = header.provenance.directory
    guard FileManager.default.changeCurrentDirectoryPath(directory) else {
      throw MergeError.noDirectory(directory)
    }
    var command = try SearchCommand.parse(Array(words.dropFirst()))
    command.output = path
    command.sharing.merge = true
    command.sharing.fill = fill
    command.sharing.merger = merger
    guard merger == nil || command.compose && command.sharing.count != nil else {
      throw MergeError.nothingToShare(folder: run.url.path)
    }
    command.sharing.original = ShellCommand(["laser"] + Self.undivided(words)).text
    if threads.count != nil { command.source.threads = threads }
    if format.isJSON { command.format.isJSON = true }
    try command.run()
  }
}

extension MergeCommand {
  /// The words of a share's command without those that divide the search.
  static func undivided(_ words: [String]) -> [String] {
    var result: [String] = []
    var isValue = false
    for word in words {
      if isValue {
        isValue = false
      } else if ["--shard", "--shards"].contains(word) {
        isValue = true
      } else if !["--shard=", "--shards="].contains(where: word.hasPrefix) {
        result.append(word)
      }
    }
    return result
  }
}

/// Why a folder cannot be merged.
enum MergeError: Error, Equatable, CustomStringConvertible {
  /// The folder of something else than a search.
  case notASearch(folder: String)
  /// The folder that relative paths started from is gone.
  case noDirectory(String)
  /// Several merges of a search without a composition.
  case nothingToShare(folder: String)

  var description: String {
    switch self {
    case .notASearch(let folder):
      "\(folder) is not the folder of a laser search --shards; name the folder after its -o"
    case .noDirectory(let path):
      "the search was started in \(path), which is not here; start laser merge where that folder is"
    case .nothingToShare(let folder):
      "--merger shares the composition of a search with --compose and --shards, and that in \(folder) is none; leave out "
        + "--merger"
    }
  }
}
