import Foundation
import Numerics
import Testing

@testable import laser

@Suite struct ManualTests {
  @Test func `Every command that help shows has a manual page, with all its options`() throws {
    let commands = try CommandDescription.laser().family
    #expect(commands.count > 30)
    for command in commands {
      let page = ManualPage(command: command, version: "1.2.3")
      #expect(page.fileName == command.path.joined(separator: "-") + ".1")
      for argument in command.visibleArguments {
        for name in argument.names ?? [] {
          #expect(page.text.contains("\\fB\(ManualPage.escaped(name.text))\\fR"), "\(name.text)")
        }
      }
    }
    #expect(!commands.map(\.path).contains(["laser", "manual"]))
  }

  @Test(arguments: [
    ("--rhos 0.5", "\\-\\-rhos 0.5"), (".5 of all", "\\&.5 of all"), ("'a'", "\\&'a'"),
    ("a\\b", "a\\eb"), ("two\nlines", "two lines"),
  ])
  func `What roff would read as its own is escaped`(text: String, escaped: String) {
    #expect(ManualPage.escaped(text) == escaped)
  }

  @Test func `The pages are written, and no line of them is a request that man does not know`()
    throws
  {
    try CommandRunner.inFolder { runner in
      #expect(try runner.laser("manual", "-o", "man").status == 0)
      let folder = runner.folder.appending(path: "man")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.contains("laser-study-layers.1"))
      let known = [".TH", ".SH", ".TP", ".PP", ".B", ".BR", ".RS", ".RE", ".nf", ".fi"]
      for name in names {
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix(".") {
          #expect(known.contains(String(line.prefix { $0 != " " })), "\(name): \(line)")
        }
      }
    }
  }

  @Test(arguments: [
    (["doctor"], ""), (["help"], ""), (["search", "--help"], ""),
    (["generate", "--model", "m"], "Missing expected argument '--prompt <prompt>'"),
    (["doctor", "--fast"], "Unknown option '--fast'"),
  ])
  func `A command line is judged without being run`(words: [String], fault: String) {
    #expect(ParseCommand.fault(of: words).hasPrefix(fault))
    #expect(ParseCommand.fault(of: words).isEmpty == fault.isEmpty)
  }
}

@Suite struct InstallationTests {
  private func inFolder(_ body: (URL) throws -> Void) throws {
    try CommandRunner.inFolder { try body($0.folder) }
  }

  @Test func `What ships with the project is taken from where it was named, else where it is`()
    throws
  {
    let file = ShippedFile(
      pathInTree: "no/such/file", installedPath: "questions.json", option: "--questions")
    try inFolder { folder in
      #expect(try file.path(named: "mine", installed: folder) == "mine")
      let error = #expect(throws: ShippedFileError.self) {
        try file.path(named: nil, installed: folder)
      }
      #expect("\(try #require(error))".contains("--questions"))
      let installed = folder.appending(path: "questions.json")
      try Data("[]".utf8).write(to: installed)
      #expect(try file.path(named: nil, installed: folder) == installed.path)
    }
  }

  @Test
  func
    `Only a processor with all kernels goes on with the build for it, and only where there is one`()
    throws
  {
    let (narrow, wide) = (
      Processor.Vectors(bits: 256, multipliesBytes: false),
      Processor.Vectors(bits: 512, multipliesBytes: true)
    )
    try inFolder { folder in
      let binary = folder.appending(path: "laser")
      let other = folder.appending(path: FasterBuild.name)
      func path(_ built: Processor.Vectors, _ hasAllKernels: Bool, of binary: URL) -> String? {
        FasterBuild.path(beside: binary, built: built, hasAllKernels: hasAllKernels)
      }
      #expect(path(narrow, true, of: binary) == nil)
      try Data().write(to: other)
      #expect(path(narrow, true, of: binary) == nil, "a file that cannot be run")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: other.path)
      #expect(path(narrow, true, of: binary) == other.path)
      #expect(path(narrow, false, of: binary) == nil)
      #expect(path(wide, true, of: binary) == nil)
      #expect(path(narrow, true, of: other) == nil, "itself")
    }
  }

  @Test func `What is installed under a mask that hides files can be read by others`() throws {
    try CommandRunner.inFolder { runner in
      let script = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Scripts/install.sh")
      let prefix = runner.folder.appending(path: "prefix").path
      let installed = try runner.run(
        URL(filePath: "/bin/sh"),
        [
          "-c", "umask 077; exec \"$0\" \"$@\"", script.path, CommandRunner.binary.path, prefix,
        ])
      #expect(installed.status == 0, "\(installed.errors)")
      let files = try FileManager.default.subpathsOfDirectory(atPath: prefix)
      #expect(files.contains("share/zsh/site-functions/_laser"))
      for file in files {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(prefix)/\(file)")
        let mode = try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
        #expect(mode & 0o044 == 0o044, "\(file) has the mode \(String(mode, radix: 8))")
      }
    }
  }

  @Test func `Jobs on other machines start the build for any processor, where it is there`() throws
  {
    try inFolder { folder in
      let binary = folder.appending(path: "laser").path
      let other = folder.appending(path: FasterBuild.name).path
      #expect(FasterBuild.portable(other) == other)
      try Data().write(to: URL(filePath: binary))
      #expect(FasterBuild.portable(other) == other, "a file that cannot be run")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: binary)
      #expect(FasterBuild.portable(other) == binary)
      #expect(FasterBuild.portable(binary) == binary)
      let elsewhere = folder.appending(path: "laser-of-mine").path
      #expect(FasterBuild.portable(elsewhere) == elsewhere)
    }
  }
}
