public import Numerics

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// One side of a comparison: a process that measures when `bench.py` asks, so that ours and the peer take turns.
///
/// It prints its name and version when everything is loaded. Every line that it then reads names a measurement, and it
/// answers with what was done (rooms, tokens) and the seconds that took.
public struct MeasuringProcess {
  /// What can be asked for.
  public var measurements: [String: () throws -> Timing] = [:]

  private let name: String

  /// A process that can measure nothing yet.
  public init(name: String = "laser") {
    self.name = name
    // As `laser` does.
    ProcessMemory.keepFreedBlocks()
  }

  /// Answers until standard input ends.
  ///
  /// - Throws: What a measurement throws.
  public func serve() throws {
    print(name)
    fflush(nil)
    while let name = readLine() {
      guard let measure = measurements[name] else {
        print("there is no measurement '\(name)'; there are \(measurements.keys.sorted())")
        exit(64)
      }
      let measurement = try measure()
      print(measurement.amount, measurement.seconds)
      fflush(nil)
    }
  }
}

/// What was done, and how long it took.
public struct Timing {
  /// A number of rooms, tokens, ….
  public var amount: Int
  /// The time in which it was done.
  public var seconds: Double

  /// Does `work` and takes the time.
  ///
  /// - Throws: What `work` throws.
  public init(of amount: Int, _ work: () throws -> Void) rethrows {
    self.amount = amount
    seconds = try ContinuousClock().measure(work) / .seconds(1)
  }
}

/// The words after a program's name: `--name value` pairs, and the rest in order.
public struct Arguments {
  /// What follows no name.
  public private(set) var plain: [String] = []
  private var named: [String: String] = [:]

  /// Those of this process.
  public init() {
    var words = CommandLine.arguments.dropFirst()
    while let word = words.popFirst() {
      if word.hasPrefix("--"), let value = words.popFirst() {
        named[String(word.dropFirst(2))] = value
      } else {
        plain.append(word)
      }
    }
  }

  /// The number after `--name`, or `standard`.
  public func number(_ name: String, _ standard: Int) -> Int {
    named[name].flatMap { Int($0) } ?? standard
  }

  /// As many workers as `--threads` says, or one a core.
  public var workers: Workers {
    Workers(count: max(1, number("threads", Workers.allCores.count)))
  }
}
