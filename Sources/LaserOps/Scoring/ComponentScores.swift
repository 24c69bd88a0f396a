public import Numerics

/// What removing each component of one matrix changes on each example, to first order: −σᵢ uᵢᵀ G vᵢ with the singular value
/// decomposition W = Σ σᵢ uᵢ vᵢᵀ and the example's gradient G = ∂/∂W.
public struct ComponentScores: Sendable {
  /// The matrix.
  public let site: WeightSite
  /// What the model makes of every example as it is.
  public let examples: [ExampleMeasure]
  /// The change of every example's loss by removing one component, in nats, `[examples × components]`, the component of
  /// the largest singular value first.
  public let loss: Matrix
  /// The same of every example's margin; nil where the task has none.
  public let margin: Matrix?

  /// The number of components.
  public var count: Int { loss.columns }

  /// The scores of one matrix.
  ///
  /// - Precondition: Both are of one shape, with a row an example.
  public init(site: WeightSite, examples: [ExampleMeasure], loss: Matrix, margin: Matrix?) {
    precondition(loss.rows == examples.count, "\(examples.count) examples, \(loss.rows) rows")
    precondition(
      margin.map { $0.rows == loss.rows && $0.columns == loss.columns } ?? true,
      "margins of another shape than the losses")
    self.site = site
    self.examples = examples
    self.loss = loss
    self.margin = margin
  }
}

/// What a model makes of one example, in numbers that have a gradient.
public struct ExampleMeasure: Sendable, Equatable {
  /// The loss in nats.
  public let loss: Double
  /// How far the example is from the other outcome, in nats: positive for a success. Nil where there is no such thing.
  public let margin: Double?

  /// The numbers of one example.
  public init(loss: Double, margin: Double?) {
    self.loss = loss
    self.margin = margin
  }
}

/// Adds up σᵢ uᵢᵀ G vᵢ of one matrix for every example and component without ever holding a gradient G.
///
/// With G = Σ dy xᵀ over the rows of a product y = W x + b it is Σ (dy · uᵢ) (σᵢ vᵢ · x). As σᵢ vᵢ · x = uᵢ · W x and
/// σᵢ uᵢ · dy = vᵢ · Wᵀ dy, the vectors of one side are enough, and what the pass has computed anyway is projected on the
/// smaller one.
package struct ComponentSums {
  private let values: Projection
  private let gradients: Projection
  private let count: Int
  private var sums: [Matrix]
  private var last: (of: Activations, products: Activations)?

  /// - Parameters:
  ///   - decomposition: Of the matrix.
  ///   - bias: b; nil for none.
  ///   - functions: How many functions of the examples have gradients.
  ///   - examples: How many examples.
  package init(
    of decomposition: GramDecomposition, bias: [Float]?, functions: Int, examples: Int
  ) {
    count = decomposition.squares.count
    let vectors = decomposition.vectors
    gradients = Projection(.dense(vectors))
    // uᵢ · W x = uᵢ · y − uᵢ · b.
    values = Projection(
      .dense(vectors),
      bias: decomposition.side == .inputs
        ? nil
        : bias.map { bias in
          (0..<vectors.rows).map { row in
            Float(-bias.indices.reduce(0.0) { $0 + Double(vectors[row, $1]) * Double(bias[$1]) })
          }
        })
    sums = (0..<functions).map { [count] _ in Matrix(rows: examples, columns: count) }
  }

  /// Adds some rows of a product.
  ///
  /// - Parameters:
  ///   - values: x or y, as the decomposition's side says, `[rows × components]`.
  ///   - gradient: Wᵀ dy or dy of one function, of the same shape.
  ///   - function: Which function.
  ///   - examples: The example of every row.
  ///   - workers: The threads; their number changes no bit of the result.
  package mutating func add(
    _ values: Activations, gradient: Activations, of function: Int, examples: [Int],
    using workers: Workers
  ) {
    precondition(examples.count == values.rows && gradient.rows == values.rows, "rows differ")
    let products: Activations
    if let last, last.of === values {
      products = last.products
    } else {
      products = Activations(rows: values.rows, columns: count)
      self.values.apply(to: values, into: products, using: workers)
      last = (values, products)
    }
    let others = Activations(rows: values.rows, columns: count)
    gradients.apply(to: gradient, into: others, using: workers)
    let columns = count
    let block = 64
    // SAFETY: every piece adds to columns of its own.
    sums[function].values.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      nonisolated(unsafe) let target = sums
      workers.forEach((columns + block - 1) / block) { piece in
        let range = piece * block..<min(columns, (piece + 1) * block)
        for (row, example) in examples.enumerated() {
          let (one, other) = (products.row(row), others.row(row))
          let to = target + example * columns
          for column in range { to[column] += one[column] * other[column] }
        }
      }
    }
  }

  /// Forgets what is kept of the last values.
  package mutating func forgetValues() { last = nil }

  /// −σᵢ uᵢᵀ G vᵢ of every function, `[examples × components]`.
  package var scores: [Matrix] {
    sums.map { sum in
      Matrix(rows: sum.rows, columns: sum.columns, values: sum.values.map { -$0 })
    }
  }
}
