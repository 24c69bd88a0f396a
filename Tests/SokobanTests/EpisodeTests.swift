import Sokoban
import Testing

struct EpisodeTests {
  let level: Level
  let episode: Episode

  init() throws {
    level = try Level(xsb: "#######\n#@$ . #\n# $ . #\n#######\n")
    episode = try Episode(level: level, lurd: "RRlldRR")
  }

  @Test func `letters are actions and back`() {
    #expect(episode.lurd == "RRlldRR")
    #expect(
      episode.actions
        == [.pushRight, .pushRight, .moveLeft, .moveLeft, .moveDown, .pushRight, .pushRight])
    #expect(episode.pushActions.map(\.rawValue) == [4, 4, 3, 3, 2, 4, 4])
  }

  @Test func `a replay has the environment's rewards and states`() throws {
    let replay = episode.replayed()
    #expect(replay.rewards == [-0.1, 0.9, -0.1, -0.1, -0.1, -0.1, 10.9])
    #expect(replay.totalReward == [-0.1, 0.9, -0.1, -0.1, -0.1, -0.1, 10.9].reduce(0, +))
    #expect(try episode.checkSolution() == replay.totalReward)
    #expect(replay.states.count == 8)
    #expect(replay.states.first == level.tiles)
    #expect(replay.outcome == .solved)
    let pushed = Episode(level: level, actions: episode.pushActions).replayed()
    #expect(pushed.states == replay.states && pushed.rewards == replay.rewards)
    #expect(episode.replayed(maxSteps: 3).rewards.count == 3)
  }

  @Test(arguments: Symmetry.allCases)
  func `the image of a solution solves the image of the level`(symmetry: Symmetry) throws {
    #expect(try episode.transformed(by: symmetry).checkSolution() == episode.checkSolution())
  }

  @Test(arguments: [
    ("RRx", SolutionError.unknownLetter(120, step: 2)),
    ("RRu", .blocked(.moveUp, step: 2)),
    ("u", .blocked(.moveUp, step: 0)),
    ("RRRR", .blocked(.pushRight, step: 3)),
    ("RL", .pushesNothing(.pushLeft, step: 1)),
    ("RRlldRRl", .solvedEarly(after: 7, of: 8)),
    ("RRlldR", .unsolved(after: 6)),
    ("", .unsolved(after: 0)),
  ])
  func `steps that are no solution say which and why`(lurd: String, error: SolutionError) {
    #expect(throws: error) { try Episode(level: level, lurd: lurd).checkSolution() }
    #expect(!error.description.isEmpty)
  }
}
