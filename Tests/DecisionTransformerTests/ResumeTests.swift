import Files
import Numerics
import Foundation
import LaserOps
import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct ResumeTests {
  /// A folder with the checkpoint of a run after three updates.
  private func saved() throws -> (folder: TemporaryFolder, trainer: PolicyTrainer) {
    let folder = try TemporaryFolder()
    let trainer = try PolicyTrainer(
      SmallRooms.configuration, options: SmallRooms.options, episodes: try SmallRooms.dataset())
    for _ in 0..<3 { try trainer.step() }
    try trainer.save(to: folder.url)
    return (folder, trainer)
  }

  private func remove(_ name: String, from folder: TemporaryFolder) throws {
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent(name))
  }

  private func change(_ name: String, in folder: TemporaryFolder, _ old: String, _ new: String)
    throws
  {
    let url = folder.url.appendingPathComponent(name)
    let text = try String(contentsOf: url, encoding: .utf8)
    #expect(text.contains(old))
    try AtomicFile.write(text.replacingOccurrences(of: old, with: new), to: url)
  }

  @Test func `a policy without its training state does not resume`() throws {
    let folder = try TemporaryFolder()
    try Policy(untrained: SmallRooms.configuration, seed: 5).save(to: folder.url)
    #expect(throws: PolicyCheckpointError.cannotResume(folder: folder.url.path)) {
      try PolicyTrainer(resuming: folder.url, episodes: try SmallRooms.dataset())
    }
  }

  @Test func `a checkpoint cut off before the policy's weights resumes all the same`() throws {
    let (folder, trainer) = try saved()
    try remove("model.safetensors", from: folder)
    let resumed = try PolicyTrainer(resuming: folder.url, episodes: try SmallRooms.dataset())
    #expect(resumed.completedSteps == 3)
    #expect(resumed.parameters.values == trainer.parameters.values)
    try resumed.save(to: folder.url)
    #expect(try Policy(contentsOf: folder.url).fingerprint == trainer.policy.fingerprint)
  }

  @Test func `a first checkpoint cut off before any numbers begins anew with its options`() throws {
    let (folder, trainer) = try saved()
    try remove("model.safetensors", from: folder)
    try remove("optimizer.safetensors", from: folder)
    let resumed = try PolicyTrainer(resuming: folder.url, episodes: try SmallRooms.dataset())
    #expect(resumed.completedSteps == 0)
    #expect(resumed.options == trainer.options)
    for _ in 0..<3 { try resumed.step() }
    #expect(resumed.parameters.values == trainer.parameters.values)
  }

  /// A folder with the settings of a run that begins with `origin`, cut off before any numbers.
  private func cutOff(from origin: Policy) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try PolicyTrainer(
      from: origin, options: SmallRooms.options, episodes: try SmallRooms.dataset()
    ).save(to: folder.url)
    try remove("model.safetensors", from: folder)
    try remove("optimizer.safetensors", from: folder)
    return folder
  }

  @Test func `a run that was cut off at first begins with the weights of its origin again`() throws
  {
    let origin = try Policy(untrained: SmallRooms.configuration, seed: 9)
    let folder = try cutOff(from: origin)
    let resumed = try PolicyTrainer(
      resuming: folder.url, episodes: try SmallRooms.dataset(), from: origin)
    #expect(resumed.completedSteps == 0)
    #expect(resumed.parameters.values == origin.mergedParameters.values)
  }

  @Test func `a run that was cut off at first does not begin anew without its origin`() throws {
    let origin = try Policy(untrained: SmallRooms.configuration, seed: 9)
    let folder = try cutOff(from: origin)
    let other = try Policy(untrained: SmallRooms.configuration, seed: 10)
    for given in [nil, other] {
      #expect(
        throws: PolicyCheckpointError.otherOrigin(
          folder: folder.url.path, expected: "\(origin.fingerprint)")
      ) {
        try PolicyTrainer(
          resuming: folder.url, episodes: try SmallRooms.dataset(), from: given)
      }
    }
  }

  @Test func `a run of an older version, which does not say what it began with, goes on`() throws {
    let (folder, _) = try saved()
    try change("training.json", in: folder, "\"origin\"", "\"unknown\"")
    let resumed = try PolicyTrainer(resuming: folder.url, episodes: try SmallRooms.dataset())
    #expect(resumed.completedSteps == 3)
    #expect(try PolicyTrainer.originName(ofTrainingIn: folder.url) == nil)
  }

  @Test func `a run whose optimizer is gone does not begin anew by itself`() throws {
    let (folder, _) = try saved()
    try remove("optimizer.safetensors", from: folder)
    #expect(throws: PolicyCheckpointError.cannotResume(folder: folder.url.path)) {
      try PolicyTrainer(resuming: folder.url, episodes: try SmallRooms.dataset())
    }
  }

  @Test func `other episodes, and the same ones in another order, are refused`() throws {
    let (folder, _) = try saved()
    #expect(throws: PolicyCheckpointError.self) {
      try PolicyTrainer(resuming: folder.url, episodes: try SmallRooms.dataset(heldOut: true))
    }
    var episodes = SmallRooms.episodes.enumerated().filter { $0.offset % 5 != 0 }.map(\.element)
    func dataset() throws -> EpisodeDataset {
      try EpisodeDataset(try SmallRooms.collection(episodes), for: SmallRooms.configuration)
    }
    #expect(try PolicyTrainer(resuming: folder.url, episodes: dataset()).completedSteps == 3)
    episodes.swapAt(0, 1)
    let error = try #require(throws: PolicyCheckpointError.self) {
      try PolicyTrainer(resuming: folder.url, episodes: dataset())
    }
    #expect(error.description.contains("the same episode files in the same order"))
  }

  @Test func `a run goes on with more episodes behind those that it began with`() throws {
    let (folder, _) = try saved()
    let begun = SmallRooms.episodes.enumerated().filter { $0.offset % 5 != 0 }.map(\.element)
    func resume(_ episodes: [Episode]) throws -> PolicyTrainer {
      try PolicyTrainer(
        resuming: folder.url,
        episodes: try EpisodeDataset(
          try SmallRooms.collection(episodes), for: SmallRooms.configuration))
    }
    let more = try resume(begun + SmallRooms.episodes.prefix(7))
    #expect(more.completedSteps == 3)
    #expect(more.addedEpisodes == 7)
    try more.step()
    #expect(more.addedEpisodes == 0)
    try more.save(to: folder.url)
    #expect(throws: PolicyCheckpointError.self) { try resume(begun) }
    let again = try resume(begun + SmallRooms.episodes.prefix(7))
    #expect(again.completedSteps == 4)
    #expect(again.growth == [PolicyTrainer.Growth(episodes: begun.count, updates: 3)])
  }

  @Test func `a grown run that is interrupted goes on with the same bytes`() throws {
    let begun = SmallRooms.episodes.enumerated().filter { $0.offset % 5 != 0 }.map(\.element)
    let grown = try EpisodeDataset(
      try SmallRooms.collection(begun + SmallRooms.episodes.prefix(7)),
      for: SmallRooms.configuration)
    let (folder, _) = try saved()
    let whole = try PolicyTrainer(resuming: folder.url, episodes: grown)
    for _ in 0..<2 { try whole.step() }
    let first = try PolicyTrainer(resuming: folder.url, episodes: grown)
    try first.step()
    try first.save(to: folder.url)
    let second = try PolicyTrainer(resuming: folder.url, episodes: grown)
    try second.step()
    #expect(second.parameters.values == whole.parameters.values)
  }

  @Test func `a plan weight for an encoder that reads no plan names its file`() throws {
    let (folder, trainer) = try saved()
    let path = folder.url.appendingPathComponent("training.json").path
    try change("training.json", in: folder, "\"batch\" : 24", "\"batch\" : 24, \"planWeight\" : 1")
    let error = try #require(throws: PolicyCheckpointError.self) {
      try PolicyTrainer(resuming: folder.url, episodes: trainer.episodes)
    }
    #expect(error.description.contains(path))
    #expect(error.description.contains("the encoder reads no plan"))
  }

  @Test func `training settings that do not fit name their file`() throws {
    let (folder, trainer) = try saved()
    let path = folder.url.appendingPathComponent("training.json").path
    try change("training.json", in: folder, "\"batch\" : 24", "\"batch\" : 0")
    #expect(
      throws: PolicyCheckpointError.badSettings(
        file: path, reason: "batch is 0, expected 1 to 65536")
    ) { try PolicyTrainer(resuming: folder.url, episodes: trainer.episodes) }
    try trainer.save(to: folder.url)
    try change("training.json", in: folder, "fingerprint", "print")
    #expect(
      throws: PolicyCheckpointError.badSettings(
        file: path, reason: "the key 'fingerprint' is missing")
    ) { try PolicyTrainer(resuming: folder.url, episodes: trainer.episodes) }
  }

  /// Goes on with a run of three updates in `folder`, or begins it, up to an update.
  private func run(
    in folder: TemporaryFolder, upTo update: Int? = nil
  ) throws -> (policy: Policy, curve: TrainingCurve) {
    var options = SmallRooms.options
    options.steps = 3
    var schedule = TrainingRun.Schedule()
    schedule.stopAt = update
    let episodes = try SmallRooms.dataset()
    let trainer =
      try TrainingOptions(ofTrainingIn: folder.url) == nil
      ? PolicyTrainer(SmallRooms.configuration, options: options, episodes: episodes)
      : PolicyTrainer(resuming: folder.url, episodes: episodes)
    return try TrainingRun(trainer, folder: folder.url, schedule: schedule).run()
  }

  @Test(arguments: [true, false])
  func `a run cut off in its last checkpoint has its policy once it is run again`(hasOlder: Bool)
    throws
  {
    let folder = try TemporaryFolder()
    let model = folder.url.appendingPathComponent("model.safetensors")
    _ = try run(in: folder, upTo: 1)
    let older = try Data(contentsOf: model)
    _ = try run(in: folder)
    let finished = try Data(contentsOf: model)
    #expect(finished != older)
    try remove("model.safetensors", from: folder)
    if hasOlder { try older.write(to: model) }
    let again = try run(in: folder)
    #expect(try Data(contentsOf: model) == finished)
    #expect(again.curve.points.map(\.step) == [1, 3])
  }

  @Test func `a run cut off in its last checkpoint has the last point of its curve`() throws {
    let folder = try TemporaryFolder()
    // Weights cannot take the place of a folder: everything but them is written.
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("model.safetensors"),
      withIntermediateDirectories: false)
    #expect(throws: FileError.self) { try run(in: folder) }
    try remove("model.safetensors", from: folder)
    let again = try run(in: folder)
    #expect(again.curve.points.map(\.step) == [3])
    #expect(try TrainingCurve(in: folder.url) == again.curve)
    #expect(try Policy(contentsOf: folder.url).fingerprint == again.policy.fingerprint)
  }

  @Test func `a finished run that is whole is only read`() throws {
    let folder = try TemporaryFolder()
    _ = try run(in: folder)
    func files() throws -> [String: UInt64] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      return try Dictionary(
        uniqueKeysWithValues: names.map { name in
          let path = folder.url.appendingPathComponent(name).path
          let number = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber]
          return (name, try #require(number as? UInt64))
        })
    }
    let before = try files()
    _ = try run(in: folder)
    #expect(try files() == before)
  }
}
