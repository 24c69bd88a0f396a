internal import Files
internal import Numerics
import Foundation

/// The folder that a policy is saved in.
///
/// `config.json` and `model.safetensors` are the policy, under Hugging Face DecisionTransformerModel's names where
/// the part is the same. `training.json` and `optimizer.safetensors` are what training goes on with: the latter holds
/// the parameters once more with both moments and the number of updates, so that one rename saves all of it. The two
/// files of settings are written first and the policy's weights, which resuming does not read, last: a crash between
/// two files loses nothing, because a run that goes on writes the weights again, also where it has no update left
/// (``holds(_:parameters:)``). The settings only change when a run goes on with more episodes or to another end; after a
/// crash just then it has to go on so once more.
struct CheckpointFolder {
  let url: URL

  private var settings: URL { url.appendingPathComponent("config.json") }
  private var model: URL { url.appendingPathComponent("model.safetensors") }
  private var training: URL { url.appendingPathComponent("training.json") }
  private var optimizer: URL { url.appendingPathComponent("optimizer.safetensors") }

  private static let trainingPrefixes = ["parameter.", "first_moment.", "second_moment."]
  private static let modelType = "decision_transformer"

  // MARK: The policy

  func writePolicy(_ network: Network, parameters: FloatBuffer) throws {
    try writeConfiguration(network.configuration)
    try writeModel(network, parameters: parameters)
  }

  func writeConfiguration(_ configuration: PolicyConfiguration) throws {
    try createFolder()
    try Self.write(StoredConfiguration(configuration: configuration), to: settings)
  }

  /// Writes the weights beside a configuration.
  func writeModel(_ network: Network, parameters: FloatBuffer) throws {
    try SafetensorsFile.write(
      Self.entries(network.layout, prefix: "", parameters), to: model)
  }

  func readPolicy() throws -> (network: Network, parameters: FloatBuffer) {
    let network = Network(try readConfiguration())
    let file = try SafetensorsFile(model)
    // Shapes first: sizes that somebody made up must not ask for memory that the file does not fill.
    try Self.requireShapes(network.layout, prefix: "", in: file)
    let parameters = FloatBuffer(count: network.layout.count)
    try Self.read(network.layout, prefix: "", from: file, into: parameters)
    try Self.requireKnown(file, prefixes: [""], network.layout)
    return (network, parameters)
  }

  /// Whether the policy in the folder is this one; one that is cut off or damaged is another.
  func holds(_ network: Network, parameters: FloatBuffer) -> Bool {
    guard let stored = try? readPolicy() else { return false }
    return stored.network.configuration == network.configuration
      && stored.parameters.values == parameters.values
  }

  func readConfiguration() throws -> PolicyConfiguration {
    guard FileManager.default.fileExists(atPath: settings.path) else {
      throw PolicyCheckpointError.noPolicy(path: url.path)
    }
    let header: ModelTypeOnly = try Self.read(settings)
    guard header.modelType == Self.modelType else {
      throw PolicyCheckpointError.unknownModelType(file: settings.path, found: header.modelType)
    }
    let stored: StoredConfiguration = try Self.read(settings)
    do {
      try stored.configuration.validate()
    } catch {
      throw PolicyCheckpointError.badSettings(file: settings.path, reason: "\(error)")
    }
    return stored.configuration
  }

  // MARK: Training

  /// What `training.json` says.
  struct TrainingState: Codable {
    var options: TrainingOptions
    /// The number of updates, for people: the file of numbers knows better.
    var completedSteps: Int
    /// The number of episodes.
    var episodes: Int
    /// The number of their steps, for people.
    var timeSteps: Int
    /// ``EpisodeDataset/fingerprint``: other episodes among these, or another order, would go on differently.
    var fingerprint: String
    /// When there were fewer; nil where there never were.
    var growth: [PolicyTrainer.Growth]?
    /// What the weights began as; nil in files of older versions, which do not say.
    var origin: String?
    /// The number of updates that the run was given as another end; nil where it never was.
    var finishIn: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case options, episodes, fingerprint, growth, origin
      case completedSteps = "completed_steps"
      case timeSteps = "time_steps"
      case finishIn = "finish_in"
    }

    /// The ``origin`` of weights that a seed has made; that of others is a policy's fingerprint.
    static let untrained = "untrained"
  }

  func writeTraining(
    _ state: TrainingState, layout: ParameterLayout, parameters: FloatBuffer,
    optimizer moments: Optimizer
  ) throws {
    try createFolder()
    try Self.write(state, to: training)
    try SafetensorsFile.write(
      Self.entries(layout, prefix: "parameter.", parameters)
        + Self.entries(layout, prefix: "first_moment.", moments.firstMoment)
        + Self.entries(layout, prefix: "second_moment.", moments.secondMoment),
      to: optimizer, metadata: ["completed_steps": "\(state.completedSteps)"])
  }

  private func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }

  /// Whether there are settings of a training.
  var hasTraining: Bool { exists(training) }

  /// Whether a crash has left the settings of a run, but none of its numbers.
  var wasInterruptedAtFirst: Bool { !exists(optimizer) && !exists(model) }

  /// Makes sure that there is all that training goes on with.
  ///
  /// - Throws: `PolicyCheckpointError.cannotResume`.
  func requireResumable() throws {
    guard hasTraining, exists(optimizer) || wasInterruptedAtFirst else {
      throw PolicyCheckpointError.cannotResume(folder: url.path)
    }
  }

  /// What `training.json` says; after a crash its number of updates is one checkpoint ahead of the numbers.
  ///
  /// - Parameter configuration: The model's sizes, which the options have to fit.
  /// - Returns: The options and the episodes of the run.
  /// - Throws: `PolicyCheckpointError`, `FileError`.
  func readTrainingState(for configuration: PolicyConfiguration) throws -> TrainingState {
    let state: TrainingState = try Self.read(training)
    do {
      try state.options.validate(for: configuration)
    } catch {
      throw PolicyCheckpointError.badSettings(file: training.path, reason: "\(error)")
    }
    return state
  }

  /// The numbers that training goes on with, and after how many updates they are what they are.
  func readOptimizer(
    _ layout: ParameterLayout, options: TrainingOptions
  ) throws -> (completedSteps: Int, parameters: FloatBuffer, optimizer: Optimizer) {
    let file = try SafetensorsFile(optimizer)
    guard let steps = file.metadata["completed_steps"].flatMap({ Int($0) }),
      (0...TrainingOptions.maximumSteps).contains(steps)
    else {
      throw PolicyCheckpointError.badSettings(
        file: optimizer.path,
        reason: "its metadata has no completed_steps from 0 to \(TrainingOptions.maximumSteps)")
    }
    for prefix in Self.trainingPrefixes { try Self.requireShapes(layout, prefix: prefix, in: file) }
    let parameters = FloatBuffer(count: layout.count)
    let moments = Optimizer(layout, options: options)
    try Self.read(layout, prefix: "parameter.", from: file, into: parameters)
    try Self.read(layout, prefix: "first_moment.", from: file, into: moments.firstMoment)
    try Self.read(layout, prefix: "second_moment.", from: file, into: moments.secondMoment)
    try Self.requireKnown(file, prefixes: Self.trainingPrefixes, layout)
    return (steps, parameters, moments)
  }

  // MARK: Tensors

  private static func entries(
    _ layout: ParameterLayout, prefix: String, _ buffer: FloatBuffer
  ) -> [SafetensorsEntry] {
    layout.tensors.map { tensor in
      let values = Array(
        UnsafeBufferPointer(start: buffer.start + tensor.offset, count: tensor.count))
      guard tensor.isStoredTransposed else {
        return SafetensorsEntry(prefix + tensor.name, shape: tensor.shape, values: values)
      }
      let matrix = Matrix(rows: tensor.shape[0], columns: tensor.shape[1], values: values)
      return SafetensorsEntry(prefix + tensor.name, matrix.transposed)
    }
  }

  private static func requireShapes(
    _ layout: ParameterLayout, prefix: String, in file: SafetensorsFile
  ) throws {
    for tensor in layout.tensors {
      let stored = try file.tensor(prefix + tensor.name)
      let shape = tensor.isStoredTransposed ? tensor.shape.reversed() : tensor.shape
      guard stored.shape == shape else {
        throw StorageError.wrongShape(
          tensor: stored.name, file: file.path, expected: shape, found: stored.shape)
      }
      guard stored.type == .float32 else {
        throw StorageError.notAWeight(tensor: stored.name, file: file.path, type: stored.type)
      }
    }
  }

  /// Reads tensors whose shapes have been checked.
  private static func read(
    _ layout: ParameterLayout, prefix: String, from file: SafetensorsFile, into buffer: FloatBuffer
  ) throws {
    for tensor in layout.tensors {
      let stored = try file.tensor(prefix + tensor.name)
      var values = stored.withBytes { bytes in
        (0..<tensor.count).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw PolicyCheckpointError.notFinite(tensor: stored.name, file: file.path, index: index)
      }
      if tensor.isStoredTransposed {
        let (rows, columns) = (tensor.shape[1], tensor.shape[0])
        values = Matrix(rows: rows, columns: columns, values: values).transposed.values
      }
      (buffer.start + tensor.offset).update(from: values, count: tensor.count)
    }
  }

  private static func requireKnown(
    _ file: SafetensorsFile, prefixes: [String], _ layout: ParameterLayout
  ) throws {
    let known = Set(prefixes.flatMap { prefix in layout.tensors.map { prefix + $0.name } })
    if let stray = file.tensors.keys.sorted().first(where: { !known.contains($0) }) {
      throw PolicyCheckpointError.unexpectedTensor(stray, file: file.path)
    }
  }

  // MARK: Settings

  private struct ModelTypeOnly: Decodable {
    let modelType: String

    enum CodingKeys: String, CodingKey { case modelType = "model_type" }
  }

  /// A configuration with its model type beside it, as `config.json` has them.
  private struct StoredConfiguration: Codable {
    let configuration: PolicyConfiguration

    init(configuration: PolicyConfiguration) { self.configuration = configuration }

    init(from decoder: any Decoder) throws {
      configuration = try PolicyConfiguration(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
      try configuration.encode(to: encoder)
      var container = encoder.container(keyedBy: ModelTypeOnly.CodingKeys.self)
      try container.encode(CheckpointFolder.modelType, forKey: .modelType)
    }
  }

  private func createFolder() throws {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch let error as CocoaError {
      let code = (error.underlying as? POSIXError)?.errorCode ?? Int(EIO)
      throw FileError.cannotWrite(path: url.path, code: Int32(code))
    }
  }
}
