/// What can be wrong with the folder of a policy, besides what `StorageError` says of its files.
package enum PolicyCheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A place without the settings of a policy, or none at all.
  case noPolicy(path: String)
  /// A file of settings that is not what it should be.
  case badSettings(file: String, reason: String)
  /// The settings are of another kind of model.
  case unknownModelType(file: String, found: String)
  /// A weight that is infinite or no number.
  case notFinite(tensor: String, file: String, index: Int)
  /// A tensor that this model does not have.
  case unexpectedTensor(String, file: String)
  /// The folder holds a policy, but not all that training goes on with.
  case cannotResume(folder: String)
  /// A run has to begin anew, but not with the weights that are given.
  case otherOrigin(folder: String, expected: String)
  /// Training went on other episodes before.
  case otherEpisodes(folder: String, expected: String, found: String)

  /// What is wrong, where, what was expected, and what to do.
  package var description: String {
    switch self {
    case .noPolicy(let path):
      "\(path) is no policy: there is no config.json in it; give a folder that laser train wrote (a language model goes with --model)"
    case .badSettings(let file, let reason):
      "\(file) cannot be used: \(reason)"
    case .unknownModelType(let file, let found):
      "\(file) has the model_type '\(found)', expected 'decision_transformer'; is it a policy that laser trained?"
    case .notFinite(let tensor, let file, let index):
      "number \(index) of tensor '\(tensor)' in \(file) is infinite or not a number; the file is damaged, use another checkpoint"
    case .unexpectedTensor(let tensor, let file):
      "\(file) has the tensor '\(tensor)', which this model does not; is it a checkpoint of another architecture?"
    case .cannotResume(let folder):
      "\(folder) has no training.json and optimizer.safetensors, expected both; train from the beginning into another folder"
    case .otherOrigin(let folder, let expected):
      "the run in \(folder) was interrupted before its first checkpoint, so it begins anew with the weights that it began with (origin \(expected)), which are not given; repeat the command that began it, --from and all"
    case .otherEpisodes(let folder, let expected, let found):
      "the run in \(folder) trains on \(expected), found \(found); give the same episode files in the same order, more only behind them, and none where only the best share is learned from or actions are shuffled"
    }
  }
}
