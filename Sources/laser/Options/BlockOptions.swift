import ArgumentParser
import Foundation

/// How a list is divided among processes that each take a part that hangs together.
struct BlockOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Divide the levels among this many processes.")
  var shards: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Which of them this is, from 0 (default: SLURM_ARRAY_TASK_ID).", valueName: "i"))
  var shard: Int?

  func validate() throws {
    if let shards, !(1...100_000).contains(shards) {
      throw ValidationError("--shards takes a number from 1 to 100000, not \(shards).")
    }
    if let shard, shards == nil {
      throw ValidationError("--shard \(shard) needs --shards, how many there are.")
    }
    if shards != nil { _ = try index() }
  }

  /// Which process this is.
  ///
  /// - Throws: A validation error for a number that is missing or outside.
  func index() throws -> Int {
    guard let shards else { return 0 }
    let name = "SLURM_ARRAY_TASK_ID"
    let text = ProcessInfo.processInfo.environment[name]
    guard let index = shard ?? text.flatMap({ Int($0) }) else {
      throw ValidationError(
        "--shards \(shards) needs --shard i with i from 0 to \(shards - 1), or a Slurm array "
          + "(\(name) is \(text.map { "'\($0)', no number" } ?? "not set")).")
    }
    guard (0..<shards).contains(index) else {
      throw ValidationError(
        "\(shard == nil ? name : "--shard") is \(index), outside the \(shards) shards; expected 0 to \(shards - 1)."
      )
    }
    return index
  }

  /// The part of this process of so many; all where nothing is divided.
  ///
  /// - Throws: A validation error for a number that is missing or outside, or more processes than there is work for.
  func block(of count: Int) throws -> Range<Int> {
    guard let shards else { return 0..<count }
    guard shards <= count else {
      throw ValidationError("--shards \(shards) divides \(count); give at most as many shards.")
    }
    let index = try index()
    return count * index / shards..<count * (index + 1) / shards
  }
}
