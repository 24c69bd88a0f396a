import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Numerics

@Suite struct WorkersTests {
  @Test(arguments: [(1, 5), (2, 1), (2, 100), (4, 3), (4, 100)])
  func `a team does every piece once, call after call`(size: Int, pieces: Int) {
    let team = WorkerTeam(size: size)
    for _ in 0..<200 {
      #expect(calls(pieces) { team.forEach(pieces, threads: 8, $0) }.allSatisfy { $0 == 1 })
    }
  }

  @Test func `helpers that have gone to sleep wake up`() {
    let team = WorkerTeam(size: 3)
    for _ in 0..<5 {
      // Longer than they look out.
      Thread.sleep(forTimeInterval: 0.002)
      #expect(calls(50) { team.forEach(50, threads: 3, $0) }.allSatisfy { $0 == 1 })
    }
  }

  @Test func `a caller waits for a helper that takes long`() {
    let team = WorkerTeam(size: 2)
    for _ in 0..<5 {
      let done = calls(2) {
        team.forEach(2, threads: 2, $0)
      } during: { _ in
        Thread.sleep(forTimeInterval: 0.002)
      }
      #expect(done == [1, 1])
    }
  }

  @Test func `a caller that has nothing left to do sleeps until a helper is done`() {
    let team = WorkerTeam(size: 2)
    for _ in 0..<5 {
      let begun = Mutex(0)
      let done = calls(2) {
        team.forEach(2, threads: 2, $0)
      } during: { _ in
        let isFirst = begun.withLock { count in
          count += 1
          return count == 1
        }
        // Whoever is first waits for the other, which ends at once, and then takes longer than anyone looks out.
        guard isFirst else { return }
        while begun.withLock({ $0 < 2 }) { Thread.sleep(forTimeInterval: 0.0001) }
        Thread.sleep(forTimeInterval: 0.002)
      }
      #expect(done == [1, 1])
    }
  }

  @Test func `threads that call at the same time each see what was made for them`() {
    let failures = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 4) { caller in
      for call in 0..<300 {
        let results = FloatBuffer(count: 64)
        Workers(count: 4).forEach(64) { results.start[$0] = Float(caller + call + $0) }
        let isRight = (0..<64).allSatisfy { results.start[$0] == Float(caller + call + $0) }
        if !isRight { failures.add(1, ordering: .relaxed) }
      }
    }
    #expect(failures.load(ordering: .relaxed) == 0)
  }

  @Test func `a team at work says so, and the pieces are done nevertheless`() {
    let team = WorkerTeam(size: 2)
    let answers = Mutex<[Bool]>([])
    #expect(
      team.forEach(2, threads: 2) { _ in
        let answer = team.forEach(1, threads: 2) { _ in }
        answers.withLock { $0.append(answer) }
      })
    #expect(answers.withLock(\.self) == [false, false])
    #expect(
      calls(4 * 5) { body in
        Workers(count: 2).forEach(4) { outer in
          Workers(count: 2).forEach(5) { body(5 * outer + $0) }
        }
        return true
      }.allSatisfy { $0 == 1 })
  }

  /// How often each of `pieces` was done.
  private func calls(
    _ pieces: Int, _ spread: (@Sendable (Int) -> Void) -> Bool,
    during: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> [Int] {
    let counts = Mutex([Int](repeating: 0, count: pieces))
    #expect(
      spread { piece in
        during(piece)
        counts.withLock { $0[piece] += 1 }
      })
    return counts.withLock(\.self)
  }
}
