internal import Numerics

extension ForwardPass: BlockOperations {
  func normalized(_ input: Value, by norm: Norm) -> Value {
    let input = current(input)
    let output = makeValue(like: input, columns: input.rows.columns)
    norm.apply(to: input.rows, into: output.rows, using: workers)
    return output
  }

  func product(_ input: Value, by layer: LinearLayer) -> Value {
    let input = current(input)
    let output = makeValue(like: input, columns: layer.weight.rows)
    layer.projection.apply(to: input.rows, into: output.rows, using: workers)
    return output
  }

  func attentionInputs(
    of input: Value, by weights: AttentionWeights
  ) -> (query: Value, key: Value, value: Value) {
    // Everybody's keys, but no query that nobody asks.
    let asked = narrows ? wantedRows(of: input) : input
    let query = makeValue(like: asked, columns: weights.query.weight.rows)
    let key = makeValue(like: input, columns: weights.key.weight.rows)
    let value = makeValue(like: input, columns: weights.value.weight.rows)
    var layers = [
      (weights.key.projection, key.rows), (weights.value.projection, value.rows),
    ]
    if narrows {
      weights.query.projection.apply(to: asked.rows, into: query.rows, using: workers)
    } else {
      layers.append((weights.query.projection, query.rows))
    }
    Projection.apply(layers, to: input.rows, using: workers)
    return (query, key, value)
  }

  mutating func rotate(_ value: inout Value, by rotary: RotaryEmbedding, headWidth: Int) {
    makeUnique(&value)
    let angles = angles(of: rotary, for: value)
    rotary.rotate(value.rows, headWidth: headWidth, by: angles, using: workers)
  }

  func clamp(_ value: inout Value, to limit: Float) {
    makeUnique(&value)
    let values = value.rows.start
    for index in 0..<value.rows.rows * value.rows.columns {
      values[index] = min(max(values[index], -limit), limit)
    }
  }

  mutating func attended(
    _ query: Value, _ key: Value, _ value: Value, by attention: GroupedAttention
  ) -> Value {
    let memory = remember(keys: key.rows, values: value.rows)
    let output = makeValue(like: query, columns: query.rows.columns)
    attention.forward(
      queries: query.rows, keys: memory.keys, values: memory.values, output: output.rows,
      positions: sequences.positions, spans: memory.spans, using: workers)
    return output
  }

  func activated(_ input: Value, by layer: LinearLayer, _ activation: Activation) -> Value {
    let input = current(input)
    let inner = makeValue(like: input, columns: layer.weight.rows)
    let rows = inner.rows
    Projection.apply([(layer.projection, rows)], to: input.rows, using: workers) {
      for token in $0 {
        activation.apply(to: rows.row(token) + $1.lowerBound, count: $1.count)
      }
    }
    return inner
  }

  func gated(
    _ input: Value, by gate: LinearLayer, times up: LinearLayer, _ activation: Activation
  ) -> Value {
    let input = current(input)
    let inner = makeValue(like: input, columns: gate.weight.rows)
    let other = makeValue(like: input, columns: up.weight.rows)
    let (gates, ups) = (inner.rows, other.rows)
    Projection.apply(
      [(gate.projection, gates), (up.projection, ups)], to: input.rows, using: workers
    ) {
      for token in $0 {
        activation.multiplyGate(
          gates.row(token) + $1.lowerBound, by: ups.row(token) + $1.lowerBound, count: $1.count)
      }
    }
    return inner
  }

  mutating func add(_ input: Value, through layer: LinearLayer, times factor: Float) {
    guard factor == 1 else { return add(product(input, by: layer), times: factor) }
    makeUnique(&stream)
    layer.projection.apply(
      to: current(input).rows, into: stream.rows, adding: true, using: workers)
  }

  mutating func add(_ value: Value, times factor: Float) {
    makeUnique(&stream)
    stream.rows.add(current(value).rows, times: factor, using: workers)
  }
}
