import Numerics
import Foundation
import LaserOps

/// Ids that the references gave to texts.
struct TokenGoldens: Sendable {
  /// One text and the ids that each tokenizer makes of it.
  struct Golden: Sendable {
    let text: String
    let ids: [String: [Int]]
  }

  let goldens: [Golden]

  init(_ name: String) throws {
    let json = try JSONValue(contentsOf: TestResources.fixture("tokenizers/\(name)"))
    goldens = (json.elements ?? []).map { entry in
      let digits = Array((entry["hex"]?.string ?? "").utf8)
      let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
      }
      let ids = (entry.members ?? []).compactMap { key, value in
        value.elements.map { (key, $0.compactMap(\.integer)) }
      }
      return Golden(
        text: String(decoding: bytes, as: UTF8.self),
        ids: Dictionary(uniqueKeysWithValues: ids))
    }
  }

  /// FNV-1a over ids as 32-bit little-endian integers.
  static func hash(_ ids: [Int]) -> UInt32 {
    var value: UInt32 = 0x811C_9DC5
    for id in ids {
      for shift in stride(from: 0, to: 32, by: 8) {
        value = (value ^ UInt32(truncatingIfNeeded: id >> shift & 0xFF)) &* 0x0100_0193
      }
    }
    return value
  }
}
