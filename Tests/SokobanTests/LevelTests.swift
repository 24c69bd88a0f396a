import Testing

import Sokoban

struct LevelTests {
  let text = "#######\n# . $ #\n# *+$ #\n#    ##\n#######\n"

  @Test func `a level is read and written as XSB`() throws {
    let level = try Level(xsb: text)
    #expect(level.description == text)
    #expect(level.rows == 5 && level.columns == 7)
    #expect(level.boxes == [11, 16, 18])
    #expect(level.player == 17)
    #expect(level.targets == [9, 16, 17])
  }

  @Test func `text around a level, and a second one, are skipped`() throws {
    let level = try Level(xsb: "; 0 (one)\n\n\(text)Author: me\n\n#####\n#@$.#\n#####\n")
    #expect(level.description == text)
  }

  @Test func `blanks outside of the walls become walls`() throws {
    let level = try Level(xsb: "  ####\n###  #\r\n#@$ .###\n########")
    #expect(level.description == "########\n###  ###\n#@$ .###\n########\n")
  }

  @Test func `hyphens and underscores are floor`() throws {
    let level = try Level(xsb: "#####\n#@-_#\n#_$.#\n#####\n")
    #expect(level == (try Level(xsb: "#####\n#@  #\n# $.#\n#####\n")))
  }

  @Test(arguments: [
    ("", LevelError.empty),
    ("  \n \n", .empty),
    ("#####\n# $.#\n#####\n", .noPlayer),
    ("######\n#@$.@#\n######\n", .severalPlayers(count: 2)),
    ("#####\n#+  #\n#####\n", .noBoxes),
    ("######\n#@$..#\n######\n", .boxesAndTargetsDiffer(boxes: 1, targets: 2)),
    ("######\n#@$$.#\n######\n", .boxesAndTargetsDiffer(boxes: 2, targets: 1)),
    ("#####\n#@$. \n#####\n", .openAtEdge(row: 1, column: 4)),
    ("#####\n#@$.#\n## ##\n", .openAtEdge(row: 2, column: 2)),
    ("#####  \n#@ .# $\n#####  \n", .openAtEdge(row: 0, column: 5)),
    ("#####\n#@?.#\n#####\n", .unknownCharacter(63, row: 1, column: 2)),
    ("#####\n#@\u{1}.#\n#####\n", .unknownCharacter(1, row: 1, column: 2)),
    ("no level\n", .empty),
    (String(repeating: "#", count: 64) + "@", .tooLarge(rows: 1, columns: 65)),
    (String(repeating: "#\n", count: 65), .tooLarge(rows: 65, columns: 1)),
  ])
  func `a broken level says what is wrong`(text: String, error: LevelError) {
    #expect(throws: error) { try Level(xsb: text) }
    #expect(!error.description.isEmpty)
  }

  @Test func `boxes may be given in any order but not on top of each other`() throws {
    let level = try Level(xsb: text)
    let again = try Level(
      rows: 5, columns: 7, fixed: level.fixed, boxes: [18, 11, 16], player: 17)
    #expect(again == level)
    #expect(throws: LevelError.misplaced(what: "box", cell: 11)) {
      try Level(rows: 5, columns: 7, fixed: level.fixed, boxes: [11, 11, 16], player: 17)
    }
    #expect(throws: LevelError.misplaced(what: "player", cell: 35)) {
      try Level(rows: 5, columns: 7, fixed: level.fixed, boxes: level.boxes, player: 35)
    }
  }

  @Test func `the eight symmetries give eight levels`() throws {
    let level = try Level(xsb: text)
    let images = Set(Symmetry.allCases.map(level.transformed(by:)))
    #expect(images.count == 8)
    #expect(level.transformed(by: Symmetry()) == level)
    for image in images { #expect(try Level(xsb: image.description) == image) }
  }

  @Test(arguments: Symmetry.allCases)
  func `a symmetry maps directions as it maps cells`(symmetry: Symmetry) {
    let cell = 2 * 7 + 3
    let start = symmetry.image(ofCell: cell, rows: 5, columns: 7)
    for direction in Direction.allCases {
      let next = symmetry.image(
        ofCell: cell + direction.offset(columns: 7), rows: 5, columns: 7)
      let columns = symmetry.transposes ? 5 : 7
      #expect(next == start + symmetry.image(of: direction).offset(columns: columns))
    }
  }
}
