import Testing

@testable import Sokoban

/// Levels and solutions as other programs write them.
struct PlainTextTests {
  private func plain(_ text: String) -> String {
    String(decoding: PlainText.plain(Array(text.utf8)), as: UTF8.self)
  }

  private func episodes(_ text: String) throws -> EpisodeCollection {
    try EpisodeCollection(parsing: Array(text.utf8), named: "test.txt")
  }

  private func levels(_ text: String) throws -> [Level] {
    try LevelFile(parsing: Array(text.utf8), named: "test.txt").levels
  }

  @Test(arguments: [
    ("3#", "###"), ("2(Rl)u", "RlRlu"), ("2(r2(U))", "rUUrUU"), ("#@", "#@"), ("10r", "rrrrrrrrrr"),
  ])
  func `a count repeats the letter or the group behind it`(text: String, expected: String) {
    let found = RunLength.expanded(ArraySlice(text.utf8)) {
      "#@RlrU".utf8.contains($0) || $0 == 0x75
    }
    #expect(found.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test(arguments: ["3", "(r", "r)", "2x", "9999999r", "999(999(999r))", "99999999999999999999r"])
  func `what is no encoding, or stands for more than a level could have, is refused`(text: String) {
    #expect(RunLength.expanded(ArraySlice(text.utf8)) { $0 == UInt8(ascii: "r") } == nil)
  }

  @Test func `a level on one line has rows between its bars`() throws {
    let coded = try levels("7#|#.@-#-#|#$*-$-#|#3-$-#|#-..--#|#--*--#|7#\n")
    let open = try levels(
      "#######\n#.@ # #\n#$* $ #\n#   $ #\n# ..  #\n#  *  #\n#######\n")
    #expect(coded == open)
  }

  @Test func `a line after a level on one line keeps its number`() {
    let error = #expect(throws: LevelFileError.self) {
      try levels("5#|#@$.#|5#\n\n; two\n#####\n# $.#\n#####\n")
    }
    #expect("\(String(describing: error))".contains("line 4"))
  }

  @Test func `rows with counts and rows without may stand together`() throws {
    #expect(try levels("5#\n#@$.#\n5#\n") == levels("#####\n#@$.#\n#####\n"))
  }

  @Test func `SLC's rows are read from its XML`() throws {
    let slc = """
      <?xml version="1.0"?>
      <SokobanLevels><Title>A</Title><LevelCollection>
      <Level Id="1" Width="5" Height="3"><L>#####</L><L>#@$.#</L><L>#####</L></Level>
      <Level Id="2"><L>######</L>
      <L>#@ $.#</L>
      <L>######</L></Level></LevelCollection></SokobanLevels>
      """
    #expect(try levels(slc).map(\.columns) == [5, 6])
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func `an error in SLC names the line where the level's first row stands`(lineBreak: String) {
    let slc = """
      <?xml version="1.0"?>
      <SokobanLevels><Title>A
      and B</Title><LevelCollection>
      <Level Id="1" Width="5"
        Height="3"><L>#####</L><L>#@$.#</L><L>#####</L></Level>
      <Level Id="2">

      <L>######</L>

      <L>#@ $.#</L>
      <L>######</L></Level>
      <Level Id="3">
      <L>#####</L>
      <L># $.#</L>
      <L>#####</L></Level></LevelCollection></SokobanLevels>
      """
    #expect(throws: LevelFileError.badLevel(file: "test.txt", index: 2, line: 13, .noPlayer)) {
      try levels(slc.replacing("\n", with: lineBreak))
    }
  }

  @Test(arguments: ["#\n# My levels\n#\n\n", "#########\n\n", "; 5\n# 3\n\n"])
  func `comments framed with walls are no level`(comment: String) throws {
    #expect(try levels(comment + "#####\n#@$.#\n#####\n").count == 1)
  }

  @Test func `a remark behind a row is left out`() throws {
    let level = try levels("#####\n#@$.#   ; here\n#####\n")
    #expect(level == (try levels("#####\n#@$.#\n#####\n")))
  }

  @Test func `text behind a row without a mark is an error that names the row`() {
    let error = #expect(throws: LevelFileError.self) {
      try levels("#####\n#@$.#  here\n#####\n")
    }
    guard case .badLevel(_, _, line: 1, .unknownCharacter(_, row: 1, column: 7)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    "Solution: rrr", "Solution\nrrr", "Solution (3/2)\nrr\nr", "solution: 3r", "Solution:\n3r",
  ])
  func `a solution of small letters or with counts is read`(solution: String) throws {
    let episodes = try episodes("#######\n#@ $ .#\n#######\n\(solution)\n")
    #expect(try episodes.episode(at: 0).lurd == "rRR")
    #expect(try episodes.check().invalid.isEmpty)
  }

  @Test func `with one capital letter small ones are moves`() throws {
    let episodes = try episodes("#######\n#@ $ .#\n#######\nSolution: rrR\n")
    #expect(try episodes.check().invalid.count == 1)
  }

  @Test func `plain text comes back as it is`() {
    let text = "; 7\n#####\n#@$.#\n#####\nSolution: R\nTitle: 12 (a)\n2 boxes\n"
    #expect(plain(text) == text)
  }
}
