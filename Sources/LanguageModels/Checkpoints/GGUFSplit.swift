internal import Foundation
internal import Numerics

/// What a part of a model in several files says of the others: `NAME-00002-of-00005.gguf` and the metadata `split.*`.
///
/// Only the first part has the model's metadata; every part has tensors of its own, or none.
struct GGUFSplit: Equatable {
  /// How many parts there are.
  let count: Int
  /// How many tensors they have together; nil where that is not said.
  let tensorCount: Int?
  /// The place of the part that says so, from 0.
  let index: Int

  static let countKey = "split.count"
  private static let indexKey = "split.no"
  private static let tensorCountKey = "split.tensors.count"

  /// What `part` says; nil for a file that is all of its model.
  ///
  /// - Throws: `CheckpointError` for a part that contradicts itself.
  init?(_ part: GGUFPart) throws {
    let metadata = part.metadata
    // Merged files keep the key with a count of 0.
    guard metadata.contains(Self.countKey), case let count = try metadata.integer(Self.countKey),
      count != 0, count != 1
    else { return nil }
    guard count > 0, count <= 99_999 else {
      throw CheckpointError.wrongMetadata(
        key: Self.countKey, file: metadata.file, expected: "a number of files from 1 to 99999",
        found: "\(count)")
    }
    self.count = count
    index = try metadata.integer(Self.indexKey)
    guard index >= 0, index < count else {
      throw CheckpointError.wrongMetadata(
        key: Self.indexKey, file: metadata.file, expected: "0 to \(count - 1)", found: "\(index)")
    }
    tensorCount =
      metadata.contains(Self.tensorCountKey) ? try metadata.integer(Self.tensorCountKey) : nil
  }

  /// All parts in order, `own`, which says this, among them.
  ///
  /// - Throws: `CheckpointError`: a part that is missing, there twice, or of another model.
  func parts(with own: GGUFPart) throws -> [GGUFPart] {
    let names = try names(beside: own.file.path)
    let parts = try names.enumerated().map { index, name in
      if index == self.index { return own }
      let url = URL(fileURLWithPath: name)
      guard FileManager.default.fileExists(atPath: name) else {
        throw CheckpointError.missingPart(file: name, number: index + 1, count: count)
      }
      let part = try GGUFPart(MappedFile(url))
      try check(part, at: index)
      return part
    }
    let found = parts.reduce(0) { $0 + $1.tensors.count }
    guard found == tensorCount ?? found else {
      throw CheckpointError.wrongPart(
        file: own.file.path, expected: "\(tensorCount ?? 0) tensors in all parts together",
        found: "\(parts.map { "\($0.tensors.count)" }.joined(separator: " + "))")
    }
    return parts
  }

  /// Where the parts are, by the name of this one.
  private func names(beside path: String) throws -> [String] {
    func suffix(_ index: Int) -> String { "-\(digits(index + 1))-of-\(digits(count)).gguf" }
    guard path.hasSuffix(suffix(index)) else {
      throw CheckpointError.wrongPart(
        file: path,
        expected: "a name that ends with \(suffix(index)), by which the other parts are found",
        found: "part \(index + 1) of \(count) under another name")
    }
    let stem = path.dropLast(suffix(index).count)
    return (0..<count).map { stem + suffix($0) }
  }

  private func digits(_ number: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, 5 - text.count)) + text
  }

  private func check(_ part: GGUFPart, at index: Int) throws {
    let split = try GGUFSplit(part)
    guard let split, split.index == index, split.count == count, split.tensorCount == tensorCount
    else {
      throw CheckpointError.wrongPart(
        file: part.file.path, expected: describe(index, count, tensorCount),
        found: split.map { describe($0.index, $0.count, $0.tensorCount) }
          ?? "a model of its own (no \(Self.countKey))")
    }
  }

  private func describe(_ index: Int, _ count: Int, _ tensorCount: Int?) -> String {
    "part \(index + 1) of \(count)"
      + (tensorCount.map { " of a model with \($0) tensors" } ?? "")
  }
}
