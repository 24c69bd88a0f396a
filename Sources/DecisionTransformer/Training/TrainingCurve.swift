internal import Files
internal import Numerics
package import Foundation

/// How a training went: a point every so many updates, kept as `curve.jsonl` beside the policy.
package struct TrainingCurve: Equatable, Sendable {
  /// The means since the point before, or since the sitting began: what a sitting before did after its last point is in
  /// no mean.
  package struct Point: Codable, Equatable, Sendable {
    /// The number of updates so far.
    package let step: Int
    /// The mean cross-entropy of the actions on the batches, in nats.
    package let loss: Double
    /// The share of right actions on the batches.
    package let accuracy: Double
    /// ``StepReport/planLoss`` on the batches.
    package let planLoss: Double?
    /// The speed, three tokens a time step.
    package let tokensPerSecond: Double
    /// The share of right actions on held-out episodes, where there are some.
    package let heldOutAccuracy: Double?
    /// The mean cross-entropy on held-out episodes, in nats, where there are some.
    package let heldOutLoss: Double?
    /// The share of held-out rooms that the policy solves, where it has just played them.
    package var heldOutSolveRate: Double?

    enum CodingKeys: String, CodingKey {
      case step, loss, accuracy
      case planLoss = "plan_loss"
      case tokensPerSecond = "tokens_per_second"
      case heldOutAccuracy = "held_out_accuracy"
      case heldOutLoss = "held_out_loss"
      case heldOutSolveRate = "held_out_solve_rate"
    }
  }

  /// The points, earliest first.
  package private(set) var points: [Point] = []

  /// A curve without points.
  package init() {}

  /// Reads the curve in a policy's folder up to `step`; empty where there is none.
  ///
  /// - Throws: ``PolicyCheckpointError/badSettings(file:reason:)`` for a line that is no point.
  package init(in folder: URL, upTo step: Int = .max) throws {
    let file = Self.file(in: folder)
    guard let data = FileManager.default.contents(atPath: file.path) else { return }
    do {
      points = try data.split(separator: UInt8(ascii: "\n"))
        .map { try JSONDecoder().decode(Point.self, from: Data($0)) }
        .filter { $0.step <= step }
    } catch {
      throw PolicyCheckpointError.badSettings(
        file: file.path, reason: "a line is not a point of a training curve; remove the file")
    }
  }

  mutating func append(_ point: Point) { points.append(point) }

  /// Writes the curve into a policy's folder, all or nothing.
  func save(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var bytes: [UInt8] = []
    for point in points { bytes += try encoder.encode(point) + [UInt8(ascii: "\n")] }
    try AtomicFile.write(bytes, to: Self.file(in: folder))
  }

  private static func file(in folder: URL) -> URL {
    folder.appendingPathComponent("curve.jsonl")
  }
}
