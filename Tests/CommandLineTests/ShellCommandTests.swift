import Foundation
import Testing

@testable import laser

@Suite struct ShellCommandTests {
  @Test(arguments: [
    ["laser", "search", "--edit", "Uin:*:0.1"],
    ["it's", "it'\u{301}s", "a b", "", "$HOME", "~", "-o", "x\ny"],
    Array(repeating: "a rather long word", count: 20),
  ])
  func `the shell reads a command back word by word`(words: [String]) throws {
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", "printf '%s\\0' " + ShellCommand(words).text]
    let pipe = Pipe()
    shell.standardOutput = pipe
    try shell.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    shell.waitUntilExit()
    #expect(
      data.split(separator: 0, omittingEmptySubsequences: false).dropLast()
        .map { String(decoding: $0, as: UTF8.self) } == words)
  }

  @Test func `plain words stay as they are and long commands have several lines`() {
    #expect(
      ShellCommand(["laser", "search", "--rhos", "0.9,0.1"]).text == "laser search --rhos 0.9,0.1")
    let long = ShellCommand(Array(repeating: "episodes/one-box.txt", count: 12)).text
    #expect(long.split(separator: "\n").allSatisfy { $0.count <= 96 })
  }

  @Test func `a file is linked from the page's folder`() {
    let page = URL(filePath: "/runs/demo")
    #expect(
      RunFacts.path(to: URL(filePath: "/runs/demo/search/a.json"), from: page) == "search/a.json")
    #expect(RunFacts.path(to: URL(filePath: "/runs/other/a.json"), from: page) == "../other/a.json")
  }
}
