import Numerics
import Foundation
import LaserOps
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct PolicyTrainerTests {
  /// The bytes of a trainer's parameters and moments.
  private func state(_ trainer: PolicyTrainer) -> [[Float]] {
    [
      trainer.parameters.values, trainer.optimizer.firstMoment.values,
      trainer.optimizer.secondMoment.values,
    ]
  }

  @Test(arguments: [nil, 0.95])
  func `one thread and three give the same bytes`(muonMomentumDecay: Double?) throws {
    let dataset = try SmallRooms.dataset()
    var options = SmallRooms.options
    options.steps = 4
    options.muonMomentumDecay = muonMomentumDecay
    var states: [[[Float]]] = []
    for threads in [1, 3] {
      let trainer = try PolicyTrainer(
        SmallRooms.configuration, options: options, episodes: dataset,
        workers: Workers(count: threads))
      while !trainer.isFinished { try trainer.step() }
      states.append(state(trainer))
    }
    #expect(states[0] == states[1])
  }

  @Test func `a run that was saved and resumed ends with the same bytes`() throws {
    let folder = try TemporaryFolder()
    let dataset = try SmallRooms.dataset()
    var options = SmallRooms.options
    options.steps = 20
    let whole = try PolicyTrainer(SmallRooms.configuration, options: options, episodes: dataset)
    while !whole.isFinished { try whole.step() }

    let first = try PolicyTrainer(SmallRooms.configuration, options: options, episodes: dataset)
    for _ in 0..<10 { try first.step() }
    try first.save(to: folder.url)
    let second = try PolicyTrainer(resuming: folder.url, episodes: dataset)
    #expect(second.completedSteps == 10)
    while !second.isFinished { try second.step() }
    #expect(state(second) == state(whole))
  }

  @Test func `a run that is given an end on the way is the run that knew it`() throws {
    let folder = try TemporaryFolder()
    let dataset = try SmallRooms.dataset()
    var options = SmallRooms.options
    options.steps = 12
    options.decaySteps = 5
    let whole = try PolicyTrainer(SmallRooms.configuration, options: options, episodes: dataset)
    while !whole.isFinished { try whole.step() }

    options.steps = 1_000
    options.decaySteps = 0
    let first = try PolicyTrainer(SmallRooms.configuration, options: options, episodes: dataset)
    for _ in 0..<7 { try first.step() }
    try first.save(to: folder.url)
    let second = try PolicyTrainer(resuming: folder.url, episodes: dataset, finishingIn: 5)
    while !second.isFinished { try second.step() }
    #expect(second.completedSteps == 12)
    #expect(state(second) == state(whole))
  }

  @Test func `only a constant rate can be given another end`() throws {
    var options = TrainingOptions()
    options.steps = 100
    #expect(throws: TrainingError.rateIsFalling(step: 20)) {
      try options.finishing(in: 10, after: 20)
    }
    options.decaySteps = 40
    #expect(throws: TrainingError.rateIsFalling(step: 61)) {
      try options.finishing(in: 10, after: 61)
    }
    #expect(throws: TrainingError.self) { try options.finishing(in: 0, after: 60) }
    #expect(throws: TrainingError.self) { try options.finishing(in: .max, after: 60) }
    let finishing = try options.finishing(in: 10, after: 60)
    #expect(finishing.steps == 70)
    #expect(finishing.decaySteps == 10)
  }

  @Test func `training on solutions is learned, training on shuffled actions is not`() throws {
    let heldOut = try SmallRooms.dataset(heldOut: true)
    let trainer = try PolicyTrainer(
      SmallRooms.configuration, options: SmallRooms.options, episodes: try SmallRooms.dataset())
    let before = try trainer.score(on: heldOut)
    while !trainer.isFinished { try trainer.step() }
    let after = try trainer.score(on: heldOut)
    // Four actions: an untrained model is right about a quarter of the time.
    #expect(before.accuracy < 0.45)
    #expect(after.accuracy > 0.6)
    #expect(after.loss < 0.75 * before.loss)

    var generator = SplitMix64(seed: 1)
    let shuffled = SmallRooms.episodes.map { episode in
      Episode(
        level: episode.level,
        actions: episode.actions.map { _ in
          Action(moving: Direction.allCases.randomElement(using: &generator) ?? .up)
        })
    }
    let blind = try PolicyTrainer(
      SmallRooms.configuration, options: SmallRooms.options,
      episodes: try EpisodeDataset(
        try SmallRooms.collection(shuffled), for: SmallRooms.configuration,
        checksSolutions: false))
    while !blind.isFinished { try blind.step() }
    #expect(try blind.score(on: heldOut).accuracy < 0.45)
  }

  @Test func `the rate rises in a line and falls along a cosine`() {
    var options = TrainingOptions()
    options.steps = 110
    options.warmUpSteps = 10
    options.learningRate = 1
    options.finalRateFraction = 0.2
    #expect(options.rate(at: 0) == 0.1)
    #expect(options.rate(at: 9) == 1)
    #expect(options.rate(at: 10) == 1)
    #expect(abs(options.rate(at: 60) - 0.6) < 1e-12)
    #expect(abs(options.rate(at: 110) - 0.2) < 1e-12)
  }

  @Test func `a rate that decays at the end is constant until then`() {
    var options = TrainingOptions()
    options.steps = 110
    options.warmUpSteps = 10
    options.learningRate = 1
    options.decaySteps = 20
    #expect(options.rate(at: 4) == 0.5)
    #expect(options.rate(at: 10) == 1)
    #expect(options.rate(at: 90) == 1)
    #expect(options.rate(at: 100) == 0.5)
    #expect(options.rate(at: 110) == 0)
    options.decaySteps = 0
    #expect(options.rate(at: 109) == 1)
  }

  @Test func `a rate that decays before it has risen all the way falls to zero all the same`() {
    var options = TrainingOptions()
    options.steps = 40
    options.warmUpSteps = 100
    options.learningRate = 1
    options.decaySteps = 20
    #expect(options.rate(at: 9) == 0.1)
    #expect(options.rate(at: 20) == 0.21)
    #expect(options.rate(at: 39) == 0.05)
    #expect(options.rate(at: 40) == 0)
  }

  @Test func `a run that is given an end while its rate rises falls towards it`() throws {
    var options = TrainingOptions()
    options.learningRate = 1
    options.decaySteps = 500
    let finishing = try options.finishing(in: 10, after: 50)
    #expect(finishing.rate(at: 49) == options.rate(at: 49))
    #expect(finishing.rate(at: 59) == 0.1)
  }

  @Test func `episodes of another size, and none that fit, are refused`() throws {
    let collection = try SmallRooms.collection(Array(SmallRooms.episodes.prefix(3)))
    #expect(
      throws: TrainingError.wrongRoomSize(
        episode: 0, rows: 5, columns: 6, expectedRows: 10, expectedColumns: 10)
    ) { try EpisodeDataset(collection, for: PolicyConfiguration()) }
    let long = try SmallRooms.collection(
      SmallRooms.episodes.filter { $0.actions.count > 3 })
    var configuration = SmallRooms.configuration
    configuration.maximumSteps = 3
    #expect(throws: TrainingError.noUsableEpisode(episodes: long.count, maximumSteps: 3)) {
      try EpisodeDataset(long, for: configuration)
    }
  }

  @Test func `an episode that does not solve its level is named with the reason`() throws {
    var episodes = Array(SmallRooms.episodes.filter { $0.actions.count > 3 }.prefix(4))
    episodes[2] = Episode(
      level: episodes[2].level, actions: Array(episodes[2].actions.dropLast()))
    let collection = try SmallRooms.collection(episodes)
    #expect(
      throws: TrainingError.badEpisode(2, .unsolved(after: episodes[2].actions.count))
    ) { try EpisodeDataset(collection, for: SmallRooms.configuration) }
    let unchecked = try EpisodeDataset(
      collection, for: SmallRooms.configuration, checksSolutions: false)
    #expect(unchecked.count == 4)
  }

  @Test(arguments: [0, -1, 10.5, 1e300, .infinity, .nan])
  func `a learning rate that would destroy the weights is refused`(rate: Double) throws {
    var options = SmallRooms.options
    options.learningRate = rate
    #expect(throws: TrainingError.self) { try options.validate() }
  }

  @Test func `a gradient too long for a float stops training before the update`() throws {
    let trainer = try PolicyTrainer(
      SmallRooms.configuration, options: SmallRooms.options, episodes: try SmallRooms.dataset())
    let head = trainer.network.layout.head.weight
    for index in head..<head + 4 * 32 { trainer.parameters.start[index] *= 1e23 }
    let before = state(trainer)
    #expect(
      throws: TrainingError.diverged(step: 0, quantity: .gradientNorm, value: .infinity)
    ) { try trainer.step() }
    #expect(state(trainer) == before)
    #expect(trainer.completedSteps == 0)
  }

  @Test func `a policy with a weight that is no number is not saved over a good one`() throws {
    let folder = try TemporaryFolder()
    let trainer = try PolicyTrainer(
      SmallRooms.configuration, options: SmallRooms.options, episodes: try SmallRooms.dataset())
    try trainer.save(to: folder.url)
    let good = trainer.policy.fingerprint
    try trainer.step()
    trainer.parameters.start[7] = .infinity
    #expect(
      throws: TrainingError.diverged(step: 1, quantity: .parameter, value: .infinity)
    ) { try trainer.save(to: folder.url) }
    #expect(try Policy(contentsOf: folder.url).fingerprint == good)
    #expect(
      try PolicyTrainer(resuming: folder.url, episodes: try SmallRooms.dataset()).completedSteps
        == 0)
  }

  @Test func `a window holds returns-to-go, times, actions and pictures of its steps`() throws {
    let episode = try #require(SmallRooms.episodes.first { $0.actions.count == 8 })
    let dataset = try EpisodeDataset(
      try SmallRooms.collection([episode]), for: SmallRooms.configuration)
    var packed = PackedWindows()
    try dataset.append(.init(episode: 0, steps: 2..<7, symmetry: Symmetry()), to: &packed)
    #expect(packed.windows == [0..<5])
    #expect(packed.times == [2, 3, 4, 5, 6])
    #expect(
      packed.actions == episode.actions[2..<7].compactMap { $0.direction.map { Int($0.rawValue) } })
    let rewards = episode.replayed().rewards
    for (step, value) in packed.returns.enumerated() {
      #expect(abs(Double(value) - rewards[(step + 2)...].reduce(0, +)) < 1e-5)
    }
    var environment = Environment(episode.level)
    for action in episode.actions[..<2] { _ = environment.step(action) }
    #expect(Array(packed.pictures.prefix(90)) == environment.picture)
  }
}
