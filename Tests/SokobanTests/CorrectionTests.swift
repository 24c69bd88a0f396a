import Foundation
import Numerics
import Testing

@testable import Sokoban

@Suite struct CorrectionTests {
  /// The player pushes the box to the right.
  private static let corridor = "########\n#@ $  .#\n########\n"
  /// The box must not be pushed to the left, from where nothing brings it back.
  private static let room = "#####\n#  .#\n# $ #\n#@  #\n#####\n"

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func corrections(
    of games: String, named name: String = "corrected.txt", threads: Int = 1
  ) throws -> String {
    let collection = try EpisodeCollection(parsing: Array(games.utf8), named: "games")
    let writer = try EpisodeWriter(path: folder.file(name), description: "corrections")
    _ = try EpisodeRecorder(threads: threads).record(corrections: collection, to: writer)
    return try folder.text(name)
  }

  /// Games with many mistakes in small rooms.
  private func games() throws -> String {
    let path = folder.file("games.txt")
    let noise = EpisodeNoise(share: 0.3, maximumSteps: 40) { SplitMix64(seed: 2, stream: $0) }
    _ = try EpisodeRecorder(threads: 2, noise: noise).record(
      rooms: RoomConfiguration(rows: 7, columns: 7, boxes: 2), count: 50,
      to: EpisodeWriter(path: path, description: "games"),
      generator: { SplitMix64(seed: 5, stream: $0) })
    return try folder.text("games.txt")
  }

  @Test func `a game is corrected after each step that does not shorten the way`() throws {
    // Back to the first position, whose solution is there already, and against the wall.
    #expect(
      try corrections(of: "\(Self.corridor)Played: rlrRuR\n") == """
        ; corrections

        ; 0
        \(Self.corridor)Solution: rRRR
        \(Self.corridor)Played: rlrRu
        Corrected: RR
        Return: 10.3


        """)
  }

  @Test func `another shortest way is no mistake, and nothing follows one that cannot be mended`()
    throws
  {
    let text = try corrections(of: "\(Self.room)Played: rruLrd\n")
    let episodes = try EpisodeCollection(parsing: Array(text.utf8), named: "corrected")
    #expect(
      try (0..<episodes.count).map { try episodes.episode(at: $0).kind }
        == [.solution, .correction(from: 1), .correction(from: 2), .correction(from: 3)])
    #expect(try episodes.check().invalid.isEmpty)
  }

  @Test func `a game without a mistake leaves a note`() throws {
    #expect(
      try corrections(of: "\(Self.room)Played: rUluR\n") == "; corrections\n\n; 0: no mistake\n\n")
  }

  @Test func `a correction goes on with a shortest solution`() throws {
    let text = try corrections(of: try games())
    let episodes = try EpisodeCollection(parsing: Array(text.utf8), named: "corrected")
    let summary = try episodes.check()
    #expect(summary.corrected > 50 && summary.invalid.isEmpty)
    #expect(try episodes.repeatedLevels().isEmpty)
    var solver = Solver()
    for index in 0..<episodes.count {
      let episode = try episodes.episode(at: index)
      var environment = Environment(episode.level, maxSteps: .max)
      for action in episode.actions.prefix(episode.mistakenSteps) {
        _ = environment.step(action.asPush)
      }
      let fewest = try solver.solve(environment.position).actions.count
      #expect(episode.actions.count - episode.mistakenSteps == fewest)
    }
  }

  @Test func `every position with a mistake has an episode that shows what to do there`() throws {
    let games = try EpisodeCollection(parsing: Array(try games().utf8), named: "games")
    let text = try corrections(of: try self.games())
    let episodes = try EpisodeCollection(parsing: Array(text.utf8), named: "corrected")
    var taught: [Level: Set<Level>] = [:]
    for index in 0..<episodes.count {
      let episode = try episodes.episode(at: index)
      var environment = Environment(episode.level, maxSteps: .max)
      for (step, action) in episode.actions.enumerated() {
        if step >= episode.mistakenSteps {
          taught[episode.level, default: []].insert(environment.position)
        }
        _ = environment.step(action.asPush)
      }
    }
    var solver = Solver()
    func fewest(_ environment: Environment) -> Int? {
      environment.isSolved ? 0 : try? solver.solve(environment.position).actions.count
    }
    var mistakes = 0
    for index in 0..<games.count {
      let game = try games.episode(at: index)
      var environment = Environment(game.level, maxSteps: .max)
      for action in game.actions {
        let (position, before) = (environment.position, fewest(environment))
        _ = environment.step(action.asPush)
        guard let before else { break }
        let after = fewest(environment)
        guard after != before - 1 else { continue }
        mistakes += 1
        #expect(taught[game.level]?.contains(position) == true)
        if after != nil { #expect(taught[game.level]?.contains(environment.position) == true) }
      }
    }
    #expect(mistakes > 100)
  }

  @Test(arguments: [
    "Solution: rRRR\nCorrected: rRRR\n", "Corrected: rRRR\nPlayed: rl\n",
    "Played: rl\nCorrected: rRRR\nCorrected: rRRR\n",
  ])
  func `a correction of no game is refused`(lines: String) {
    #expect(throws: EpisodeFileError.strayCorrection(file: "file", index: 0, line: 1)) {
      try EpisodeCollection(parsing: Array("\(Self.corridor)\(lines)".utf8), named: "file")
    }
  }

  @Test func `corrections are the same on more threads and gone on with`() throws {
    let games = try games()
    let whole = try corrections(of: games)
    #expect(try corrections(of: games, named: "threads.txt", threads: 3) == whole)
    try folder.write(String(whole.prefix(whole.count / 2)), to: "again.txt.partial")
    #expect(try corrections(of: games, named: "again.txt") == whole)
  }

  @Test func `only games are corrected`() throws {
    #expect(throws: RecordingError.noGame(file: "games", index: 1)) {
      try corrections(
        of: "\(Self.corridor)Played: rR\n\(Self.corridor)Played: rl\nCorrected: rRRR\n")
    }
  }

  @Test func `what is no game is named by its file and its number there`() throws {
    try folder.write("\(Self.corridor)Played: rR\n", to: "a.txt")
    try folder.write("\(Self.corridor)Solution: rRRR\n", to: "b.txt")
    let games = try EpisodeCollection(contentsOf: [folder.file("a.txt"), folder.file("b.txt")])
    let error = RecordingError.noGame(file: folder.file("b.txt"), index: 0)
    #expect(throws: error) {
      try EpisodeRecorder(threads: 1).record(
        corrections: games,
        to: EpisodeWriter(path: folder.file("corrected.txt"), description: "corrections"))
    }
    #expect(error.description.contains("b.txt, episode 0 is no game"))
  }

  @Test(arguments: [
    ("rl", "RRR", SolutionError.pushesNothing(Action.pushRight, step: 2)),
    ("rl", "lrRRR", .blocked(.moveLeft, step: 2)),
    ("rl", "rRR", .unsolved(after: 5)),
    ("rU", "RRR", .pushesNothing(.pushUp, step: 1)),
  ])
  func `a correction that does not solve is named`(
    played: String, solution: String, error: SolutionError
  ) throws {
    let text = "\(Self.corridor)Played: \(played)\nCorrected: \(solution)\n"
    let episodes = try EpisodeCollection(parsing: Array(text.utf8), named: "file")
    #expect(throws: error) { try episodes.episode(at: 0).check() }
    #expect(try episodes.check().invalid.count == 1)
  }

  @Test func `turning a correction turns the game and its solution`() throws {
    let text = "\(Self.room)Played: rruu\nCorrected: ddlUluR\n"
    let episode = try EpisodeCollection(parsing: Array(text.utf8), named: "file").episode(at: 0)
    for symmetry in Symmetry.allCases {
      let turned = episode.transformed(by: symmetry)
      #expect(turned.kind == .correction(from: 4))
      #expect(try turned.check().isSolved)
    }
  }
}
