package import Numerics

/// Where a matrix lies in a checkpoint: a tensor, or a part of one that holds several matrices.
public struct TensorPlace: Sendable, Equatable {
  /// The tensor by Hugging Face's name.
  public let tensor: String
  /// Which part of it.
  package let part: TensorPart

  /// The matrix `part` of `tensor`.
  package init(_ tensor: String, part: TensorPart = .whole) {
    self.tensor = tensor
    self.part = part
  }

  /// The tensor's name, `.weight` left out.
  public var name: String {
    tensor.hasSuffix(".weight") ? String(tensor.dropLast(".weight".count)) : tensor
  }
}

/// A linear layer and where its checkpoint has the weight.
package struct LinearLayer: Sendable {
  /// y = W x + b.
  package var projection: Projection
  /// Where W lies.
  package let place: TensorPlace

  /// W, in whatever storage.
  package var weight: Weight {
    get { projection.weight }
    set { projection.weight = newValue }
  }

  /// The layer with a bias of its own: the head of a model whose embedding serves as its weight.
  func biased(by bias: [Float]) -> LinearLayer {
    LinearLayer(projection: Projection(weight, bias: bias), place: place)
  }
}

/// The four matrices of an attention.
package struct AttentionWeights: Sendable {
  /// `Wq`.
  package var query: LinearLayer
  /// `Wk`.
  package var key: LinearLayer
  /// `Wv`.
  package var value: LinearLayer
  /// `Wo`.
  package var output: LinearLayer
}

/// The two matrices of an MLP, or the three of a gated one.
package struct MLPWeights: Sendable {
  /// `Uin`: the first matrix; the gate of a gated MLP, as in the authors' code.
  package var input: LinearLayer
  /// `Uup`: what the gate multiplies; nil without a gate.
  package var up: LinearLayer?
  /// `Uout`.
  package var output: LinearLayer
}
