package import Numerics

/// What the blocks of all families are made of.
///
/// A family writes its block as a few of these, as its paper has it, and knows nothing of how they are carried out:
/// which rows are still wanted, where earlier keys are kept, whose memory is written and by how many threads is the
/// business of the pass. ``ForwardPass`` computes; another pass may record what it needs to go back down.
///
/// Values are values: what a block does to the stream or to a variable changes no other one.
package protocol BlockOperations {
  /// Activations, a row a token.
  associatedtype Value

  /// The residual stream, `[rows × width]`.
  var stream: Value { get set }

  /// `norm(input)`.
  func normalized(_ input: Value, by norm: Norm) -> Value

  /// `W input + b`.
  func product(_ input: Value, by layer: LinearLayer) -> Value

  /// Queries, keys and values: three products of one input.
  mutating func attentionInputs(
    of input: Value, by weights: AttentionWeights
  ) -> (query: Value, key: Value, value: Value)

  /// Turns every head of `value` by its row's position.
  mutating func rotate(_ value: inout Value, by rotary: RotaryEmbedding, headWidth: Int)

  /// `value ← min(max(value, -limit), limit)`.
  func clamp(_ value: inout Value, to limit: Float)

  /// `softmax(query keyᵀ) value` with everything that `attention` says; earlier tokens' keys and values included.
  mutating func attended(
    _ query: Value, _ key: Value, _ value: Value, by attention: GroupedAttention
  ) -> Value

  /// `activation(W input + b)`.
  func activated(_ input: Value, by layer: LinearLayer, _ activation: Activation) -> Value

  /// `activation(gate input) · (up input)`.
  func gated(
    _ input: Value, by gate: LinearLayer, times up: LinearLayer, _ activation: Activation
  ) -> Value

  /// What the experts that a token is sent to make of it, and the one that is shared.
  func mixed(_ input: Value, by mixture: Mixture, _ activation: Activation) -> Value

  /// `stream ← stream + factor · (W input + b)`.
  mutating func add(_ input: Value, through layer: LinearLayer, times factor: Float)

  /// `stream ← stream + factor · value`.
  mutating func add(_ value: Value, times factor: Float)
}

extension BlockOperations {
  /// `stream ← stream + W input + b`.
  mutating func add(_ input: Value, through layer: LinearLayer) {
    add(input, through: layer, times: 1)
  }

  /// `stream ← stream + value`.
  mutating func add(_ value: Value) { add(value, times: 1) }

  /// What the last matrix of an MLP reads.
  func inner(_ input: Value, of mlp: MLPWeights, _ activation: Activation) -> Value {
    guard let up = mlp.up else { return activated(input, by: mlp.input, activation) }
    return gated(input, by: mlp.input, times: up, activation)
  }

  /// Turns the heads of queries and keys.
  mutating func rotate(
    _ query: inout Value, _ key: inout Value, by rotary: RotaryEmbedding, headWidth: Int
  ) {
    rotate(&key, by: rotary, headWidth: headWidth)
    rotate(&query, by: rotary, headWidth: headWidth)
  }
}
