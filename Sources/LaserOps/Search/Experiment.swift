/// A model, what scores its edits, and which examples pick and which report: what every search and every study
/// starts from.
public protocol Experiment<Scoring>: Sendable {
  /// What scores the model's edits.
  associatedtype Scoring: Objective

  /// The unedited model.
  var model: Scoring.Model { get }
  /// What scores its edits.
  var objective: Scoring { get }
  /// Which examples pick and which report.
  var split: DataSplit { get }
  /// What trials belong to: model, data and rules.
  var identity: RunIdentity { get }
}
