import ArgumentParser
import Foundation
import LaserOps

/// `laser status` — how far a search is, of one process or many.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Says how far a search is, share by share; ends with code 75 until all is tried.")

  @Argument(help: "The output folder of laser search.", completion: .file())
  var folder: String
  @OptionGroup var format: OutputOptions

  func run() throws {
    let run = RunFolder(URL(userPath: folder))
    let script = run.url.appendingPathComponent(SlurmArray.script)
    if try run.header == nil, FileManager.default.fileExists(atPath: script.path) {
      if format.isJSON { try Output.json(["finished": false]) }
      Output.note(
        "no share has begun yet; squeue says what its tasks wait for, and where it has none, share-0.log why they ended"
      )
      throw ExitCode(Interruption.code)
    }
    let status = try RunStatus(of: run)
    if format.isJSON { try Output.json(status) } else { print(status.text) }
    if status.missing > 0 || status.hasEarlierResult { throw ExitCode(Interruption.code) }
  }
}

extension RunStatus {
  /// The status for a person.
  var text: String {
    func left(_ seconds: Double?) -> String {
      seconds.map { ", \(ProgressBar.duration($0)) left" } ?? ""
    }
    var lines = [
      "\(done) of \(total) edits\(missing > 0 ? left(secondsLeft) : "")"
        + (isFinished
          ? "; the result is there"
          : hasEarlierResult
            ? "; the result that is there is of an earlier grid"
            : missing == 0 ? "; laser merge makes the result" : "")
    ]
    lines += shares.map { share in
      // In a file of several shares nothing says when those before the last one wrote.
      let silent =
        share.lastLine.map { ", last line \(ProgressBar.duration($0)) ago" }
        ?? (share.done == 0 ? ", not begun" : "")
      return "share \(share.share): \(share.done) of \(share.total)"
        + (share.done < share.total ? left(share.secondsLeft) + silent : "")
    }
    if let oldestLine {
      lines.append("silent for longest: \(ProgressBar.duration(oldestLine))")
    }
    return lines.joined(separator: "\n")
  }
}
