public import Numerics
public import LaserOps

/// A trained Decision Transformer that plays: what a checkpoint holds, what is edited, what rolls out.
///
/// A value: an edit keeps its own matrix and shares everything else with the policy it came from.
public struct Policy: Sendable {
  /// The model's sizes.
  public let configuration: PolicyConfiguration
  let network: Network
  /// All parameters as they were trained; never written.
  let parameters: FloatBuffer
  /// The matrices that have been replaced, `[output × input]`.
  private(set) var edits: [WeightSite: Weight] = [:]

  init(_ network: Network, parameters: FloatBuffer) {
    configuration = network.configuration
    self.network = network
    self.parameters = parameters
  }

  /// A policy that has learned nothing, at the start that `seed` gives.
  ///
  /// - Throws: `ConfigurationError`.
  public init(untrained configuration: PolicyConfiguration, seed: UInt64) throws {
    try configuration.validate()
    let network = Network(configuration)
    self.init(network, parameters: network.layout.initialized(seed: seed))
  }

  /// The number of trained numbers.
  public var parameterCount: Int { network.layout.parameterCount }

  /// Identifies the policy, edits included: equal for equal parameters.
  package var fingerprint: Fingerprint {
    var fingerprint = Fingerprint()
    fingerprint.combine(
      Matrix(rows: 1, columns: parameters.count, values: mergedParameters.values))
    return fingerprint
  }

  /// The parameters with every edit multiplied out and put in its place.
  var mergedParameters: FloatBuffer {
    let merged = FloatBuffer(parameters.values)
    for (site, weight) in edits {
      let place = place(of: site)
      let matrix = weight.matrix
      for input in 0..<matrix.columns {
        for output in 0..<matrix.rows {
          merged.start[place.offset + input * place.stride + output] = matrix[output, input]
        }
      }
    }
    return merged
  }
}

extension Policy: EditableModel {
  private static let kinds: [WeightKind] = [
    .query, .key, .value, .attentionOutput, .mlpInput, .mlpOutput,
  ]

  /// Six matrices a layer; the fused projection of queries, keys and values counts as three.
  public var weightSites: [WeightSite] {
    (0..<configuration.layers).flatMap { layer in
      Self.kinds.map { WeightSite($0, layer: layer) }
    }
  }

  /// The matrix at `site`, `[output × input]`.
  public func weight(at site: WeightSite) -> Weight {
    if let edit = edits[site] { return edit }
    let place = place(of: site)
    var matrix = Matrix(rows: place.outputs, columns: place.inputs)
    for input in 0..<place.inputs {
      for output in 0..<place.outputs {
        matrix[output, input] = parameters.start[place.offset + input * place.stride + output]
      }
    }
    return .dense(matrix)
  }

  /// The policy with another matrix at `site`; all other memory is shared.
  public func replacing(_ site: WeightSite, with weight: Weight) -> Policy {
    let place = place(of: site)
    precondition(
      weight.rows == place.outputs && weight.columns == place.inputs,
      "\(site) is \(place.outputs) × \(place.inputs), not \(weight.rows) × \(weight.columns)")
    var edited = self
    edited.edits[site] = weight
    return edited
  }

  /// Where the matrix lies among the parameters: `[inputs × outputs]`, rows `stride` apart.
  struct Place {
    let offset: Int
    let stride: Int
    let inputs: Int
    let outputs: Int
  }

  func place(of site: WeightSite) -> Place {
    precondition(
      (0..<configuration.layers).contains(site.layer), "the policy has no layer \(site.layer)")
    let block = network.layout.blocks[site.layer]
    let width = configuration.width
    let hidden = configuration.mlpWidth
    func square(_ offset: Int, stride: Int) -> Place {
      Place(offset: offset, stride: stride, inputs: width, outputs: width)
    }
    switch site.kind {
    case .query: return square(block.attention.weight, stride: 3 * width)
    case .key: return square(block.attention.weight + width, stride: 3 * width)
    case .value: return square(block.attention.weight + 2 * width, stride: 3 * width)
    case .attentionOutput: return square(block.attentionOutput.weight, stride: width)
    case .mlpInput:
      return Place(
        offset: block.mlpInput.weight, stride: hidden, inputs: width, outputs: hidden)
    case .mlpOutput:
      return Place(
        offset: block.mlpOutput.weight, stride: width, inputs: hidden, outputs: width)
    case .mlpUp: preconditionFailure("a Decision Transformer has no \(site.kind.rawValue)")
    }
  }
}
