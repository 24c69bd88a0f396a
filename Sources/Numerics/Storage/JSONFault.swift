/// Why a text is not the JSON that it should be.
package enum JSONFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// Something other than `expected` stands at byte `offset`.
  case unexpected(offset: Int, expected: String)
  /// The text ends inside a value.
  case endsEarly
  /// Values are nested deeper than `limit`.
  case tooDeep(limit: Int)
  /// An object has this key twice.
  case duplicateKey(String)

  /// What is wrong, and where.
  package var description: String {
    switch self {
    case .unexpected(let offset, let expected): "expected \(expected) at byte \(offset)"
    case .endsEarly: "it ends inside a value"
    case .tooDeep(let limit): "nested deeper than \(limit) levels"
    case .duplicateKey(let key): "an object has the key '\(key)' twice"
    }
  }
}
