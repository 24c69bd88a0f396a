internal import Files
package import Foundation

/// Edits that were chosen by data, written down so that they can be applied without it: `--edit @FILE`.
package struct EditFile: Codable, Equatable, Sendable {
  /// The kept components of one matrix.
  package struct Edit: Codable, Equatable, Sendable {
    /// The matrix, such as `Uin:27`, or `Uin:3#5` for an expert's.
    package let site: String
    /// The fingerprint of the matrix that the components are of.
    package let matrix: String
    /// How many components the matrix has.
    package let components: Int
    /// The numbers of those that are kept, from 0, ascending; that of the largest singular value first.
    package let kept: [Int]
  }

  /// The version of the format.
  package let version: Int
  /// The fingerprint of the model, for people; an edit is checked by its matrix.
  package let model: String
  /// The edits, in the order in which they are applied.
  package let edits: [Edit]
  /// How the edits were chosen.
  package let source: String

  enum CodingKeys: String, CodingKey {
    case version = "laser_edit"
    case model, edits, source
  }

  private static let currentVersion = 1

  /// Edits that keep components; nil where one of them does something else.
  package init?(_ interventions: [Intervention], model: String, source: String) {
    version = Self.currentVersion
    self.model = model
    self.source = source
    var edits: [Edit] = []
    for intervention in interventions {
      guard case .keep(let mask) = intervention.method else { return nil }
      let expert = intervention.expert.map { "#\($0)" } ?? ""
      edits.append(
        Edit(
          site: "\(intervention.kind.rawValue):\(intervention.layers)\(expert)",
          matrix: mask.matrix, components: mask.isKept.count, kept: mask.kept))
    }
    self.edits = edits
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: ``EditFileError``.
  package init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw EditFileError.cannotRead(path: path)
    }
    guard let found = try? JSONDecoder().decode(Version.self, from: data) else {
      throw EditFileError.notAnEdit(path: path, reason: "no JSON object with the key laser_edit")
    }
    guard found.version == Self.currentVersion else {
      throw EditFileError.version(found.version, path: path, known: Self.currentVersion)
    }
    do {
      self = try JSONDecoder().decode(EditFile.self, from: data)
    } catch {
      throw EditFileError.notAnEdit(path: path, reason: "a key is absent or of another type")
    }
    for edit in edits {
      guard (1...ComponentMask.largestCount).contains(edit.components) else {
        throw EditFileError.notAnEdit(
          path: path, reason: "\(edit.site) has \(edit.components) components")
      }
      var last = -1
      for number in edit.kept {
        guard number > last, number < edit.components else {
          throw EditFileError.component(
            number, site: edit.site, path: path, count: edit.components)
        }
        last = number
      }
    }
  }

  private struct Version: Decodable {
    let version: Int
    enum CodingKeys: String, CodingKey { case version = "laser_edit" }
  }

  /// The edits.
  ///
  /// - Throws: ``InterventionError`` for a site that is none.
  package var interventions: [Intervention] {
    get throws {
      try edits.map { edit in
        var isKept = [Bool](repeating: false, count: edit.components)
        for number in edit.kept { isKept[number] = true }
        return try Intervention(
          parsing: "keep:\(edit.site):\(ComponentMask(isKept, of: edit.matrix))")
      }
    }
  }

  /// Writes the edits as JSON.
  ///
  /// - Throws: `StorageError`.
  package func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(self)) + [UInt8(ascii: "\n")], to: url)
  }
}

/// What can be wrong with a file of edits.
package enum EditFileError: Error, Equatable, CustomStringConvertible {
  /// No such file.
  case cannotRead(path: String)
  /// Something else than edits.
  case notAnEdit(path: String, reason: String)
  /// Another version of the format.
  case version(Int, path: String, known: Int)
  /// A component that the matrix does not have, or that is out of order.
  case component(Int, site: String, path: String, count: Int)

  /// What is wrong, where, what was expected, and what to do.
  package var description: String {
    switch self {
    case .cannotRead(let path):
      "cannot read the edit file \(path); name a file that laser search --method select wrote"
    case .notAnEdit(let path, let reason):
      "\(path) is not an edit file: \(reason); name a file that laser search --method select wrote"
    case .version(let version, let path, let known):
      "\(path) has version \(version) of the format, expected \(known); use the laser that wrote it"
    case .component(let number, let site, let path, let count):
      "\(path): \(site) keeps the component \(number); expected numbers from 0 to \(count - 1), ascending, each once"
    }
  }
}
