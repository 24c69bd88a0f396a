package import Numerics

/// A pass up a block that remembers what it did, so that a gradient can be carried down again.
///
/// The arithmetic upwards is ``ForwardPass``'s. Every operation writes down how the gradient of what came out becomes that of
/// what went in, and ``carryBack(_:visit:)`` plays this in reverse, as often as there are gradients. A pass keeps all its
/// activations: it is made for one block. Its operations are in `RecordedPass+Operations.swift`.
struct RecordedPass {
  /// The stream, `[rows × width]`.
  var stream: Value
  /// What computes.
  var forward: ForwardPass
  private let entering: Value
  private let tape = Tape()

  /// A pass of whole sequences through layer `index`.
  init(_ stream: ResidualStream, through index: Int, using workers: Workers) {
    self.init(
      ForwardPass(stream, through: index..<index + 1, reading: nil, cache: nil, using: workers))
    forward.enter(index)
  }

  /// A pass over finished rows, for what comes after the last layer.
  init(over rows: Matrix, using workers: Workers) {
    self.init(ForwardPass(over: rows, using: workers))
  }

  private init(_ forward: ForwardPass) {
    self.forward = forward
    entering = Value(forward.stream, streamRows: nil)
    stream = entering
  }

  /// Activations of the pass, and what is known of their gradient while it goes down.
  final class Value {
    let computed: ForwardPass.Value
    /// The row of the stream that every row belongs to; nil where they are the same.
    let streamRows: [Int]?
    fileprivate var gradient: Activations?

    init(_ computed: ForwardPass.Value, streamRows: [Int]?) {
      self.computed = computed
      self.streamRows = streamRows
    }

    /// The numbers.
    var rows: Activations { computed.rows }

    /// Adds to the gradient. The first to come is kept and written to later: nobody else may use it afterwards.
    func take(_ part: Activations, using workers: Workers) {
      precondition(part.rows == rows.rows && part.columns == rows.columns, "another shape")
      if let gradient { gradient.add(part, using: workers) } else { gradient = part }
    }

    /// Where the gradients of all that read the value are added up.
    var gradientSum: Activations {
      if let gradient { return gradient }
      let zeros = Activations(rows: rows.rows, columns: rows.columns)
      gradient = zeros
      return zeros
    }
  }

  /// What is told of every product on the way down.
  typealias Visit = (ProductGradient) -> Void

  /// The operations in their order.
  private final class Tape {
    var steps: [(Visit) -> Void] = []
  }

  /// Writes down an operation.
  ///
  /// - Parameters:
  ///   - output: What came out.
  ///   - carry: Adds to the gradients of what went in; is given that of what came out, which is its own to keep.
  func record(
    _ output: Value, _ carry: @escaping (_ gradient: Activations, _ visit: Visit) -> Void
  ) {
    tape.steps.append { visit in
      // What nobody read has no gradient.
      guard let gradient = output.gradient else { return }
      output.gradient = nil
      carry(gradient, visit)
    }
  }

  /// The gradient of the stream that entered, given that of the stream now.
  ///
  /// - Parameters:
  ///   - gradient: `[rows × width]`; it is written to.
  ///   - visit: Is told of every product with a matrix, the last first.
  /// - Returns: `[rows × width]`.
  func carryBack(_ gradient: Activations, visit: Visit) -> Activations {
    stream.take(gradient, using: forward.workers)
    for step in tape.steps.reversed() { step(visit) }
    let result = entering.gradientSum
    entering.gradient = nil
    return result
  }
}

/// A product y = W x + b that a gradient has passed: that of W is Σ over the rows of gradientᵀ · input.
public struct ProductGradient {
  /// Where W lies in the checkpoint.
  public let place: TensorPlace
  /// x, `[N × inputs]`.
  package let input: Activations
  /// y, `[N × outputs]`.
  package let output: Activations
  /// b; nil for none.
  package let bias: [Float]?
  /// The gradient of y, `[N × outputs]`.
  package let gradient: Activations
  /// What it adds to the gradient of x, Wᵀ · gradient, `[N × inputs]`.
  package let inputGradient: Activations
  /// The row of the stream that every row belongs to; nil where they are the same.
  public let streamRows: [Int]?

  /// x or y.
  func values(on side: GramDecomposition.Side) -> Activations {
    switch side {
    case .inputs: input
    case .outputs: output
    }
  }

  /// The gradient of x or of y.
  func gradient(on side: GramDecomposition.Side) -> Activations {
    switch side {
    case .inputs: inputGradient
    case .outputs: gradient
    }
  }
}
