package import Foundation
internal import Numerics
package import Sokoban

/// Trains, reporting and saving on the way.
package struct TrainingRun {
  /// When to report and to save, and on what to measure.
  package struct Schedule: Sendable {
    /// Updates between two points of the curve.
    package var reportEvery = 50
    /// Updates between two checkpoints; the last update is always saved.
    package var saveEvery = 500
    /// How many held-out episodes each point is measured on, at most.
    package var heldOutLimit = 500
    /// Updates between two times that the policy plays ``rooms``, a multiple of ``reportEvery``; nil: never.
    package var evaluateEvery: Int?
    /// The rooms that it plays then, greedily, at the default target return.
    package var rooms: [Level] = []
    /// The update after which this sitting ends with a checkpoint; nil: the training's last.
    package var stopAt: Int?
    /// Asked before every update whether to end this sitting now, with a checkpoint.
    package var isInterrupted: @Sendable () -> Bool = { false }

    /// A point every 50 updates, a checkpoint every 500.
    package init() {}
  }

  private let trainer: PolicyTrainer
  private let heldOut: EpisodeDataset?
  private let folder: URL
  private let schedule: Schedule

  /// Trains with `trainer` into `folder`; points carry the accuracy on `heldOut` where it is given.
  package init(
    _ trainer: PolicyTrainer, heldOut: EpisodeDataset? = nil, folder: URL,
    schedule: Schedule = Schedule()
  ) {
    self.trainer = trainer
    self.heldOut = heldOut
    self.folder = folder
    self.schedule = schedule
  }

  /// Makes all updates that are left, or those up to ``Schedule/stopAt``, or until ``Schedule/isInterrupted``.
  ///
  /// Of processes that share a training the first one decides when to stop, reports and saves; see ``Ranks``.
  ///
  /// - Parameter report: Called after every point with the point.
  /// - Returns: The trained policy and the whole curve, earlier sittings included.
  /// - Throws: ``TrainingError``, ``RanksError``, and `StorageError` from a checkpoint; the one before it stays.
  package func run(
    report: (TrainingCurve.Point) throws -> Void = { _ in }
  ) throws -> (policy: Policy, curve: TrainingCurve) {
    let ranks = trainer.ranks
    try trainer.requireSameStart()
    var curve =
      try ranks.isFirst
      ? TrainingCurve(in: folder, upTo: trainer.completedSteps) : TrainingCurve()
    var interval = Interval()
    let end = min(schedule.stopAt ?? .max, trainer.options.steps)
    var saved = trainer.completedSteps
    if ranks.isFirst, saved > 0, saved >= end {
      // No update is left that would write what a last checkpoint, cut off, has left out.
      try trainer.completeSave(to: folder)
    }
    while trainer.completedSteps < end {
      guard try !ranks.decide(schedule.isInterrupted()) else {
        if trainer.completedSteps > saved { try save(curve) }
        break
      }
      interval.add(try trainer.step())
      guard ranks.isFirst else { continue }
      let step = trainer.completedSteps
      let isLast = step == end
      if step.isMultiple(of: schedule.reportEvery) || isLast {
        let score = try heldOut.map {
          try trainer.score(on: $0, limit: schedule.heldOutLimit)
        }
        var point = interval.point(step: step, heldOut: score)
        if let every = schedule.evaluateEvery, step.isMultiple(of: every) || isLast {
          point.heldOutSolveRate = try trainer.solveRate(on: schedule.rooms)
        }
        curve.append(point)
        interval = Interval()
        try report(point)
      }
      if step.isMultiple(of: schedule.saveEvery) || isLast {
        try save(curve)
        saved = step
      }
    }
    return (trainer.policy, curve)
  }

  private func save(_ curve: TrainingCurve) throws {
    guard trainer.ranks.isFirst else { return }
    try trainer.save(to: folder, with: curve)
  }

  /// Sums over the updates since the last point, or since the sitting began.
  private struct Interval {
    private let start = Date()
    private var learnedSteps = 0
    private var tokens = 0
    private var loss = 0.0
    private var planLoss: Double?
    private var correct = 0.0

    mutating func add(_ report: StepReport) {
      learnedSteps += report.learnedSteps
      tokens += report.tokens
      loss += report.loss * Double(report.learnedSteps)
      if let plan = report.planLoss {
        planLoss = (planLoss ?? 0) + plan * Double(report.learnedSteps)
      }
      correct += report.accuracy * Double(report.learnedSteps)
    }

    func point(step: Int, heldOut: HeldOutScore?) -> TrainingCurve.Point {
      let count = Double(max(1, learnedSteps))
      return TrainingCurve.Point(
        step: step, loss: loss / count, accuracy: correct / count,
        planLoss: planLoss.map { $0 / count },
        tokensPerSecond: Double(tokens) / max(1e-9, Date().timeIntervalSince(start)),
        heldOutAccuracy: heldOut?.accuracy, heldOutLoss: heldOut?.loss)
    }
  }
}
