import Foundation
import Testing

/// Runs the built `laser` as a user would, in a process of its own.
struct CommandRunner {
  /// What a finished command left behind.
  struct Result {
    let status: Int32
    let output: String
    let errors: String

    /// The lines of standard output as JSON objects.
    func objects() throws -> [[String: Any]] {
      try output.split(separator: "\n").map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
    }
  }

  /// The folder that the command's files go to; removed when the runner's test ends.
  let folder: URL

  /// Runs a test in a fresh folder.
  static func inFolder<Value>(_ body: (CommandRunner) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "laser-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(CommandRunner(folder: folder))
  }

  /// The binary lies beside the test bundle.
  static let binary = Bundle.module.bundleURL.deletingLastPathComponent()
    .appending(path: "laser")

  /// Runs `laser` with `arguments` in the folder.
  func laser(_ arguments: String...) throws -> Result { try laser(arguments) }

  /// Runs `laser` with `arguments` in the folder.
  ///
  /// - Parameters:
  ///   - arguments: The words of the command.
  ///   - environment: Variables beside those of the test.
  /// - Returns: What it left behind.
  /// - Throws: What keeps it from starting.
  func laser(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Result {
    try run(Self.binary, arguments, environment: environment)
  }

  /// Runs another program in the folder.
  func run(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Result {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Files, not pipes: a pipe that nobody empties stops the command.
    let output = folder.appending(path: "stdout-\(UUID().uuidString)")
    let errors = folder.appending(path: "stderr-\(UUID().uuidString)")
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(
      process.terminationReason == .exit, "a signal ended \(program.lastPathComponent) \(arguments)"
    )
    return Result(
      status: process.terminationStatus,
      output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  /// Starts `laser` with `arguments` in the folder, and variables beside those of the test, and does not wait for it.
  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Process {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.executableURL = Self.binary
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// The text of a folder's result.json without the command, in which folders differ.
  func result(in folder: String) throws -> String {
    try String(
      contentsOf: self.folder.appending(path: "\(folder)/result.json"), encoding: .utf8
    ).split(separator: "\n").filter { !$0.hasPrefix("  \"command\" : ") }.joined(separator: "\n")
  }

  /// Writes a file into the folder and gives its path.
  func write(_ text: String, to name: String) throws -> String {
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}
