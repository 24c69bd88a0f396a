internal import Numerics
internal import Foundation

/// The chance that a trial which was asked some of the examples still reaches the best finished one.
///
/// Where the objective tells margins (how far an example is from the other outcome), a trial's margins are taken for a
/// straight line of the unedited model's, with an offset for its successes and another for its failures, and
/// deviations of logistic shape; what the few examples asked leave open about line and deviation is averaged over.
/// The other examples are taken to turn over at a rate of the trial's own, one for the unedited model's successes and one
/// for its failures, of which nothing is known (Jeffreys' prior) but what was asked. Measures are taken for those of the
/// unedited model and a difference, normally distributed, of whose mean and deviation no more is known than the examples
/// asked that stand for all say (Student's distribution). Given all that, examples are taken to be independent.
struct RaceForecast {
  /// What the unedited model made of every example.
  let base: [Outcome]
  /// Whether a higher measure is better.
  let isHigherBetter: Bool
  /// How many of the examples, from the first asked on, stand for all.
  let evenlyAsked: Int
  /// The unedited model's measures: their sum, that of their magnitudes, and their standard deviation.
  private let unedited: (sum: Double, magnitude: Double, deviation: Double)

  init(base: [Outcome], isHigherBetter: Bool, evenlyAsked: Int) {
    self.base = base
    self.isHigherBetter = isHigherBetter
    self.evenlyAsked = evenlyAsked
    let measures = base.map(\.measure)
    unedited = (
      measures.reduce(0, +), measures.reduce(0) { $0 + abs($1) },
      Estimate(of: measures).standardError * Double(base.count).squareRoot()
    )
  }

  /// What is known of a trial.
  struct Asked {
    /// The examples that it was asked.
    var places: [Int] = []
    /// What became of them.
    var outcomes: [Outcome] = []

    var successes: Int { outcomes.count(where: \.isSuccess) }
  }

  /// What a trial may still become, whatever it has to reach.
  struct Outlook {
    /// What is known of it.
    let asked: Asked
    /// The probabilities of 0, 1, 2… successes among the examples that it was not asked.
    let remaining: [Double]
    /// What its measures add up to; nil where too little was asked to say.
    let total: Total?

    /// A sum of all measures, of Student's distribution.
    struct Total {
      /// What is to be expected of the sum, higher being better.
      let merit: Double
      let deviation: Double
      let degrees: Int
    }

    /// The number of successes that are to be expected of all examples.
    var expected: Double {
      remaining.enumerated().reduce(Double(asked.successes)) {
        $0 + Double($1.offset) * $1.element
      }
    }
  }

  /// What a trial has to reach.
  struct Bar {
    let successes: Int
    /// The sum of all measures.
    let measure: Double
  }

  /// Of lines that are possible after the examples asked. So many reach 2.4 standard errors to either side.
  private static let draws = 64
  /// Fewer differences have no deviation worth the name.
  private static let fewestDifferences = 4
  /// A logistic distribution of this scale has the deviation 1.
  private static let logisticScale = 3.squareRoot() / Double.pi

  /// What a trial may become that was asked so much.
  ///
  /// - Complexity: O(examples²), some hundred thousand operations for a hundred of them.
  func outlook(after asked: Asked) -> Outlook {
    Outlook(asked: asked, remaining: remaining(after: asked), total: total(after: asked))
  }

  /// The chance that a trial comes level with `bar`.
  func chance(of outlook: Outlook, reaching bar: Bar) -> Double {
    let need = bar.successes - outlook.asked.successes
    let remaining = outlook.remaining
    let above = remaining.enumerated().reduce(0) { $0 + ($1.offset > need ? $1.element : 0) }
    let level = remaining.indices.contains(need) ? remaining[need] : 0
    return above + level * chance(of: outlook, reachingMeasure: bar.measure)
  }

  /// A sum of measures, higher being better.
  func merit(of sum: Double) -> Double { isHigherBetter ? sum : -sum }

  /// The chance that a trial reaches `sum`, a sum of all measures.
  func chance(of outlook: Outlook, reachingMeasure sum: Double) -> Double {
    guard let total = outlook.total else { return 1 }
    let lead = total.merit - merit(of: sum)
    // Equal models have equal measures but for the roundings of single precision, and then nothing is to be forecast:
    // only what is behind by more than that cannot reach it.
    let rounding = 1e-6 * unedited.magnitude
    guard total.deviation > rounding else { return lead < -100 * rounding ? 0 : 1 }
    return StudentInterval.share(below: lead / total.deviation, degrees: total.degrees)
  }

  /// What the measures of a trial add up to; nil where too little was asked to say.
  private func total(after asked: Asked) -> Outlook.Total? {
    let left = Double(base.count - asked.places.count)
    let differences = zip(asked.places, asked.outcomes).map { $1.measure - base[$0].measure }
    let even = Array(differences.prefix(evenlyAsked))
    guard even.count >= Self.fewestDifferences else { return nil }
    let count = Double(even.count)
    let estimate = Estimate(of: even)
    // Returns come in steps: where no game asked has another return, the next one may, by as much as games differ.
    let smallestError = isHigherBetter ? unedited.deviation / count : 0
    return Outlook.Total(
      merit: merit(of: unedited.sum + differences.reduce(0, +) + left * estimate.mean),
      deviation: max(estimate.standardError, smallestError)
        * (left * count + left * left).squareRoot(),
      degrees: even.count - 1)
  }

  /// How many of the examples asked turned over, of those that `line` says nothing of, by the unedited model's outcome.
  private func turnovers(_ asked: Asked, without line: MarginRegression?) -> (
    turned: [Int], all: [Int]
  ) {
    var counts = (turned: [0, 0], all: [0, 0])
    for (place, outcome) in zip(asked.places, asked.outcomes) {
      let group = base[place].isSuccess ? 1 : 0
      if base[place].usableMargin != nil, outcome.margin != nil, line?.isKnown[group] == true {
        continue
      }
      counts.all[group] += 1
      if outcome.isSuccess != base[place].isSuccess { counts.turned[group] += 1 }
    }
    return counts
  }

  /// The probabilities of 0, 1, 2… successes among the examples that are not among those asked.
  private func remaining(after asked: Asked) -> [Double] {
    let known = Set(asked.places)
    let others = base.indices.filter { !known.contains($0) }
    let line = MarginRegression(asked, base: base)
    var counts = [0, 0]
    var margins: [(group: Int, margin: Double)] = []
    for place in others {
      let group = base[place].isSuccess ? 1 : 0
      if let margin = base[place].usableMargin, line?.isKnown[group] == true {
        margins.append((group, margin))
      } else {
        counts[group] += 1
      }
    }
    let seen = turnovers(asked, without: line)
    let turnovers = (0...1).map { group in
      CountDistribution.betaBinomial(
        count: counts[group], ones: Double(seen.turned[group]) + 0.5,
        zeros: Double(seen.all[group] - seen.turned[group]) + 0.5)
    }
    var unmarked = CountDistribution(turnovers[0])
    unmarked.add(turnovers[1].reversed())
    guard let line else { return unmarked.probabilities }
    var generator = SplitMix64(seed: 1)
    var average = [Double](repeating: 0, count: others.count + 1)
    for _ in 0..<Self.draws {
      let drawn = line.drawn(using: &generator)
      var distribution = unmarked
      for (group, margin) in margins {
        let steepness = drawn.margin(of: margin, in: group) / drawn.deviation
        distribution.add(1 / (1 + exp(-steepness / Self.logisticScale)))
      }
      for (count, probability) in distribution.probabilities.enumerated() {
        average[count] += probability / Double(Self.draws)
      }
    }
    return average
  }
}

extension Outcome {
  /// The margin, where it agrees with the outcome.
  var usableMargin: Double? {
    margin.flatMap { ($0 > 0) == isSuccess ? Double($0) : nil }
  }
}
