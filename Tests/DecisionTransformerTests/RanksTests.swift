import Foundation
import Numerics
import Synchronization
import Testing

@testable import DecisionTransformer

/// Processes that share a training, played by threads.
@Suite struct RanksTests {
  /// Letters between threads, each with a sender and a receiver.
  private final class Post: Sendable {
    private let letters = Mutex<[String: [[UInt8]]]>([:])

    func put(_ bytes: some Sequence<UInt8>, _ address: String) {
      let letter = Array(bytes)
      letters.withLock { $0[address, default: []].append(letter) }
    }

    func take(_ address: String) -> [UInt8] {
      while true {
        let letter = letters.withLock { letters in
          letters[address]?.isEmpty == false ? letters[address]?.removeFirst() : nil
        }
        if let letter { return letter }
        usleep(20)
      }
    }
  }

  private struct ThreadTransport: RankTransport {
    let index: Int
    let count: Int
    let post: Post

    func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) { post.put(bytes, "\(index)-\(rank)") }

    func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) {
      bytes.copyBytes(from: post.take("\(rank)-\(index)"))
    }

    func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
      guard index == 0 else { return bytes.copyBytes(from: post.take("all-\(index)")) }
      for rank in 1..<count { post.put(bytes, "all-\(rank)") }
    }

    func leave() {}
  }

  /// What one process ends with.
  private struct Trained: Equatable, Sendable {
    var parameters: [Float]
    var losses: [Double]
  }

  private static func options() -> TrainingOptions {
    var options = SmallRooms.options
    options.steps = 12
    options.batch = 10
    options.muonMomentumDecay = 0.95
    return options
  }

  private static func train(_ ranks: Ranks) throws -> Trained {
    let trainer = try PolicyTrainer(
      SmallRooms.configuration, options: options(), episodes: SmallRooms.dataset(),
      workers: Workers(count: 1), ranks: ranks)
    try trainer.requireSameStart()
    var losses: [Double] = []
    while !trainer.isFinished { losses.append(try trainer.step().loss) }
    return Trained(parameters: trainer.parameters.values, losses: losses)
  }

  private final class Results<Value: Sendable>: Sendable {
    private let all = Mutex<[Int: Result<Value, any Error>]>([:])

    func set(_ result: Result<Value, any Error>, of index: Int) {
      all.withLock { $0[index] = result }
    }

    func values() throws -> [Value] {
      try all.withLock { all in try all.keys.sorted().compactMap { try all[$0]?.get() } }
    }
  }

  private static func together<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Ranks) throws -> Value
  ) throws -> [Value] {
    let (post, results, group) = (Post(), Results<Value>(), DispatchGroup())
    for index in 0..<count {
      group.enter()
      Thread.detachNewThread {
        let transport = ThreadTransport(index: index, count: count, post: post)
        results.set(
          Result { try body(Ranks(index: index, count: count, over: transport)) }, of: index)
        group.leave()
      }
    }
    group.wait()
    return try results.values()
  }

  @Test(arguments: [2, 3, 4])
  func `processes that share a training end with the bytes of one`(count: Int) throws {
    let alone = try Self.train(.alone)
    let shared = try Self.together(count) { try Self.train($0) }
    #expect(shared.count == count)
    #expect(shared.allSatisfy { $0 == alone })
  }

  @Test func `the first process alone writes`() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.url
    defer { withExtendedLifetime(temporary) {} }
    let curves = try Self.together(2) { ranks in
      let trainer = try PolicyTrainer(
        SmallRooms.configuration, options: Self.options(), episodes: SmallRooms.dataset(),
        workers: Workers(count: 1), ranks: ranks)
      var schedule = TrainingRun.Schedule()
      schedule.reportEvery = 4
      // Only what the first process decides counts.
      let isFirst = ranks.isFirst
      schedule.isInterrupted = { !isFirst }
      let own = folder.appending(path: "\(ranks.index)")
      let (_, curve) = try TrainingRun(trainer, folder: own, schedule: schedule).run()
      return curve.points.count
    }
    #expect(curves == [3, 0])
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names == ["0"])
  }

  @Test func `a process that begins somewhere else is refused`() throws {
    #expect(throws: RanksError.otherState(process: 1, updates: 0, expected: 0)) {
      _ = try Self.together(2) { ranks in
        let trainer = try PolicyTrainer(
          SmallRooms.configuration, options: Self.options(),
          episodes: SmallRooms.dataset(heldOut: ranks.index == 1), workers: Workers(count: 1),
          ranks: ranks)
        try trainer.requireSameStart()
      }
    }
  }

  @Test func `more processes than pieces of a batch are refused`() throws {
    let transport = ThreadTransport(index: 4, count: 5, post: Post())
    #expect(throws: RanksError.tooMany(processes: 5, pieces: 4)) {
      try PolicyTrainer(
        SmallRooms.configuration, options: Self.options(), episodes: SmallRooms.dataset(),
        ranks: Ranks(index: 4, count: 5, over: transport))
    }
  }
}
