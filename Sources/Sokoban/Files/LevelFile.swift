internal import Files
internal import Foundation

/// The levels of a text file, in XSB as it circulates: Boxoban, XSokoban, Microban and their kin.
///
/// Comments, titles, authors and solutions may stand before and after a level; a file of episodes is
/// a file of levels too. Run-length encoding and SLC are read as well. An index counts the levels from 0, whatever number a comment gives them.
public struct LevelFile: Sendable {
  /// The path, or what the text was called.
  public let name: String
  /// The levels, in the order of the file; at least one.
  public let levels: [Level]

  /// Reads a file.
  ///
  /// - Throws: `FileError` if it cannot be read, `LevelFileError` if it does not hold levels.
  public init(contentsOf path: String) throws {
    try self.init(parsing: try OpenFile.read(path), named: path)
  }

  /// Reads a text; `name` is what errors call it.
  ///
  /// - Throws: `LevelFileError`.
  public init(parsing bytes: [UInt8], named name: String) throws {
    let bytes = PlainText.plain(bytes)
    var levels: [Level] = []
    var scanner = BoardScanner(bytes)
    do {
      while let piece = try scanner.next() {
        guard case .board = piece else { continue }
        do {
          levels.append(try Level(rowsOfXSB: scanner.rows, in: bytes))
        } catch let error as LevelError {
          throw LevelFileError.badLevel(
            file: name, index: levels.count, line: scanner.line, error)
        }
      }
    } catch let byte as BoardScanner.BinaryByte {
      throw LevelFileError.binary(file: name, line: byte.line, byte: byte.value)
    }
    guard !levels.isEmpty else { throw LevelFileError.noLevels(file: name, bytes: bytes.count) }
    self.name = name
    self.levels = levels
  }

  /// The level at `index`, from 0.
  ///
  /// - Throws: `LevelFileError.noSuchLevel`.
  public func level(at index: Int) throws -> Level {
    guard levels.indices.contains(index) else {
      throw LevelFileError.noSuchLevel(file: name, index: index, count: levels.count)
    }
    return levels[index]
  }

  /// The first `count` levels.
  ///
  /// - Throws: `LevelFileError.tooFewLevels`.
  public func first(_ count: Int) throws -> ArraySlice<Level> {
    guard (0...levels.count).contains(count) else {
      throw LevelFileError.tooFewLevels(file: name, wanted: count, count: levels.count)
    }
    return levels.prefix(count)
  }

  /// The text of a level file: each level under a comment with its index, as Boxoban writes them.
  public static func text(of levels: some Sequence<Level>) -> String {
    var text = ""
    for (index, level) in levels.enumerated() { text += "; \(index)\n\(level)\n" }
    return text
  }

  /// Writes `levels` to `path`, all or nothing.
  ///
  /// - Throws: `FileError`.
  public static func write(_ levels: some Sequence<Level>, to path: String) throws {
    try AtomicFile.write(Array(text(of: levels).utf8), to: URL(fileURLWithPath: path))
  }
}
