import Numerics
import Foundation
import LaserOps
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct PlanTests {
  /// A model for small rooms with all that is there for plans.
  private static var configuration: PolicyConfiguration {
    var configuration = SmallRooms.configuration
    configuration.encoder.trimsRing = true
    configuration.encoder.focusHeads = 2
    configuration.encoder.readsPlan = true
    return configuration
  }

  private static var options: TrainingOptions {
    var options = SmallRooms.options
    options.planWeight = 2
    options.drawsEvenly = true
    options.muonMomentumDecay = 0.95
    return options
  }

  private static func dataset(_ episodes: [Episode], _ configuration: PolicyConfiguration) throws
    -> EpisodeDataset
  {
    try EpisodeDataset(try SmallRooms.collection(episodes), for: configuration)
  }

  @Test func `a plan says which way each square is next left, and a box on it next pushed`() throws
  {
    // The player goes right and up behind the box and pushes it twice to the left.
    let text = """
      ######
      #. $ #
      #  @ #
      #    #
      ######
      Solution: ruLL

      """
    let collection = try EpisodeCollection(parsing: Array(text.utf8), named: "one room")
    var configuration = SmallRooms.configuration
    configuration.encoder.trimsRing = true
    let dataset = try EpisodeDataset(collection, for: configuration)
    var packed = PackedWindows()
    try dataset.append(
      .init(episode: 0, steps: 0..<4, symmetry: Symmetry()), to: &packed, planned: true)
    // Inside the ring there are 3 × 4 squares; up 1, down 2, left 3, right 4.
    func plan(_ step: Int, question: Int) -> [UInt8] {
      (0..<12).map { packed.plans[(step * 12 + $0) * 2 + question] }
    }
    #expect(plan(0, question: 0) == [0, 0, 3, 3, 0, 0, 4, 1, 0, 0, 0, 0])
    #expect(plan(0, question: 1) == [0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(plan(2, question: 0) == [0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(plan(3, question: 0) == [0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(plan(3, question: 1) == [0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func `the plan at the player's square is the action`() throws {
    let configuration = SmallRooms.configuration
    let episodes = Array(SmallRooms.episodes.filter { $0.actions.count == 7 }.prefix(5))
    let dataset = try Self.dataset(episodes, configuration)
    for symmetry in Symmetry.allCases where !symmetry.transposes {
      for (index, episode) in episodes.enumerated() {
        var packed = PackedWindows()
        try dataset.append(
          .init(episode: index, steps: 2..<7, symmetry: symmetry), to: &packed, planned: true)
        var environment = Environment(episode.transformed(by: symmetry).level)
        for (step, action) in episode.transformed(by: symmetry).actions.enumerated() {
          if step >= 2 {
            let place = ((step - 2) * 30 + environment.player) * 2
            #expect(Int(packed.plans[place]) == packed.actions[step - 2] + 1)
          }
          _ = environment.step(action)
        }
      }
    }
  }

  @Test func `the plan of an image is the image of the plan`() throws {
    let text = """
      ######
      #. $ #
      #  @ #
      # $  #
      #.   #
      ######
      Solution: ruLLrdlddrruULrdLL

      """
    let collection = try EpisodeCollection(parsing: Array(text.utf8), named: "one room")
    var configuration = SmallRooms.configuration
    (configuration.pictureHeight, configuration.pictureWidth) = (6, 6)
    let dataset = try EpisodeDataset(collection, for: configuration, checksSolutions: false)
    let plans = try Symmetry.allCases.map { symmetry in
      var packed = PackedWindows()
      try dataset.append(
        .init(episode: 0, steps: 0..<1, symmetry: symmetry), to: &packed, planned: true)
      return packed.plans
    }
    for question in 0..<2 { #expect(Set((0..<36).map { plans[0][2 * $0 + question] }).count > 2) }
    for (symmetry, plan) in zip(Symmetry.allCases, plans) {
      for cell in 0..<36 {
        let image = symmetry.image(ofCell: cell, rows: 6, columns: 6)
        for question in 0..<2 {
          let direction = Direction(rawValue: plans[0][2 * cell + question] &- 1)
          #expect(
            plan[2 * image + question] == direction.map { symmetry.image(of: $0).rawValue + 1 } ?? 0
          )
        }
      }
    }
  }

  @Test func `windows drawn evenly show every step of an episode equally often`() throws {
    let episode = try #require(SmallRooms.episodes.first { $0.actions.count == 9 })
    let dataset = try Self.dataset([episode], SmallRooms.configuration)
    var generator = SplitMix64(seed: 1)
    var counts = [Int](repeating: 0, count: 9)
    let draws = 9_000
    for _ in 0..<draws {
      let window = dataset.window(augmented: false, even: true, using: &generator)
      #expect((1...5).contains(window.steps.count))
      for step in window.steps { counts[step] += 1 }
    }
    // Of 13 starts 5 let a window of K = 5 steps cover a step: the deviation of the count is √(n p (1 − p)) = 46.
    for count in counts { #expect(abs(count - draws * 5 / 13) < 5 * 46) }
  }

  @Test func `the plan is learned, whatever the number of threads and interruptions`() throws {
    let training = SmallRooms.episodes.enumerated().filter { $0.offset % 5 != 0 }.map(\.element)
    let dataset = try Self.dataset(training, Self.configuration)
    let folder = try TemporaryFolder()
    let whole = try PolicyTrainer(
      Self.configuration, options: Self.options, episodes: dataset, workers: Workers(count: 3))
    let first = try #require(try whole.step().planLoss)
    for _ in 0..<29 { try whole.step() }
    let last = try #require(try whole.step().planLoss)
    // At first all ten answers are about equally likely: twice ln 5.
    #expect(abs(first - 2 * log(5)) < 0.1)
    #expect(last < 0.6 * first)

    let begun = try PolicyTrainer(
      Self.configuration, options: Self.options, episodes: dataset, workers: Workers(count: 1))
    for _ in 0..<16 { try begun.step() }
    try begun.save(to: folder.url)
    let resumed = try PolicyTrainer(resuming: folder.url, episodes: dataset)
    for _ in 0..<15 { try resumed.step() }
    #expect(resumed.parameters.values == whole.parameters.values)
    #expect(try Policy(contentsOf: folder.url).weightSites.count == 12)
  }

  @Test func `a plan's weight without an encoder that reads plans is refused`() throws {
    #expect(throws: TrainingError.self) {
      try PolicyTrainer(
        SmallRooms.configuration, options: Self.options, episodes: try SmallRooms.dataset())
    }
    var options = Self.options
    options.planWeight = -1
    #expect(throws: TrainingError.self) { try options.validate() }
  }
}
