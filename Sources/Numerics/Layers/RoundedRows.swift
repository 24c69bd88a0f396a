internal import CProcessor

// Dimension key — O: rows (outputs) · I: columns (inputs) · N: tokens.

/// The rows of a weight rounded to eight bits, which say of every output what it may be at most.
///
/// With w = s q + e and x = t p + f, both turned as in ``RoundedVector``, w · x is s t (q · p) but for s q · f + e · x, which
/// is at most ‖s q‖ ‖f‖ + ‖e‖ ‖x‖ (Cauchy and Schwarz). What single precision adds to that is bounded by a share of
/// ‖w‖ ‖x‖.
final class RoundedRows: Sendable {
  /// How many rows are multiplied together.
  static let blockHeight = 32
  /// How many tokens are multiplied together.
  static let tokensAtOnce = 8

  /// O.
  let rows: Int
  /// I.
  let columns: Int
  /// `[O / 32 × I / 4 × 32 × 4]`: four columns of 32 rows, then the next four; the numbers are 128 too large, for the
  /// processor multiplies bytes without a sign with bytes with one.
  private let numbers: FloatBuffer
  /// s of every row, and what the errors of tokens and the tokens themselves are multiplied with.
  private let scales: FloatBuffer
  private let lengths: FloatBuffer
  private let errors: FloatBuffer
  /// The largest ‖w‖.
  private let largestNorm: Float

  /// The number of blocks of ``blockHeight`` rows, the last of which may have fewer.
  var blocks: Int { (rows + Self.blockHeight - 1) / Self.blockHeight }

  /// Rounds `weight`; nil where that has no use: without an instruction for products of bytes, for widths that cannot be
  /// turned, and for weights that are not finite or are factored.
  init?(_ weight: Weight, using workers: Workers) {
    if case .factored = weight { return nil }
    guard processor_adds_byte_products() == 1, weight.columns > 0,
      weight.columns.isMultiple(of: RoundedVector.turned)
    else { return nil }
    let (rows, columns, height) = (weight.rows, weight.columns, Self.blockHeight)
    let blocks = (rows + height - 1) / height
    let numbers = FloatBuffer(count: blocks * height * columns / 4)
    let scales = FloatBuffer(count: blocks * height)
    let lengths = FloatBuffer(count: blocks * height)
    let errors = FloatBuffer(count: blocks * height)
    let slack = Self.slack(columns: columns)
    let norms = workers.map(blocks) { block -> Float in
      let own = block * height..<min(rows, (block + 1) * height)
      var largest: Float = 0
      // A row's floats, and its numbers behind them.
      ScratchBuffers.shared.withBuffer(count: own.count * columns + columns / 4) { buffer in
        guard let values = buffer.baseAddress else { return }
        weight.copyRows(Array(own), into: values)
        guard RowScan.isFinite(values, count: own.count * columns) else {
          largest = .nan
          return
        }
        let bytes = UnsafeMutableRawPointer(values + own.count * columns)
        let target = UnsafeMutableRawPointer(numbers.start) + block * height * columns
        for (place, row) in own.enumerated() {
          // SAFETY: `values` has the block's rows and room for a row's numbers; the block's part of each buffer is ours.
          let rounded = RoundedVector(
            turning: values + place * columns, count: columns,
            numbers: bytes.assumingMemoryBound(to: Int8.self))
          for step in 0..<columns / 4 {
            let four = bytes.load(fromByteOffset: 4 * step, as: UInt32.self)
            target.storeBytes(
              of: four ^ 0x8080_8080, toByteOffset: (step * height + place) * 4, as: UInt32.self)
          }
          scales.start[row] = rounded.scale
          lengths.start[row] = Self.margin * rounded.length
          errors.start[row] = Self.margin * (rounded.error + slack * rounded.norm)
          largest = max(largest, rounded.norm)
        }
      }
      return largest
    }
    guard norms.allSatisfy(\.isFinite) else { return nil }
    self.rows = rows
    self.columns = columns
    self.numbers = numbers
    self.scales = scales
    self.lengths = lengths
    self.errors = errors
    largestNorm = norms.max() ?? 0
  }

  /// More than all that is lost where lengths and bounds are computed.
  private static let margin: Float = 1.0001

  /// What single precision may lose, as a share of ‖w‖ ‖x‖: a sum of I / 16 products in every lane, the transform, and the
  /// few operations that make a bound.
  private static func slack(columns: Int) -> Float {
    (Float(columns) / 16 + 64) * Float.ulpOfOne
  }

  /// Tokens, rounded.
  struct Tokens: Sendable {
    /// N.
    let count: Int
    /// `[N rounded up × I]`.
    fileprivate let numbers: FloatBuffer
    fileprivate let scales: [Float]
    fileprivate let errors: [Float]
    fileprivate let norms: [Float]
    /// 128 times the sum of a token's numbers.
    fileprivate let excess: [Int32]

    /// N rounded up to whole groups; what is behind the last token is zero.
    var paddedCount: Int { scales.count }
  }

  /// `input`, `[N × I]`, rounded; nil where an output might not be finite.
  func tokens(_ input: Activations) -> Tokens? {
    precondition(input.columns == columns, "\(input.columns) columns for rows of \(columns)")
    let padded = (input.rows + Self.tokensAtOnce - 1) / Self.tokensAtOnce * Self.tokensAtOnce
    guard RowScan.isFinite(input.start, count: input.rows * columns) else { return nil }
    let turned = input.copy()
    let numbers = FloatBuffer(count: padded * columns / 4)
    let bytes = UnsafeMutableRawPointer(numbers.start).assumingMemoryBound(to: Int8.self)
    var scales = [Float](repeating: 0, count: padded)
    var (errors, norms) = (scales, scales)
    var excess = [Int32](repeating: 0, count: padded)
    for token in 0..<input.rows {
      let own = bytes + token * columns
      let rounded = RoundedVector(turning: turned.row(token), count: columns, numbers: own)
      guard rounded.norm * largestNorm < 1e30 else { return nil }
      scales[token] = rounded.scale
      errors[token] = rounded.error
      norms[token] = rounded.norm
      excess[token] = 128 * (0..<columns).reduce(0) { $0 + Int32(own[$1]) }
    }
    return Tokens(
      count: input.rows, numbers: numbers, scales: scales, errors: errors, norms: norms,
      excess: excess)
  }

  /// What the outputs of a block of rows may be at most for a group of tokens.
  ///
  /// - Parameters:
  ///   - block: Which rows.
  ///   - group: Which tokens: the first of ``tokensAtOnce``.
  ///   - tokens: All tokens.
  ///   - body: Is given every token's number and what its 32 outputs may be at most, in two halves; outputs of rows that do
  ///     not exist are of any value.
  @inline(__always)
  func bounds(
    ofBlock block: Int, group: Int, _ tokens: Tokens,
    _ body: (_ token: Int, _ low: SIMD16<Float>, _ high: SIMD16<Float>) -> Void
  ) {
    let height = Self.blockHeight
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: height * Self.tokensAtOnce) { sums in
      guard let sums = sums.baseAddress else { return }
      // SAFETY: the block's numbers and the group's are as many as the steps say, `sums` has room for a block and a group.
      processor_byte_products(
        UnsafeRawPointer(numbers.start).assumingMemoryBound(to: UInt8.self)
          + block * height * columns,
        UnsafeRawPointer(tokens.numbers.start).assumingMemoryBound(to: Int8.self)
          + group * columns,
        columns, columns / 4, sums)
      for place in 0..<Self.tokensAtOnce {
        let token = group + place
        func bound(_ half: Int) -> SIMD16<Float> {
          let row = block * height + 16 * half
          let sum = UnsafeRawPointer(sums + (height * place + 16 * half))
            .loadUnaligned(as: SIMD16<Int32>.self)
          let products = processor_floats(sum &- tokens.excess[token])
          let value = products * (Vector(at: scales.start + row) * tokens.scales[token])
          return value.addingProduct(
            Vector(at: lengths.start + row), Vector(repeating: tokens.errors[token])
          ).addingProduct(
            Vector(at: errors.start + row), Vector(repeating: tokens.norms[token]))
        }
        body(token, bound(0), bound(1))
      }
    }
  }
}
