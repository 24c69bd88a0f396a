import ArgumentParser
import Foundation
import LaserOps

/// How a search is divided among processes that write into one folder.
struct ShareOptions: ParsableArguments {
  @Option(help: "Divide the sites among this many processes, which all write into the same folder.")
  var shards: Int?
  @Option(
    help: ArgumentHelp(
      """
      Which of them this is, from 0 (default: SLURM_ARRAY_TASK_ID). i/n is --shards n --shard i.
      """, valueName: "i"))
  var shard: ShareArgument?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      With --shards: write array.sh and merge.sh into the folder and submit them with these options of sbatch, such as '--time=4:00:00 --cpus-per-task=4'.
      """, valueName: "options"))
  var slurm: String?
  @Flag(help: "With --slurm: print what would be submitted instead.")
  var dryRun = false
  // What laser merge sets.
  @Flag(help: .hidden) var merge = false
  @Flag(help: .hidden) var fill = false
  @Option(help: .hidden) var merger: Shard?
  @Option(parsing: .unconditional, help: .hidden) var original: String?

  func validate() throws {
    if let count, !(1...100_000).contains(count) {
      let option = shards == nil ? "--shard i/n takes an n" : "--shards takes a number"
      throw ValidationError("\(option) from 1 to 100000, not \(count).")
    }
    if shards != nil, shard?.count != nil {
      throw ValidationError("--shard i/n says how many shards there are; leave out --shards.")
    }
    if let index = shard?.index, shard?.count == nil, shards == nil {
      throw ValidationError("--shard \(index) needs --shards, how many there are.")
    }
    if slurm != nil, shards == nil || shard != nil {
      throw ValidationError("--slurm submits all shards; give --shards, and no --shard.")
    }
    if dryRun, slurm == nil { throw ValidationError("--dry-run goes with --slurm.") }
    if let count, let index = shard?.index { _ = try checked(index, of: count, from: "--shard") }
  }

  /// How many processes there are; nil for one.
  var count: Int? { shard?.count ?? shards }

  /// The share of this process.
  ///
  /// - Parameter environment: Where a Slurm array says which task this is. Of the array's size nothing is taken: a
  ///   resubmitted part of an array has another.
  /// - Returns: The share; all sites where nothing is divided.
  /// - Throws: A validation error for an index that is missing or outside.
  func share(
    in environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> Shard {
    guard let count, !merge else { return .whole }
    if let index = shard?.index { return try checked(index, of: count, from: "--shard") }
    let name = "SLURM_ARRAY_TASK_ID"
    guard let text = environment[name] else {
      throw ValidationError(
        "--shards \(count) needs --shard i with i from 0 to \(count - 1), --slurm, or a Slurm array (\(name) is not set)."
      )
    }
    guard let index = Int(text) else {
      throw ValidationError("\(name) is '\(text)', no number; give --shard i.")
    }
    return try checked(index, of: count, from: name)
  }

  private func checked(_ index: Int, of count: Int, from source: String) throws -> Shard {
    guard (0..<count).contains(index) else {
      throw ValidationError(
        "\(source) is \(index), outside the \(count) shards; expected 0 to \(count - 1) (sbatch --array=0-\(count - 1))."
      )
    }
    return try Shard(index: index, of: count)
  }
}

/// `i` or `i/n`; ``ShareOptions`` says which numbers there are.
struct ShareArgument: ExpressibleByArgument {
  let index: Int
  let count: Int?

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(parts.count), let index = parts[0] else { return nil }
    self.index = index
    guard parts.count == 2 else {
      count = nil
      return
    }
    guard let count = parts[1] else { return nil }
    self.count = count
  }
}
