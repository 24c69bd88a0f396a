import Foundation

/// What lies outside of the repository and may be absent.
enum TestResources {
  /// The folder of real data that the environment variable `LASER_DATA` names.
  static let data = ProcessInfo.processInfo.environment["LASER_DATA"].map {
    URL(fileURLWithPath: $0, isDirectory: true)
  }

  /// The GGUF file of SmolLM2-135M-Instruct where `make model` puts it; nil when it was not fetched.
  static let smolLM2 = cached("SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf")

  /// A model where `make test-models` puts it; nil when it was not fetched.
  static func model(_ name: String) -> URL? { cached("test-models/\(name)") }

  private static func cached(_ path: String) -> URL? {
    let environment = ProcessInfo.processInfo.environment
    let cache =
      environment["XDG_CACHE_HOME"].map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache")
    let file = cache.appendingPathComponent("laser/\(path)")
    return FileManager.default.fileExists(atPath: file.path) ? file : nil
  }

  /// A committed fixture.
  static func fixture(_ path: String) -> URL {
    Bundle.module.bundleURL.appendingPathComponent("Fixtures/\(path)")
  }
}
