import Foundation

/// The Python with llama.cpp in it that some references are computed by.
enum LlamaPython {
  /// Its path; nil when `LASER_PYTHON` names none, or one without llama.cpp.
  static let path: String? = {
    guard let path = ProcessInfo.processInfo.environment["LASER_PYTHON"] else { return nil }
    return (try? run(path, ["-c", "import gguf, xllamacpp"])) == 0 ? path : nil
  }()

  /// Runs it to its end, without its standard error.
  ///
  /// - Returns: The exit code.
  static func run(_ path: String, _ arguments: [String]) throws -> Int32 {
    let python = Process()
    python.executableURL = URL(fileURLWithPath: path)
    python.arguments = arguments
    python.standardError = FileHandle.nullDevice
    try python.run()
    python.waitUntilExit()
    return python.terminationStatus
  }
}
