import Foundation

/// The folder that `make model` fetches models into.
enum ModelCache {
  /// `laser` in the user's cache.
  static var folder: URL {
    let cache =
      ProcessInfo.processInfo.environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? "~/.cache"
    return URL(userPath: cache).appendingPathComponent("laser")
  }

  /// The model that `make model` fetches.
  static var smolLM2: URL {
    folder.appendingPathComponent("SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf")
  }

  /// The GGUF files in the cache, by name.
  static var models: [URL] {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "gguf" }
      .sorted { $0.path < $1.path }
  }
}
