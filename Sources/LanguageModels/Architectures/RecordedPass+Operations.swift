internal import Numerics

extension RecordedPass: BlockOperations {
  /// Room for a value of as many rows as `other` has.
  func makeValue(like other: Value, columns: Int) -> Value {
    Value(
      forward.makeValue(like: other.computed, columns: columns), streamRows: other.streamRows)
  }

  private var workers: Workers { forward.workers }

  func normalized(_ input: Value, by norm: Norm) -> Value {
    let output = Value(
      forward.normalized(input.computed, by: norm), streamRows: input.streamRows)
    let workers = workers
    record(output) { gradient, _ in
      norm.carryBack(gradient, input: input.rows, to: input.gradientSum, using: workers)
    }
    return output
  }

  func product(_ input: Value, by layer: LinearLayer) -> Value {
    let output = Value(forward.product(input.computed, by: layer), streamRows: input.streamRows)
    let (rows, workers) = (output.rows, workers)
    record(output) { gradient, visit in
      let inputGradient = Activations(rows: input.rows.rows, columns: input.rows.columns)
      layer.projection.carryBack(gradient, to: inputGradient, using: workers)
      visit(
        ProductGradient(
          place: layer.place, input: input.rows, output: rows, bias: layer.projection.bias,
          gradient: gradient, inputGradient: inputGradient, streamRows: input.streamRows))
      input.take(inputGradient, using: workers)
    }
    return output
  }

  func attentionInputs(
    of input: Value, by weights: AttentionWeights
  ) -> (query: Value, key: Value, value: Value) {
    (
      product(input, by: weights.query), product(input, by: weights.key),
      product(input, by: weights.value)
    )
  }

  mutating func rotate(_ value: inout Value, by rotary: RotaryEmbedding, headWidth: Int) {
    let input = value
    // The earlier value stays as it is: the pass makes a copy of what others hold.
    var computed = input.computed
    forward.rotate(&computed, by: rotary, headWidth: headWidth)
    let back = forward.angles(of: rotary, for: computed).transposed
    let output = Value(computed, streamRows: input.streamRows)
    let workers = workers
    record(output) { gradient, _ in
      rotary.rotate(gradient, headWidth: headWidth, by: back, using: workers)
      input.take(gradient, using: workers)
    }
    value = output
  }

  func clamp(_ value: inout Value, to limit: Float) {
    let input = value
    var computed = input.computed
    forward.clamp(&computed, to: limit)
    let output = Value(computed, streamRows: input.streamRows)
    record(output) { gradient, _ in
      let (sum, values) = (input.gradientSum.start, input.rows.start)
      for index in 0..<gradient.rows * gradient.columns where abs(values[index]) <= limit {
        sum[index] += gradient.start[index]
      }
    }
    value = output
  }

  mutating func attended(
    _ query: Value, _ key: Value, _ value: Value, by attention: GroupedAttention
  ) -> Value {
    let output = Value(
      forward.attended(query.computed, key.computed, value.computed, by: attention),
      streamRows: query.streamRows)
    let spans = forward.remember(keys: key.rows, values: value.rows).spans
    let (positions, workers) = (forward.sequences.positions, workers)
    record(output) { gradient, _ in
      attention.carryBack(
        gradient, inputs: .init(queries: query.rows, keys: key.rows, values: value.rows),
        to: .init(
          queries: query.gradientSum, keys: key.gradientSum, values: value.gradientSum),
        positions: positions, spans: spans, using: workers)
    }
    return output
  }

  func activated(_ input: Value, by layer: LinearLayer, _ activation: Activation) -> Value {
    let inner = product(input, by: layer)
    let output = makeValue(like: inner, columns: inner.rows.columns)
    let (count, workers) = (inner.rows.columns, workers)
    workers.forEachBlock(ofRows: inner.rows.rows, width: count) {
      [from = inner.rows, to = output.rows] in
      to.row($0.lowerBound).update(from: from.row($0.lowerBound), count: $0.count * count)
      activation.apply(to: to.row($0.lowerBound), count: $0.count * count)
    }
    record(output) { gradient, _ in
      workers.forEachBlock(ofRows: gradient.rows, width: count) { [values = inner.rows] in
        activation.carryBack(
          gradient.row($0.lowerBound), input: values.row($0.lowerBound), count: $0.count * count)
      }
      inner.take(gradient, using: workers)
    }
    return output
  }

  func gated(
    _ input: Value, by gate: LinearLayer, times up: LinearLayer, _ activation: Activation
  ) -> Value {
    let (gates, ups) = (product(input, by: gate), product(input, by: up))
    let output = makeValue(like: gates, columns: gates.rows.columns)
    let (count, workers) = (gates.rows.columns, workers)
    let (gateRows, upRows, outputRows) = (gates.rows, ups.rows, output.rows)
    workers.forEachBlock(ofRows: gateRows.rows, width: count) {
      let to = outputRows.row($0.lowerBound)
      to.update(from: gateRows.row($0.lowerBound), count: $0.count * count)
      activation.multiplyGate(to, by: upRows.row($0.lowerBound), count: $0.count * count)
    }
    record(output) { gradient, _ in
      let upGradient = Activations(rows: gradient.rows, columns: count)
      workers.forEachBlock(ofRows: gradient.rows, width: count) {
        activation.carryBackGate(
          gradient.row($0.lowerBound), gate: gateRows.row($0.lowerBound),
          up: upRows.row($0.lowerBound), upGradient: upGradient.row($0.lowerBound),
          count: $0.count * count)
      }
      gates.take(gradient, using: workers)
      ups.take(upGradient, using: workers)
    }
    return output
  }

  mutating func add(_ input: Value, through layer: LinearLayer, times factor: Float) {
    add(product(input, by: layer), times: factor)
  }

  mutating func add(_ value: Value, times factor: Float) {
    let before = stream
    let output = makeValue(like: before, columns: before.rows.columns)
    output.rows.start.update(
      from: before.rows.start, count: before.rows.rows * before.rows.columns)
    let workers = workers
    output.rows.add(value.rows, times: factor, using: workers)
    record(output) { gradient, _ in
      value.gradientSum.add(gradient, times: factor, using: workers)
      before.take(gradient, using: workers)
    }
    stream = output
  }
}
