import Files
import Foundation
import Sokoban
import Testing

struct LevelFileTests {
  private func parse(_ text: String) throws -> LevelFile {
    try LevelFile(parsing: Array(text.utf8), named: "test.xsb")
  }

  @Test func `comments, titles and blank lines lie around levels`() throws {
    let file = try parse(
      """
      ; A set of two (with a # in the text)
      Author: me
        
      Title: one
      #####
      #@$.#
      #####
      ; after
      ; 7
      'The Second'

       ####
      #@ $.#
       ####
      Title: two
      Solution: rr
      """)
    #expect(file.levels.count == 2)
    #expect(file.levels[1].columns == 6)
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func `every kind of line break is read`(lineBreak: String) throws {
    let text = "; 0\n#####\n#@$.#\n#####\n\n; 1\n#####\n#.$@#\n#####"
    let file = try parse("\u{FEFF}" + text.replacing("\n", with: lineBreak))
    #expect(file.levels.map(\.player) == [6, 8])
  }

  @Test func `what is written is read back`() throws {
    let levels = try parse("#####\n#@$.#\n#####\n\n ####\n## @#\n#*$.#\n#####\n").levels
    #expect(try parse(LevelFile.text(of: levels)).levels == levels)
    let path = NSTemporaryDirectory() + "levels-\(UUID().uuidString).txt"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try LevelFile.write(levels, to: path)
    #expect(try LevelFile(contentsOf: path).levels == levels)
  }

  @Test func `an error names the file, the level and its line`() {
    #expect(
      throws: LevelFileError.badLevel(file: "test.xsb", index: 1, line: 6, .noPlayer)
    ) {
      try parse("; 0\n#####\n#@$.#\n#####\n\n#####\n# $.#\n#####\n")
    }
    #expect(
      throws: LevelFileError.badLevel(
        file: "test.xsb", index: 0, line: 1, .unknownCharacter(120, row: 1, column: 4))
    ) {
      try parse("######\n#@$.x#\n######\n")
    }
    let error = LevelFileError.badLevel(file: "a.xsb", index: 1, line: 6, .noPlayer)
    #expect(
      error.description
        == "a.xsb, level 1 (line 6): no player; expected exactly one @ (or + on a target)")
  }

  @Test func `a file without a level is an error`() {
    #expect(throws: LevelFileError.noLevels(file: "test.xsb", bytes: 0)) { try parse("") }
    #expect(throws: LevelFileError.noLevels(file: "test.xsb", bytes: 13)) {
      try parse("; only text\n\n")
    }
  }

  @Test func `a binary file is an error`() {
    #expect(throws: LevelFileError.binary(file: "test.xsb", line: 2, byte: 0)) {
      try LevelFile(parsing: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x00], named: "test.xsb")
    }
    #expect(throws: LevelFileError.binary(file: "test.xsb", line: 4, byte: 1)) {
      try parse("#####\n#@$.#\n#####\n\u{1}\n")
    }
  }

  @Test func `a missing file and a folder are errors`() {
    #expect(throws: FileError.cannotRead(path: "/none", code: ENOENT)) {
      try LevelFile(contentsOf: "/none")
    }
    #expect(throws: FileError.self) { try LevelFile(contentsOf: NSTemporaryDirectory()) }
  }

  @Test func `indexes and counts beyond the file are errors`() throws {
    let file = try parse("#####\n#@$.#\n#####\n")
    #expect(try file.level(at: 0) == file.levels[0])
    #expect(throws: LevelFileError.noSuchLevel(file: "test.xsb", index: 1, count: 1)) {
      try file.level(at: 1)
    }
    #expect(throws: LevelFileError.tooFewLevels(file: "test.xsb", wanted: 2, count: 1)) {
      try file.first(2)
    }
    #expect(throws: LevelFileError.self) { try file.first(-1) }
  }

  @Test(
    .enabled(if: Collections.folder != nil, "LASER_DATA does not name the data folder"),
    arguments: [
      ("sokoban_collections/Microban_155.xsb", 155), ("sokoban_collections/XSokoban_90.xsb", 90),
      ("boxoban/unfiltered/valid/000.txt", 1000), ("boxoban/medium/valid/000.txt", 1000),
      ("gym_sokoban/gym_10x10_3box_seed11.txt", 60),
    ])
  func `published collections are read whole`(path: String, count: Int) throws {
    let folder = try #require(Collections.folder)
    let file = try LevelFile(contentsOf: folder + "/" + path)
    #expect(file.levels.count == count)
  }
}
