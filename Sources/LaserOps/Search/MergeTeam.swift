internal import Foundation

/// The processes that merge one search at the same time, and share the trials of its composition.
///
/// A composition takes one step after the other, but the edits of a step can be tried at once. Of these each process begins
/// with its own. It waits for what the others try, and tries that itself where they are silent for longer than their trials
/// take. A process knows of the others by the journal alone: where one is lost, or was never started, the others go on.
final class MergeTeam {
  /// Which of the processes this one is.
  private let place: Shard
  /// Processes that were waited for in vain, until an edit of theirs arrives.
  private var silent: Set<Int> = []
  /// How often that was. What arrives may be of another process that waited in vain too, so nobody is waited for a third time.
  private var vainWaits: [Int: Int] = [:]
  /// How long it may take, in seconds, until a new file is seen on another machine: file systems of networks keep what is in
  /// a folder for up to a minute.
  private let delay: Double

  init(_ place: Shard, delay: Double = 60) {
    self.place = place
    self.delay = delay
  }

  /// Which process begins with the edit of this number.
  private func owner(of edit: Int) -> Int { edit % place.count }

  /// Whether this process tries the edit of this number without waiting for another.
  private func tries(_ edit: Int) -> Bool {
    owner(of: edit) == place.index || silent.contains(owner(of: edit))
  }

  /// The trials on validation of several models, each made by one of the processes.
  ///
  /// - Parameters:
  ///   - candidates: The edits of each, the same in every process; those whose last edits are of one matrix stand together.
  ///   - runner: What makes trials, and the journal that all processes write.
  ///   - edited: Makes a model of its edits.
  ///   - progress: Called with the edits that are new in the journal, and how many of them were tried since the call.
  /// - Returns: The trials in the order of `candidates`.
  /// - Throws: As `TrialRunner.trials`.
  func trials<SomeObjective: Objective>(
    of candidates: [[Intervention]], by runner: TrialRunner<SomeObjective>,
    making edited: ([Intervention]) throws -> SomeObjective.Model,
    progress: (_ edits: [[Intervention]], _ made: Int) -> Void = { _, _ in }
  ) throws -> [Trial] {
    var left = Array(candidates.indices)
    var news = ContinuousClock.now
    var isFirst = true
    func finish(_ edits: [Int], made: Int) {
      guard !edits.isEmpty else { return }
      left.removeAll(where: edits.contains)
      news = ContinuousClock.now
      progress(edits.map { candidates[$0] }, made)
    }
    while true {
      if place.count > 1 { try runner.journal.refresh() }
      let arrived = left.filter {
        runner.journal.trial(of: candidates[$0], on: .validation) != nil
      }
      silent.subtract(arrived.map(owner).filter { vainWaits[$0, default: 0] < 2 })
      finish(arrived, made: isFirst ? 0 : arrived.count)
      isFirst = false
      if left.isEmpty { break }
      if let first = left.first(where: tries) {
        let matrix = candidates[first].last?.place
        let group = left.filter { tries($0) && candidates[$0].last?.place == matrix }
        _ = try runner.trials(of: group.map { candidates[$0] }, on: .validation, making: edited)
        finish(group, made: group.count)
        continue
      }
      let patience = patience(runner.journal.lines, edits: candidates.count / place.count + 1)
      if ContinuousClock.now - news > .seconds(patience) {
        let late = Set(left.map(owner))
        silent.formUnion(late)
        for process in late { vainWaits[process, default: 0] += 1 }
      } else {
        Thread.sleep(forTimeInterval: min(2, max(0.05, patience / 100)))
      }
    }
    return try runner.trials(of: candidates, on: .validation, making: edited)
  }

  /// How long another process may be silent, in seconds: three times what its trials would take by the slowest of the last
  /// ones, plus the time until a file is seen.
  private func patience(_ trials: [Trial], edits: Int) -> Double {
    delay + 3 * Double(edits) * (trials.suffix(50).map(\.seconds).max() ?? 0)
  }
}

extension Intervention {
  /// Where it is done, apart from what.
  fileprivate var place: Intervention {
    Intervention(kind, layers: layers, expert: expert, method: .zero)
  }
}
