import DecisionTransformer
import LaserOps

/// An experiment with what a command wants beside it.
struct ScoredTask<Subject: Experiment> {
  let experiment: Subject
  /// Which program is run, and where model and data lie.
  let provenance: RunProvenance
  /// What measures side effects of the model's edits.
  var sideEffects: (any SideEffectSource)?
  /// What plays games before and after an edit, where the model is a policy.
  var games: ((_ edit: String) throws -> ComparedGames)?
}

/// Something that is done with a model of either kind.
protocol ScoredTaskUser {
  /// - Parameters:
  ///   - task: The model and what scores it.
  ///   - bar: Where the progress goes.
  /// - Throws: What goes wrong with either.
  func run(_ task: ScoredTask<some Experiment>, bar: SearchBar) throws
}
