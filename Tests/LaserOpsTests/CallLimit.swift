import Foundation
import Synchronization
import Testing

@testable import LaserOps

/// Fails like a crash after so many calls, and counts them.
final class CallLimit: Sendable {
  private let limit: Int
  private let made = Mutex(0)

  struct Reached: Error {}

  init(_ limit: Int = .max) { self.limit = limit }

  var count: Int { made.withLock { $0 } }

  func call() throws {
    let number = made.withLock { made in
      made += 1
      return made
    }
    guard number <= limit else { throw Reached() }
  }
}

/// Kills a search at every call of its objective: started again it ends with the bytes of one that never was, and once
/// finished it calls nothing.
///
/// - Parameters:
///   - fewest: More calls than these are expected.
///   - search: The search, whose objective makes its calls through the limit.
/// - Throws: What a search throws that was not killed.
func expectSameBytesWhereverKilled<SomeObjective: Objective>(
  moreCallsThan fewest: Int, _ search: (CallLimit) throws -> InterventionSearch<SomeObjective>
) throws {
  try withTemporaryFolder { folder in
    func run(_ calls: CallLimit, _ name: String) throws -> Data {
      let url = folder.appending(path: name)
      _ = try RunFolder(url).run(search(calls), of: RunIdentity(model: "toy"))
      return try Data(contentsOf: url.appending(path: "result.json"))
    }
    let calls = CallLimit()
    let whole = try run(calls, "whole")
    #expect(calls.count > fewest)
    for survivors in 1..<calls.count {
      #expect(throws: CallLimit.Reached.self) { _ = try run(CallLimit(survivors), "\(survivors)") }
      #expect(try run(CallLimit(), "\(survivors)") == whole)
      #expect(try run(CallLimit(0), "\(survivors)") == whole)
    }
  }
}
