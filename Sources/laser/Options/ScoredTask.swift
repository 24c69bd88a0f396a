import DecisionTransformer
import LanguageModels
import LaserOps

/// A model with what scores its edits: what every search and every study starts from.
struct ScoredTask<Task: Objective> {
  let model: Task.Model
  let objective: Task
  let split: DataSplit
  /// What the trials of a journal belong to.
  let identity: [String: String]
  /// What else a journal's header says, such as paths.
  let remarks: [String: String]
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
  func run<Task: Objective>(_ task: ScoredTask<Task>, bar: SearchBar) throws
}
