internal import Numerics
internal import Synchronization

/// Which keys of a configuration a model has asked for, object by object, and what is to be said of the others.
final class KeyLog: Sendable {
  /// An object that has been looked into.
  struct Object {
    /// Its keys.
    let keys: [String]
    /// Those that are neither null nor false.
    let valued: Set<String>
    /// Those that were asked for, whether they are there or not.
    var asked: Set<String> = []

    /// Whether the value of `key` is neither null nor false.
    func isOn(_ key: String) -> Bool { valued.contains(key) }
  }

  private struct Content {
    var objects: [String: Object] = [:]
    var warnings: [String] = []
  }

  private let content = Mutex(Content())

  /// Notes that the object at `path` is read.
  func open(_ json: JSONValue, at path: String) {
    let members = json.members ?? []
    let valued = members.filter { !$0.value.isNull && $0.value.bool != false }
    let object = Object(keys: members.map(\.key), valued: Set(valued.map(\.key)))
    content.withLock { content in
      if content.objects[path] == nil { content.objects[path] = object }
    }
  }

  /// Notes that `key` of the object at `path` was asked for.
  func ask(_ key: String, at path: String) {
    content.withLock { _ = $0.objects[path]?.asked.insert(key) }
  }

  /// The objects that were read, by their paths.
  var objects: [String: Object] { content.withLock { $0.objects } }

  /// What may be wrong.
  var warnings: [String] {
    get { content.withLock { $0.warnings } }
    set { content.withLock { $0.warnings = newValue } }
  }
}
