internal import Numerics

/// Muon (Jordan 2024, kellerjordan.github.io/posts/muon): moves every hidden matrix along its momentum, after all of
/// the momentum's singular values have been brought near one.
///
/// The momentum is m ← μ m + (1 − μ) g and the direction (1 − μ) g + μ m (Nesterov's). The rate is multiplied by
/// 0.2 √max(rows, columns), which makes an update about as long as AdamW's (arXiv:2502.16982), so that one rate and one
/// decay serve both. Embeddings, biases, norms and the head are AdamW's.
final class Muon: Sendable {
  /// The coefficients of X ← a X + (b X Xᵀ + c (X Xᵀ)²) X, and how often it is done: Jordan's.
  private static let coefficients: (a: Float, b: Float, c: Float) = (3.4445, -4.7750, 2.0315)
  private static let iterations = 5

  private let sites: [Site]

  /// One matrix with the memory that its update takes.
  private struct Site: Sendable {
    let matrix: ParameterLayout.HiddenMatrix
    let direction: FloatBuffer
    let scratch: Scratch

    init(_ matrix: ParameterLayout.HiddenMatrix) {
      self.matrix = matrix
      direction = FloatBuffer(count: matrix.rows * matrix.columns)
      scratch = Scratch(rows: matrix.rows, columns: matrix.columns)
    }
  }

  /// Memory of ``orthogonalize(_:rows:columns:scratch:)``.
  struct Scratch: Sendable {
    let gram: FloatBuffer
    let polynomial: FloatBuffer
    let next: FloatBuffer

    init(rows: Int, columns: Int) {
      let side = min(rows, columns)
      gram = FloatBuffer(count: side * side)
      polynomial = FloatBuffer(count: side * side)
      next = FloatBuffer(count: rows * columns)
    }
  }

  init(_ layout: ParameterLayout) { sites = layout.hiddenMatrices.map(Site.init) }

  /// Moves the hidden matrices against `gradient`.
  ///
  /// - Parameters:
  ///   - parameters: Changed.
  ///   - gradient: The gradient of the batch.
  ///   - clip: What it is multiplied by first.
  ///   - moment: The momentum; changed.
  ///   - decay: That of the momentum (μ).
  ///   - step: The number of updates before this one.
  ///   - options: Rates and decays.
  ///   - workers: The threads.
  func update(
    _ parameters: FloatBuffer, gradient: FloatBuffer, clip: Float, moment: FloatBuffer,
    decay: Double, step: Int, options: TrainingOptions, workers: Workers
  ) {
    let rate = options.rate(at: step)
    let keep = Float(1 - rate * options.weightDecay)
    let fresh = Float(1 - decay)
    workers.forEach(sites.count) { index in
      let matrix = sites[index].matrix
      let (rows, columns) = (matrix.rows, matrix.columns)
      let direction = sites[index].direction.start
      for row in 0..<rows {
        let offset = matrix.offset + row * matrix.stride
        let from = gradient.start + offset
        let mean = moment.start + offset
        let to = direction + row * columns
        for column in 0..<columns {
          let slope = from[column] * clip
          mean[column] += fresh * (slope - mean[column])
          to[column] = mean[column] + fresh * (slope - mean[column])
        }
      }
      Self.orthogonalize(direction, rows: rows, columns: columns, scratch: sites[index].scratch)
      let length = Float(rate * 0.2 * Double(max(rows, columns)).squareRoot())
      for row in 0..<rows {
        let to = parameters.start + (matrix.offset + row * matrix.stride)
        let from = direction + row * columns
        for column in 0..<columns { to[column] = to[column] * keep - length * from[column] }
      }
    }
  }

  /// Brings the singular values of a matrix near one and leaves its singular vectors.
  ///
  /// - Parameters:
  ///   - matrix: `[rows × columns]`; overwritten.
  ///   - rows: Its rows.
  ///   - columns: Its columns.
  ///   - scratch: Of the same sizes.
  static func orthogonalize(
    _ matrix: UnsafeMutablePointer<Float>, rows: Int, columns: Int, scratch: Scratch
  ) {
    let count = rows * columns
    let norm = UnsafePointer(matrix).sumOfSquares(count: count).squareRoot()
    // The largest singular value is at most the norm, and then at most one.
    let scale = 1 / (norm + 1e-7)
    for index in 0..<count { matrix[index] *= scale }
    let isWide = rows <= columns
    let side = min(rows, columns)
    let (gram, polynomial) = (scratch.gram.start, scratch.polynomial.start)
    let (a, b, c) = coefficients
    for _ in 0..<iterations {
      BLAS.multiply(
        matrix, matrix, into: gram, rows: side, columns: side, inner: max(rows, columns),
        transposingLeft: !isWide, transposingRight: isWide)
      polynomial.update(from: gram, count: side * side)
      BLAS.multiply(
        gram, gram, into: polynomial, rows: side, columns: side, inner: side, scale: c, keep: b)
      for index in 0..<side { polynomial[index * side + index] += a }
      BLAS.multiply(
        isWide ? polynomial : matrix, isWide ? matrix : polynomial, into: scratch.next.start,
        rows: rows, columns: columns, inner: side)
      matrix.update(from: scratch.next.start, count: count)
    }
  }
}
