internal import CProcessor

/// A vector turned by an orthonormal transform and rounded to eight bits: v = scale · q + e.
///
/// The transform, Walsh's and Hadamard's of every 64 elements, spreads what single channels have too much of; it changes
/// no dot product of two vectors that are both turned.
struct RoundedVector {
  /// The distance of two neighbouring numbers.
  let scale: Float
  /// ‖scale · q‖.
  let length: Float
  /// ‖e‖.
  let error: Float
  /// ‖v‖.
  let norm: Float

  /// The number of elements must be divisible by this.
  static let turned = 64

  /// Turns `values` in place and writes their numbers, from -127 to 127, to `numbers`.
  ///
  /// - Precondition: `count` is divisible by ``turned``, and `values` are finite.
  init(
    turning values: UnsafeMutablePointer<Float>, count: Int,
    numbers: UnsafeMutablePointer<Int8>
  ) {
    var peaks = Vector.zero
    for start in stride(from: 0, to: count, by: Self.turned) {
      processor_turn(values + start)
      for index in stride(from: start, to: start + Self.turned, by: 16) {
        let value = Vector(at: values + index)
        peaks = peaks.maximum(value).maximum(-value)
      }
    }
    let peak = peaks.largest
    let scale = peak / 127
    let inverse = peak > 0 ? 127 / peak : 0
    var (lengths, errors, norms) = (Vector.zero, Vector.zero, Vector.zero)
    for index in stride(from: 0, to: count, by: 16) {
      let value = Vector(at: values + index)
      let (whole, integers) = value.roundedProduct(inverse)
      let rounded = whole * scale
      let error = value - rounded
      lengths = lengths.addingProduct(rounded, rounded)
      errors = errors.addingProduct(error, error)
      norms = norms.addingProduct(value, value)
      UnsafeMutableRawPointer(numbers + index)
        .storeBytes(of: processor_narrow(integers), as: SIMD16<Int8>.self)
    }
    self.scale = scale
    length = lengths.total.squareRoot()
    error = errors.total.squareRoot()
    norm = norms.total.squareRoot()
  }
}
