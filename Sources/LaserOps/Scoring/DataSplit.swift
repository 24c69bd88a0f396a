internal import Numerics

/// Which examples pick the edit (validation) and which report on it (test).
public struct DataSplit: Equatable, Sendable {
  /// The examples that pick, in data order.
  public let validation: [Int]
  /// All the others, in data order.
  public let test: [Int]
  /// How many examples of each part were taken out of it; nil where that was not asked for.
  private var leftOut: [Part: Int]?

  /// Takes the first fifth in data order for validation, as the authors do, or a shuffled fifth.
  ///
  /// - Parameters:
  ///   - exampleCount: How many examples there are.
  ///   - validationShare: The share that picks, rounded down.
  ///   - seed: Shuffles before splitting; nil keeps data order.
  ///   - groups: The group of every example, such as the record that paraphrases share; a shuffle
  ///     never tears a group apart. Nil makes every example its own.
  /// - Throws: `SplitError.tooFew` if one of the parts would be empty.
  public init(
    exampleCount: Int, validationShare: Double = 0.2, shuffledBy seed: UInt64? = nil,
    groups: [Int]? = nil
  ) throws {
    let wanted = try Fraction(validationShare).count(of: exampleCount)
    var picked = Array(0..<exampleCount)
    if let seed {
      var generator = SplitMix64(seed: seed)
      let membership = groups ?? picked
      precondition(membership.count == exampleCount, "every example needs a group")
      let members = Dictionary(grouping: picked) { membership[$0] }
      // Sorted first, because a dictionary's order changes from run to run.
      let order = generator.shuffle(members.keys.sorted())
      picked = order.flatMap { members[$0] ?? [] }
      var boundary = wanted
      while boundary > 0, boundary < exampleCount,
        membership[picked[boundary - 1]] == membership[picked[boundary]]
      { boundary -= 1 }
      validation = picked[..<boundary].sorted()
      test = picked[boundary...].sorted()
    } else {
      validation = Array(picked[..<wanted])
      test = Array(picked[wanted...])
    }
    guard !validation.isEmpty, !test.isEmpty else {
      throw SplitError.tooFew(examples: exampleCount)
    }
  }

  /// The first examples pick, the others report.
  ///
  /// - Parameters:
  ///   - validationCount: How many pick.
  ///   - testCount: How many report.
  /// - Throws: `SplitError.tooFew` if one of the parts would be empty.
  public init(validationCount: Int, testCount: Int) throws {
    guard validationCount > 0, testCount > 0 else {
      throw SplitError.tooFew(examples: max(0, validationCount) + max(0, testCount))
    }
    validation = Array(0..<validationCount)
    test = Array(validationCount..<validationCount + testCount)
  }

  /// All examples in one part: nothing picks.
  ///
  /// - Throws: `SplitError.noExamples` without any.
  public init(undivided exampleCount: Int) throws {
    try self.init(only: Array(0..<max(0, exampleCount)))
  }

  /// Only `examples`, in one part.
  ///
  /// - Throws: `SplitError.noExamples` without any.
  public init(only examples: [Int]) throws {
    guard !examples.isEmpty else { throw SplitError.noExamples }
    validation = []
    test = examples.sorted()
  }

  private init(validation: [Int], test: [Int], leftOut: [Part: Int]) {
    self.validation = validation
    self.test = test
    self.leftOut = leftOut
  }

  /// The same parts without the examples for which a score has no meaning; a part may be left without any.
  package func keeping(_ isKept: (Int) -> Bool) -> DataSplit {
    let kept = (validation: validation.filter(isKept), test: test.filter(isKept))
    let validationCount = validation.count - kept.validation.count
    let testCount = test.count - kept.test.count
    return DataSplit(
      validation: kept.validation, test: kept.test,
      leftOut: [
        .validation: validationCount, .test: testCount, .all: validationCount + testCount,
      ])
  }

  /// How many examples of a part were left out; nil where all are in it because none can be left out.
  package func leftOutCount(of part: Part) -> Int? { leftOut?[part] }

  /// The split as a journal's header has it.
  public struct Identity: Codable, Equatable, Sendable {
    /// How many examples pick; nil where nothing picks.
    public let validation: Int?
    /// How many report.
    public let test: Int
    /// Which ones pick.
    public let fingerprint: String?
  }

  /// What tells the split from others of the same examples.
  public var identity: Identity {
    guard !validation.isEmpty else {
      return Identity(validation: nil, test: test.count, fingerprint: nil)
    }
    var parts = Fingerprint()
    for index in validation { parts.combine("\(index)") }
    return Identity(validation: validation.count, test: test.count, fingerprint: "\(parts)")
  }

  /// The examples of one part.
  public subscript(part: Part) -> [Int] {
    switch part {
    case .validation: validation
    case .test: test
    case .all: (validation + test).sorted()
    }
  }

  /// A part of the examples.
  public enum Part: String, CaseIterable, Codable, Sendable {
    /// All of them, for what picks nothing.
    case all
    /// The examples that pick.
    case validation
    /// The examples that report.
    case test
  }
}

/// Why examples cannot be divided.
package enum SplitError: Error, Equatable, CustomStringConvertible {
  /// Too few examples to have both parts.
  case tooFew(examples: Int)
  /// Nothing to score a model on.
  case noExamples

  /// What is wrong, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .tooFew(let examples):
      "\(examples) \(examples == 1 ? "example" : "examples") cannot be split into validation and "
        + "test; a search needs at least 5, and groups smaller than a fifth of them: give more data, "
        + "or a higher --limit"
    case .noExamples: "there is no example to score a model on; give data with at least one"
    }
  }
}
