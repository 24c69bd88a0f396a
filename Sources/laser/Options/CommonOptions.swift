import Numerics
import ArgumentParser
import Foundation

/// How much of the machine a command uses.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: "Threads to use (default: every core that this process may use).")
  var count: Int?

  var workers: Workers { count.map(Workers.init) ?? .allCores }

  func validate() throws {
    guard (1...1_024).contains(count ?? 1) else {
      throw ValidationError("--threads takes a number from 1 to 1024.")
    }
    let name = "SLURM_CPUS_PER_TASK"
    if let text = ProcessInfo.processInfo.environment[name], (Int(text) ?? 0) < 1 {
      throw ValidationError("\(name) is '\(text)', no number of cores; unset it or set it right.")
    }
  }
}

/// Whether a command answers for a person or for a program.
struct OutputOptions: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Print JSON for machines instead of text.")
  var isJSON = false
}

/// How many things a command makes or takes.
enum CountLimit {
  /// More is taken for a slip.
  static let range = 1...10_000_000

  /// - Throws: A validation error that names `option` for a number out of range; nil is in range.
  static func check(_ count: Int?, option: String) throws {
    guard range.contains(count ?? 1) else {
      throw ValidationError("\(option) takes a number from 1 to \(range.upperBound).")
    }
  }
}

/// The seed of everything random in a command.
struct SeedOptions: ParsableArguments {
  @Option(name: .customLong("seed"), help: "The seed of everything random; same seed, same result.")
  var value: UInt64 = 0
}
