internal import LaserOps

/// A layer whose matrices can be edited.
package protocol LayerSites: Sendable {
  /// What comes after the attention.
  associatedtype FeedForward: FeedForwardSites
  /// `Wq`, `Wk`, `Wv`, `Wo`.
  var attention: AttentionWeights { get set }
  /// `Uin`, `Uup`, `Uout`.
  var mlp: FeedForward { get set }
}

/// An MLP, or several of which tokens choose some.
package protocol FeedForwardSites: Sendable {
  /// How many MLPs tokens choose from; nil for one that all of them take.
  var expertCount: Int? { get }
  /// The matrices that no site names: what sends tokens to MLPs, and an MLP that all tokens take besides.
  var others: [LinearLayer] { get }
  /// An expert's MLP; nil when there is none of that number. Where there is but one MLP, its expert is nil.
  subscript(expert: Int?) -> MLPWeights? { get set }
}

extension MLPWeights: FeedForwardSites {
  package var expertCount: Int? { nil }
  package var others: [LinearLayer] { [] }

  package subscript(expert: Int?) -> MLPWeights? {
    get { expert == nil ? self : nil }
    set { if expert == nil, let newValue { self = newValue } }
  }
}

extension LayerSites {
  /// The matrices of layer `layer`, kind by kind and expert by expert.
  func sites(layer: Int) -> [WeightSite] {
    let experts: [Int?] = mlp.expertCount.map { Array(0..<$0) } ?? [nil]
    return WeightKind.allCases.flatMap { kind -> [WeightSite] in
      switch kind {
      case .query, .key, .value, .attentionOutput: [WeightSite(kind, layer: layer)]
      case .mlpInput, .mlpUp, .mlpOutput:
        experts.filter { mlp[$0]?[kind] != nil }
          .map { WeightSite(kind, layer: layer, expert: $0) }
      }
    }
  }

  /// The matrix at `site`; nil when the layer has none there.
  subscript(site: WeightSite) -> LinearLayer? {
    get { attention[site.kind] ?? mlp[site.expert]?[site.kind] }
    set {
      guard let newValue else { return }
      if attention[site.kind] != nil {
        attention[site.kind] = newValue
      } else {
        mlp[site.expert]?[site.kind] = newValue
      }
    }
  }
}

extension AttentionWeights {
  fileprivate subscript(kind: WeightKind) -> LinearLayer? {
    get {
      switch kind {
      case .query: query
      case .key: key
      case .value: value
      case .attentionOutput: output
      case .mlpInput, .mlpUp, .mlpOutput: nil
      }
    }
    set {
      guard let newValue else { return }
      switch kind {
      case .query: query = newValue
      case .key: key = newValue
      case .value: value = newValue
      case .attentionOutput: output = newValue
      case .mlpInput, .mlpUp, .mlpOutput: break
      }
    }
  }
}

extension MLPWeights {
  fileprivate subscript(kind: WeightKind) -> LinearLayer? {
    get {
      switch kind {
      case .mlpInput: input
      case .mlpUp: up
      case .mlpOutput: output
      case .query, .key, .value, .attentionOutput: nil
      }
    }
    set {
      guard let newValue else { return }
      switch kind {
      case .mlpInput: input = newValue
      case .mlpUp: up = newValue
      case .mlpOutput: output = newValue
      case .query, .key, .value, .attentionOutput: break
      }
    }
  }
}
