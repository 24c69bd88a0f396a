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

/// Adds up uᵢᵀ G vᵢ of one matrix for every example and component without ever holding a gradient G: with G = Σ dy xᵀ over
/// the rows of a product y = W x, it is Σ (dy · uᵢ) (x · vᵢ).
package struct ComponentSums {
  private let decomposition: SingularValueDecomposition
  private let left: Projection
  private let right: Projection
  private var sums: [Matrix]
  private var inputs: (of: Activations, products: Activations)?

  /// - Parameters:
  ///   - decomposition: Of the matrix.
  ///   - functions: How many functions of the examples have gradients.
  ///   - examples: How many examples.
  package init(of decomposition: SingularValueDecomposition, functions: Int, examples: Int) {
    self.decomposition = decomposition
    left = Projection(.dense(decomposition.left))
    right = Projection(.dense(decomposition.rightTransposed))
    sums = (0..<functions).map { _ in Matrix(rows: examples, columns: decomposition.count) }
  }

  /// Adds some rows of a product.
  ///
  /// - Parameters:
  ///   - input: x, `[rows × inputs]`.
  ///   - gradient: dy of one function, `[rows × outputs]`.
  ///   - function: Which function.
  ///   - examples: The example of every row.
  ///   - workers: The threads; their number changes no bit of the result.
  package mutating func add(
    input: Activations, gradient: Activations, of function: Int, examples: [Int],
    using workers: Workers
  ) {
    precondition(examples.count == input.rows && gradient.rows == input.rows, "rows differ")
    let products: Activations
    if let inputs, inputs.of === input {
      products = inputs.products
    } else {
      products = Activations(rows: input.rows, columns: decomposition.count)
      right.apply(to: input, into: products, using: workers)
      inputs = (input, products)
    }
    let others = Activations(rows: input.rows, columns: decomposition.count)
    left.carryBack(gradient, to: others, using: workers)
    let columns = decomposition.count
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

  /// Forgets what is kept of the last input.
  package mutating func forgetInput() { inputs = nil }

  /// −σᵢ uᵢᵀ G vᵢ of every function, `[examples × components]`.
  package var scores: [Matrix] {
    sums.map { sum in
      var sum = sum
      for row in 0..<sum.rows {
        for column in 0..<sum.columns {
          sum[row, column] *= -Float(decomposition.singularValues[column])
        }
      }
      return sum
    }
  }
}
