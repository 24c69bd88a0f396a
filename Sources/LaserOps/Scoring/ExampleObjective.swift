/// An objective of one's own in a closure: what becomes of one example with one model.
public struct ExampleObjective<Model: EditableModel>: Objective {
  /// The number of examples.
  public let exampleCount: Int
  /// The quantity beside success that breaks ties.
  public let secondaryMeasure: SecondaryMeasure
  private let outcome: @Sendable (_ model: Model, _ example: Int) throws -> Outcome

  /// An objective that asks every model one example after the other.
  ///
  /// - Parameters:
  ///   - count: The number of examples.
  ///   - measure: What an outcome measures beside success.
  ///   - outcome: What becomes of an example, by its number from 0.
  public init(
    count: Int, measure: SecondaryMeasure,
    outcome: @escaping @Sendable (_ model: Model, _ example: Int) throws -> Outcome
  ) {
    exampleCount = count
    secondaryMeasure = measure
    self.outcome = outcome
  }

  /// The outcomes of several models.
  ///
  /// - Throws: What the closure throws.
  public func outcomes(of candidates: [Candidate<Model>], on examples: [Int]) throws -> [[Outcome]]
  {
    try candidates.map { candidate in try examples.map { try outcome(candidate.model, $0) } }
  }
}
