import Foundation
import Testing

/// The command in result.json, of searches and of studies.
@Suite struct RecordedCommandTests {
  /// The words of the command in a result's file, as the shell reads them.
  private static func words(_ runner: CommandRunner, _ folder: String) throws -> [String] {
    let data = try Data(contentsOf: runner.folder.appending(path: "\(folder)/result.json"))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", "printf '%s\\n' " + (try #require(object["command"] as? String))]
    let pipe = Pipe()
    shell.standardOutput = pipe
    try shell.run()
    let text = pipe.fileHandleForReading.readDataToEndOfFile()
    shell.waitUntilExit()
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test(arguments: [["search"], ["study", "layers"], ["study", "compose"]])
  func `a result has the command that asked for it last, quoted for the shell`(
    command: [String]
  ) throws {
    try StudyCommandTests.inFolder { runner in
      let folder = "it's an 'out' folder"
      let first = command + StudyCommandTests.source + ["--kinds", "Uin", "--rhos", "0.5"]
      let second = first + ["--layers", "0-1,2"]
      for arguments in [first, second] {
        let result = try runner.laser(arguments + ["-o", folder])
        #expect(result.status == 0, "\(result.errors)")
        #expect(try Self.words(runner, folder) == ["laser"] + arguments + ["-o", folder])
      }
      // The journal is the first command's, the page shows the second's.
      let page = try String(
        contentsOf: runner.folder.appending(path: "\(folder)/report.html"), encoding: .utf8)
      #expect(page.contains("--layers 0-1,2"))
    }
  }
}
