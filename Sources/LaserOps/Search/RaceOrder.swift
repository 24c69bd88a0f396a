internal import Numerics

/// In which parts the examples of a race are asked, from what the unedited model makes of them.
struct RaceOrder {
  /// The parts: places in the list of all examples, ascending in each part.
  let parts: [[Int]]
  /// How many of the examples, from the first asked on, stand for all of them; what comes later was chosen.
  let evenlyAsked: Int

  /// Fewer examples than this are one part.
  private static let smallest = 16
  /// Where the parts end, in sixteenths: after an eighth the forecast has something to go by, and the sooner it is asked
  /// again, the less a trial is asked in vain.
  private static let sixteenths = [2, 3, 4, 5, 6, 8, 10, 12]
  /// The same for a short list with two winners. An eighth says too little of a mean, and few trials are asked in vain.
  private static let fewSixteenths = [4, 6, 8, 10, 12]

  private static func sixteenths(of race: Race) -> [Int] {
    race.findsLowestLoss ? fewSixteenths : sixteenths
  }

  /// How examples are divided for `race`: parts of another division are other examples.
  static func name(for race: Race) -> String {
    guard race.risk > 0 else { return "failures, then thirds" }
    let ends = sixteenths(of: race).map(String.init).joined(separator: " ")
    return "parts to \(ends) of 16" + (race.findsLowestLoss ? ", even, for score and loss" : "")
  }

  /// The order for `base`, the outcomes of the unedited model on all examples.
  ///
  /// - Parameters:
  ///   - base: What became of every example.
  ///   - race: Whether certainty is wanted, and what is to be found.
  ///   - isHigherBetter: Whether a higher ``Outcome/measure`` is better.
  ///   - seed: Shuffles where nothing better is known.
  init(of base: [Outcome], race: Race, isHigherBetter: Bool, seed: UInt64) {
    let count = base.count
    guard count >= Self.smallest else {
      parts = [Array(base.indices)]
      evenlyAsked = count
      return
    }
    if race.risk == 0 {
      // Failures first: only what is lost there for good can stop a trial for certain. A few successes with them tell
      // the trials apart that turn everything over.
      let order = base.indices.sorted { left, right in
        let merits = [base[left], base[right]].map { isHigherBetter ? $0.measure : -$0.measure }
        return (base[left].isSuccess ? 1 : 0, merits[0], left)
          < (base[right].isSuccess ? 1 : 0, merits[1], right)
      }
      let failures = base.count { !$0.isSuccess } + max(1, count / 32)
      let left = max(0, count - failures)
      parts = Self.cut(order, at: [failures, failures + left / 3, failures + 2 * left / 3])
      evenlyAsked = 0
      return
    }
    let ends = Self.sixteenths(of: race).map { max(8, $0 * count / 16) }
    let known = base.count { $0.margin != nil }
    guard 2 * known >= count else {
      var generator = SplitMix64(seed: seed)
      parts = Self.cut(generator.shuffle(Array(base.indices)), at: ends)
      evenlyAsked = count
      return
    }
    let margins = base.map { $0.margin ?? 0 }
    let spread = base.indices.sorted { (margins[$0], $0) < (margins[$1], $1) }
    if race.findsLowestLoss {
      // Evenly over all margins to the end: a mean of chosen examples would say nothing of the others'.
      parts = Self.cut(Self.evenOrder(of: count).map { spread[$0] }, at: ends)
      evenlyAsked = count
      return
    }
    // Evenly over all margins first, so that the forecast sees every kind; then those that a small change turns over.
    let first = (0..<ends[0]).map { spread[(2 * $0 + 1) * count / (2 * ends[0])] }
    let rest = Set(base.indices).subtracting(first)
      .sorted { (abs(margins[$0]), $0) < (abs(margins[$1]), $1) }
    parts = Self.cut(first + rest, at: ends)
    evenlyAsked = ends[0]
  }

  /// The numbers below `count` in an order of which every beginning is spread evenly: those of the multiples of the golden
  /// ratio, whose fractions are (Weyl).
  private static func evenOrder(of count: Int) -> [Int] {
    let fractions = (0..<count).map {
      (0.5 + Double($0) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
    }
    var order = Array(repeating: 0, count: count)
    for (number, place) in order.indices.sorted(by: { fractions[$0] < fractions[$1] }).enumerated()
    {
      order[place] = number
    }
    return order
  }

  private static func cut(_ order: [Int], at ends: [Int]) -> [[Int]] {
    var parts: [[Int]] = []
    var start = 0
    for end in ends + [order.count] where end > start && end <= order.count {
      parts.append(order[start..<end].sorted())
      start = end
    }
    return parts
  }
}
