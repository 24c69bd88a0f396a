/// Windows of episodes laid end to end, without padding: what one pass over a model reads.
///
/// A time step is one row of every list; three tokens follow from it: return-to-go, state, action.
struct PackedWindows {
  /// The rows of each window.
  private(set) var windows: [Range<Int>] = []
  /// The sum of the rewards from each step on, the step's own included.
  private(set) var returns: [Float] = []
  /// The step's place in its episode, from 0.
  private(set) var times: [Int] = []
  /// The action taken, a direction's raw value.
  private(set) var actions: [Int] = []
  /// Whether the step is learned from, or there to be looked back at only.
  private(set) var isLearned: [Bool] = []
  /// The tiny pictures, `[steps × height × width × 3]`.
  private(set) var pictures: [UInt8] = []
  /// What ``PlanHead`` is asked, where somebody wants to know: `[steps × squares × questions]`; ``PlanHead/unasked`` for a
  /// step that is not learned from.
  private(set) var plans: [UInt8] = []

  /// The number of time steps.
  var count: Int { actions.count }

  /// The tiny picture of a step.
  func picture(at step: Int) -> [UInt8] {
    let size = pictures.count / count
    return Array(pictures[step * size..<(step + 1) * size])
  }

  /// Adds a step to the window that is being filled.
  mutating func append(
    returnToGo: Double = 0, time: Int, action: Int, isLearned: Bool = true,
    picture: some Sequence<UInt8>
  ) {
    self.isLearned.append(isLearned)
    returns.append(Float(returnToGo))
    times.append(time)
    actions.append(action)
    pictures.append(contentsOf: picture)
  }

  /// Says what is still to be earned from a step on, which is known when its episode has been played.
  mutating func setReturnToGo(_ returnToGo: Double, at step: Int) {
    returns[step] = Float(returnToGo)
  }

  /// Makes room for the answers of all steps so far.
  ///
  /// - Parameter size: The answers of one step.
  mutating func reservePlans(size: Int) {
    plans.append(contentsOf: repeatElement(PlanHead.unasked, count: count * size - plans.count))
  }

  /// Says what comes of every square from a step on, which is known when its episode has been played.
  ///
  /// - Precondition: ``reservePlans(size:)`` has been called with as many answers.
  mutating func setPlan(_ answers: some Collection<UInt8>, at step: Int) {
    let start = step * answers.count
    plans.replaceSubrange(start..<start + answers.count, with: answers)
  }

  /// Ends the window that is being filled.
  mutating func endWindow() {
    let start = windows.last?.upperBound ?? 0
    if count > start { windows.append(start..<count) }
  }

  /// Forgets everything and keeps the memory.
  mutating func removeAll() {
    windows.removeAll(keepingCapacity: true)
    returns.removeAll(keepingCapacity: true)
    times.removeAll(keepingCapacity: true)
    actions.removeAll(keepingCapacity: true)
    isLearned.removeAll(keepingCapacity: true)
    pictures.removeAll(keepingCapacity: true)
    plans.removeAll(keepingCapacity: true)
  }
}
