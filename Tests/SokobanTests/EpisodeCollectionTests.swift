import Sokoban
import Testing

struct EpisodeCollectionTests {
  private let text = """
    ; two rooms

    ; 0
    #####
    #@$.#
    #####
    Solution: R

    ; 1
    ######
    #@ $.#
    ######
    Title: second
    solution:
    r
    R

    """

  private func parse(_ text: String) throws -> EpisodeCollection {
    try EpisodeCollection(parsing: Array(text.utf8), named: "test.txt")
  }

  @Test func `episodes are read by index`() throws {
    let episodes = try parse(text)
    #expect(episodes.count == 2)
    #expect(try episodes.episode(at: 0).lurd == "R")
    #expect(try episodes.episode(at: 1).lurd == "rR")
    #expect(try episodes.episode(at: 1).level.columns == 6)
  }

  @Test func `a file of episodes is a file of levels`() throws {
    let levels = try LevelFile(parsing: Array(text.utf8), named: "test.txt").levels
    #expect(levels.count == 2)
    #expect(levels[1] == (try parse(text).episode(at: 1).level))
  }

  @Test func `several files are one collection`() throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: "a.txt")
    try folder.write(text.replacing("\n", with: "\r\n"), to: "b.txt")
    let episodes = try EpisodeCollection(contentsOf: [folder.file("a.txt"), folder.file("b.txt")])
    #expect(episodes.count == 4)
    #expect(try episodes.episode(at: 3) == episodes.episode(at: 1))
  }

  /// The first of the two rooms, turned and mirrored.
  private let turned = """
    ###
    #.#
    #$#
    #@#
    ###
    Solution: U

    #####
    #.$@#
    #####
    Solution: L

    """

  @Test func `each of several episodes of a level that others have counts`() throws {
    #expect(try parse(turned).countOfLevels(among: parse(text)) == 2)
  }

  @Test func `a level is found again turned and mirrored, and only once`() throws {
    #expect(try parse(text).countOfLevels(among: parse(turned)) == 1)
    let other = """
      ######
      #@.$ #
      ######
      Solution: rrl

      """
    #expect(try parse(text).countOfLevels(among: parse(other)) == 0)
  }

  @Test func `a summary counts, adds up and names what is invalid`() throws {
    let summary = try parse(text + "\n#####\n#@$.#\n#####\nSolution: u\n").check()
    #expect(summary.episodes == 3 && summary.steps == 4)
    #expect(summary.meanMoves == 4.0 / 3)
    #expect(summary.meanReturn == (10.9 + (-0.1 + 10.9)) / 2)
    #expect(
      summary.invalid
        == [.badSolution(file: "test.txt", index: 2, .blocked(.moveUp, step: 0))])
    #expect(
      summary.invalid.first?.description
        == "test.txt, episode 2: step 0 ('u') is blocked by a wall or a box; the solution belongs to another level?"
    )
  }

  @Test func `bad files are errors`() throws {
    #expect(throws: EpisodeFileError.noSolution(file: "test.txt", index: 1, line: 6)) {
      try parse("#####\n#@$.#\n#####\nSolution: R\n\n#####\n#@$.#\n#####\n")
    }
    #expect(
      throws: EpisodeFileError.badSolution(
        file: "test.txt", index: 0, .unknownLetter(50, step: 1))
    ) {
      try parse("#####\n#@$.#\n#####\nSolution: R2\n")
    }
    #expect(throws: LevelFileError.badLevel(file: "test.txt", index: 0, line: 1, .noPlayer)) {
      try parse("#####\n# $.#\n#####\nSolution: R\n")
    }
    #expect(throws: LevelFileError.noLevels(file: "test.txt", bytes: 0)) { try parse("") }
    #expect(throws: EpisodeFileError.noSuchEpisode(index: 2, count: 2)) {
      try parse(text).episode(at: 2)
    }
    #expect(throws: EpisodeFileError.noSuchEpisode(index: -1, count: 2)) {
      try parse(text).episode(at: -1)
    }
  }
}
