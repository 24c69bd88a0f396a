/// What holds for the examples of one part, whatever model is scored on them.
package struct PartFacts: Equatable, Sendable {
  /// The score of always giving the commonest right answer; nil where that has no meaning.
  package let majority: Double?
  /// How many examples were left out, for the score has no meaning for them; nil where it has one for all.
  package let leftOut: Int?

  /// What holds for the examples of `part`.
  ///
  /// - Parameters:
  ///   - part: The part.
  ///   - split: The parts of the examples.
  ///   - objective: What scores models on them.
  package init(of part: DataSplit.Part, in split: DataSplit, scoredBy objective: some Objective) {
    self.init(
      majority: objective.majorityScore(on: split[part]), leftOut: split.leftOutCount(of: part))
  }

  /// Known facts; by default there are none.
  package init(majority: Double? = nil, leftOut: Int? = nil) {
    self.majority = majority
    self.leftOut = leftOut
  }
}
