import Numerics
import Testing

@testable import Sokoban

@Suite struct EpisodeNoiseTests {
  private static func noise(_ share: Double, seed: UInt64 = 7, maximumSteps: Int = 60)
    -> EpisodeNoise
  {
    EpisodeNoise(share: share, maximumSteps: maximumSteps) { SplitMix64(seed: seed, stream: $0) }
  }

  private static func episodes(_ noise: EpisodeNoise?, threads: Int = 1) throws -> [Episode] {
    var episodes: [Episode] = []
    let boxes = RoomConfiguration(rows: 7, columns: 7, boxes: 2)
    _ = try EpisodeRecorder(threads: threads, noise: noise).record(
      rooms: boxes, count: 60, generator: { SplitMix64(seed: 1, stream: $0) },
      to: { _, outcome in episodes.append(try outcome.get()) })
    return episodes
  }

  @Test func `without noise the steps are those of the solution`() throws {
    let spoilt = try Self.episodes(Self.noise(0))
    #expect(spoilt.map(\.lurd) == (try Self.episodes(nil)).map(\.lurd))
    #expect(spoilt.allSatisfy { $0.kind == .game })
  }

  @Test func `games play as they are written, and the more noise the less they earn`() throws {
    let means = try [0, 0.25, 0.75].map { share in
      let earned = try Self.episodes(Self.noise(share)).map { episode in
        let (earned, isSolved) = try episode.check()
        #expect(isSolved || episode.actions.count == 60)
        return earned
      }
      return earned.reduce(0, +) / Double(earned.count)
    }
    #expect(means[0] > means[1] && means[1] > means[2])
  }

  @Test func `the share of random steps is about the one asked for`() throws {
    // A step is off the path where the distance to the end does not fall by one: three of four random ones, about.
    var (steps, off) = (0, 0)
    var solver = Solver()
    for episode in try Self.episodes(Self.noise(0.4)) {
      var environment = Environment(episode.level, maxSteps: .max)
      var fewest = try? solver.solve(environment.position).actions.count
      for action in episode.actions {
        _ = environment.step(action.asPush)
        guard let before = fewest else { break }
        fewest =
          environment.isSolved ? 0 : try? solver.solve(environment.position).actions.count
        steps += 1
        off += fewest == before - 1 ? 0 : 1
      }
    }
    let share = Double(off) / Double(steps)
    #expect(share > 0.22 && share < 0.4)
  }

  @Test func `the number of threads changes nothing, the seed does`() throws {
    let one = try Self.episodes(Self.noise(0.5))
    #expect(try Self.episodes(Self.noise(0.5), threads: 3) == one)
    #expect(try Self.episodes(Self.noise(0.5, seed: 8)) != one)
  }

  @Test func `a played game comes back from its file with what it earned`() throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("games.txt")
    let games = try Self.episodes(Self.noise(0.6))
    let writer = try EpisodeWriter(path: path, description: "games")
    for game in games { try writer.append(game) }
    try writer.finish()
    let read = try EpisodeCollection(contentsOf: [path])
    #expect(try (0..<read.count).map { try read.episode(at: $0) } == games)
    let summary = try read.check()
    #expect(summary.played == games.count && summary.invalid.isEmpty)
    let text = try temporary.text("games.txt")
    let earned = text.split(separator: "\n").filter { $0.hasPrefix("Return: ") }
      .compactMap { Double($0.dropFirst(8)) }
    let expected = try games.map { try $0.check().totalReward }
    #expect(zip(earned, expected).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(earned.count == games.count)
  }

  @Test func `the mean return is that of the games as they are written, however long they are`()
    throws
  {
    let games = try Self.episodes(Self.noise(1, maximumSteps: 300))
    #expect(games.contains { $0.actions.count > EnvironmentBatch.defaultMaxSteps })
    let text = games.map(\.text).joined(separator: "\n")
    let written = text.split(separator: "\n").filter { $0.hasPrefix("Return: ") }
      .compactMap { Double($0.dropFirst(8)) }
    let summary = try EpisodeCollection(parsing: Array(text.utf8), named: "games").check()
    #expect(written.count == games.count && summary.invalid.isEmpty)
    let mean = written.reduce(0, +) / Double(written.count)
    #expect(abs(summary.meanReturn - mean) < 1e-9)
  }

  @Test func `a letter that says what its step did not do is found`() throws {
    let level = try Level(xsb: "#####\n#@$.#\n#####")
    for (letters, error) in [
      ("lRr", SolutionError.solvedEarly(after: 2, of: 3)),
      ("L", .pushesNothing(.pushLeft, step: 0)),
      ("r", .pushes(.moveRight, step: 0)),
    ] {
      let text = "\(level)Played: \(letters)\n"
      let read = try EpisodeCollection(parsing: Array(text.utf8), named: "games")
      #expect(throws: error) { try read.episode(at: 0).check() }
    }
    for (written, isRight) in [("10.6", true), ("10.7", false), ("much", false), ("nan", false)] {
      let text = "\(level)Played: lluR\nReturn: \(written)\n"
      let read = try EpisodeCollection(parsing: Array(text.utf8), named: "games")
      let (earned, isSolved) = try read.episode(at: 0).check()
      #expect(isSolved && abs(earned - 10.6) < 1e-9)
      #expect(try read.check().invalid.isEmpty == isRight)
    }
  }
}
