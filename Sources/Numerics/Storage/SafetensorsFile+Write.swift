internal import Files
package import Foundation

extension SafetensorsFile {
  /// Replaces the file at `url` by one with these tensors; the same tensors give the same bytes.
  ///
  /// - Parameters:
  ///   - entries: The tensors, in any order; wide elements come first in the file and names are sorted, so that
  ///     every tensor starts at a multiple of its element's size.
  ///   - url: The file.
  ///   - metadata: Strings for `__metadata__`, besides `format: pt`, without which transformers
  ///     refuses the file.
  /// - Precondition: No two entries have the same name.
  /// - Throws: ``StorageError``; the file at `url` is then what it was.
  package static func write(
    _ entries: [SafetensorsEntry], to url: URL, metadata: [String: String] = [:]
  ) throws {
    let sorted = entries.sorted {
      ($1.type.blockBytes, $0.name) < ($0.type.blockBytes, $1.name)
    }
    var counts: [Int] = []
    var names: Set<String> = []
    for entry in sorted {
      precondition(names.insert(entry.name).inserted, "'\(entry.name)' is written twice")
      do {
        counts.append(try entry.type.byteCount(shape: entry.shape))
      } catch {
        throw StorageError.invalidTensor(tensor: entry.name, file: url.path, fault: error)
      }
    }
    let header = header(sorted, counts, metadata)
    try AtomicFile.write(to: url) { output in
      try withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { try output.write($0) }
      try output.write(header.utf8)
      for (entry, count) in zip(sorted, counts) {
        let start = output.count
        try entry.write(&output)
        precondition(
          output.count - start == count,
          "'\(entry.name)' wrote \(output.count - start) bytes of \(count)")
      }
    }
  }

  private static func header(
    _ entries: [SafetensorsEntry], _ counts: [Int], _ metadata: [String: String]
  ) -> String {
    let strings = metadata.merging(["format": "pt"]) { own, _ in own }
      .sorted { $0.key < $1.key }
      .map { "\(JSONValue.quoted($0.key)):\(JSONValue.quoted($0.value))" }
    var members = ["\"__metadata__\":{\(strings.joined(separator: ","))}"]
    var offset = 0
    for (entry, count) in zip(entries, counts) {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        JSONValue.quoted(entry.name) + ":{\"dtype\":\"\(entry.type)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(offset + count)]}")
      offset += count
    }
    let text = "{\(members.joined(separator: ","))}"
    // Spaces up to a multiple of eight, so that the data are aligned when the file is mapped.
    return text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
  }
}

extension JSONValue {
  /// `text` as a JSON string, with its quotes.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
