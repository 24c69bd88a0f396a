/// A search that stops trials which will not win, instead of asking each of them everything.
///
/// A trial is asked its examples part by part. After each part the most promising ones are finished, and the others go
/// on only as long as they may still reach the best trial that is finished: in score, or level with it and with the
/// better ``Objective/secondaryMeasure``. Whatever wins was asked everything, so that its score is exact. With a risk, the
/// race of a guided search has a second winner, the trial with the lowest loss or the highest return.
///
/// What is stated of the trials that were stopped depends on the risk:
/// - 0: certainty. A trial is stopped only when it would stay behind even with every remaining example right.
/// - above 0: each trial was stopped when the chance that it would still come level, as `RaceForecast` sees it, was
///   below the risk; with two winners, when both chances were. That is a statement of a model, which says what it takes for
///   granted, and no certainty; and as every trial is looked at up to sixteen times, it is no bound on the chance that the
///   best was stopped.
///
/// A race has a folder of its own. Decompositions are kept from one part to the next as far as `memory` reaches; a
/// matrix that it does not reach for is decomposed again for every part that its edits are asked, and for every edit of
/// it that is finished early. Where a decomposition takes longer than the questions a race gains little.
public struct Race: Equatable, Sendable {
  /// Below which chance of winning a trial is stopped; 0 for none.
  public let risk: Double

  /// Whether trials also go on as long as they may have the lowest loss or the highest return.
  var findsLowestLoss = false

  /// Stops nothing that could win.
  public static let certain = Race(unchecked: 0)

  /// Smaller risks would be noise: the forecast averages over 64 draws.
  static let smallestRisk = 0.001

  /// The risk unless said otherwise.
  public static let defaultRisk = 0.01

  /// How many trials are finished after each part, whose scores the others have to reach.
  static let pacemakers = 2

  /// About how many bytes of decompositions are kept.
  static let memory = 1 << 29

  private init(unchecked risk: Double) { self.risk = risk }

  /// - Throws: `SearchError.invalidRisk` unless `risk` is 0 or at least 0.001, and below 1.
  public init(risk: Double) throws {
    guard risk == 0 || (Self.smallestRisk..<1).contains(risk) else {
      throw SearchError.invalidRisk(risk)
    }
    self.init(unchecked: risk)
  }

  /// What is stated of the trials that were stopped.
  public var guarantee: String {
    guard risk > 0 else {
      return "none of them could have won, even with every remaining example right"
    }
    let winning = findsLowestLoss ? "winning by score, and by loss or return" : "winning"
    return "each had a chance below \(risk) of \(winning), forecast from what it was asked"
  }

  /// The same race, for the lowest loss too. One for certainty stays as it is, for no answer bounds the loss of another.
  var findingLowestLoss: Race {
    var race = self
    race.findsLowestLoss = risk > 0
    return race
  }

  /// What a race asked and spared: a part of a search's result.
  public struct Summary: Codable, Equatable, Sendable {
    /// Below which chance of winning a trial was stopped; 0 for certainty.
    public let risk: Double
    /// What is stated of the trials that were stopped.
    public let guarantee: String
    /// How many edited models the race asked everything.
    public let finished: Int
    /// How many edited models it stopped; a composition may have asked some of them everything later.
    public let stopped: Int
    /// The share of the answers that it asked for, of those that trying everything asks for.
    public let asked: Double
    /// The file that says of every stopped trial what it was asked and what it could have reached.
    public let trials: String

    /// What this race and a later one by the same rules asked and spared.
    func joined(with later: Summary) -> Summary {
      let (own, others) = (finished + stopped, later.finished + later.stopped)
      return Summary(
        risk: risk, guarantee: guarantee, finished: finished + later.finished,
        stopped: stopped + later.stopped,
        asked: (asked * Double(own) + later.asked * Double(others)) / Double(max(1, own + others)),
        trials: trials)
    }
  }
}
