// Dimension key — I: input channels · O: output channels · S: pictures · T: tiles of a picture, 4 × 4 pixels each
// · P = 36: places of the 6 × 6 patch that a tile's outputs come from.

/// A ``Convolution`` of several pictures at a time, forward and backward, by Winograd's minimal filtering (Lavin & Gray,
/// arXiv:1509.09308, F(4 × 4, 3 × 3)): a quarter of the multiplications.
///
/// The patch of each tile and the weights are transformed; then every place of the patch is one product of matrices,
/// patches by channels; and what comes out is transformed into the tile. ``Convolution`` itself runs at the limit of the
/// core's arithmetic, so that fewer multiplications are the only way to be faster: 3.0 times with 8 × 8 pictures of 32
/// channels, two or more together. From end to end `checkpoints/four-box` then evaluates 200 rooms in 0.80 of the processor
/// time, a search in 0.80 to 0.94 (an Intel Xeon of model 207, one thread, commit d0994b2). Training
/// goes on to 60 updates in 14.0 processor seconds instead of 22.6, the same losses to six digits (an AMD EPYC of Zen 4, one
/// thread, the model of `checkpoints/four-box`).
///
/// The transforms are those of the points 0, ±3/4, ±3/2 and ∞, whose coefficients single precision holds exactly. Through
/// the 18 convolutions of `checkpoints/four-box` the roundings add up to 5 · 10⁻⁷ of the embeddings' norm, twice those of
/// the sums by definition; with the paper's 0, ±1, ±2 and ∞ (§4.3) they were 9 · 10⁻⁷.
///
/// A picture's outputs have the same bits whatever pictures come with it: each sum has one order.
package struct WinogradConvolution: Sendable {
  /// The convolution's sizes.
  package let shape: Convolution
  /// The transformed weights, `[P × I × O]`.
  let weights: FloatBuffer
  /// `[O]`.
  private let bias: FloatBuffer

  /// Transforms a convolution's weights.
  ///
  /// - Parameters:
  ///   - shape: The convolution.
  ///   - weight: `[3 × 3 × I × O]`.
  ///   - bias: `[O]`.
  /// - Precondition: The inputs are a multiple of 16, as the outputs are.
  package init(
    _ shape: Convolution, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>
  ) {
    precondition(
      shape.inputs % 16 == 0, "patches have a multiple of 16 channels, not \(shape.inputs)")
    self.shape = shape
    self.bias = FloatBuffer(count: shape.outputs)
    self.bias.start.update(from: bias, count: shape.outputs)
    let channels = shape.inputs * shape.outputs
    weights = FloatBuffer(count: 36 * channels)
    for place in 0..<36 {
      let taps = Self.taps(at: place)
      let to = weights.start + place * channels
      var channel = 0
      while channel < channels {
        var sum = SIMD16<Double>.zero
        for tap in 0..<9 {
          sum += SIMD16<Double>(Vector(at: weight + (tap &* channels &+ channel))) * taps[tap]
        }
        Vector(sum).store(to: to + channel)
        channel &+= 16
      }
    }
  }

  /// How much each tap of the kernel counts at a place: the product of what its row and its column count.
  static func taps(at place: Int) -> [Double] {
    let (line, column) = place.quotientAndRemainder(dividingBy: 6)
    return (0..<9).map { kernelTransform[line][$0 / 3] * kernelTransform[column][$0 % 3] }
  }

  /// Elements of the memory that a forward or backward of `count` pictures needs.
  package static func scratchCount(_ shape: Convolution, pictures count: Int) -> Int {
    paddedTiles(shape, count) * 36 * (shape.inputs + shape.outputs)
  }

  /// `output ← max(0, convolution(input) + bias (+ residual))`, for some of the pictures.
  ///
  /// - Parameters:
  ///   - input: Pictures of I channels with a border.
  ///   - residual: Pictures of O channels, or nil.
  ///   - output: Pictures of O channels; may be the residual, not the input. A border stays as it is.
  ///   - range: Which pictures, the same of all three.
  ///   - scratch: ``scratchCount(_:pictures:)`` elements, overwritten.
  package func forward(
    input: PictureBuffer, residual: PictureBuffer? = nil, output: PictureBuffer,
    pictures range: Range<Int>, scratch: FloatBuffer
  ) {
    precondition(input.hasBorder, "the patches at the edges need a border")
    requireRoom(range.upperBound, in: input, channels: shape.inputs)
    requireRoom(range.upperBound, in: output, channels: shape.outputs)
    if let residual { requireRoom(range.upperBound, in: residual, channels: shape.outputs) }
    let count = range.count
    precondition(
      scratch.count >= Self.scratchCount(shape, pictures: count),
      "\(scratch.count) elements are too few for \(count) pictures")
    let rows = Self.paddedTiles(shape, count)
    let patches = scratch.start  // [S·T × P × I]
    let sums = patches + rows &* 36 &* shape.inputs  // [S·T × P × O]
    forEachTile(range) { tile, picture, line, column in
      let corner = input.pixels(of: picture) - input.firstPixel
      transform(
        patch: corner + (line &* input.rowStride &+ column &* shape.inputs), row: input.rowStride,
        into: patches + tile &* 36 &* shape.inputs)
    }
    for place in 0..<36 {
      TiledProduct.multiplyEights(
        patches + place &* shape.inputs,
        weights.start + place &* shape.inputs &* shape.outputs,
        into: sums + place &* shape.outputs,
        shape: .init(
          rows: rows, columns: shape.outputs, inner: shape.inputs, leftRow: 36 &* shape.inputs,
          right: shape.outputs, result: 36 &* shape.outputs))
    }
    forEachTile(range) { tile, picture, line, column in
      let place = column &* shape.outputs
      finish(
        Tile(
          output: output.pixels(of: picture) + (line &* output.rowStride &+ place),
          row: output.rowStride,
          residual: residual.map { $0.pixels(of: picture) + (line &* $0.rowStride &+ place) },
          residualRow: residual?.rowStride ?? 0,
          height: min(4, shape.height &- line), width: min(4, shape.width &- column)),
        sums: sums + tile &* 36 &* shape.outputs, bias: bias.start)
    }
  }

  /// Tiles of `count` pictures, in eights: then no row of a product is left over, and all have their sums in the same
  /// order. What the rows beyond hold reaches no other.
  static func paddedTiles(_ shape: Convolution, _ count: Int) -> Int {
    (count &* tilesOfPicture(shape) &+ 7) & ~7
  }

  /// T.
  static func tilesOfPicture(_ shape: Convolution) -> Int {
    ((shape.height &+ 3) / 4) &* ((shape.width &+ 3) / 4)
  }

  func requireRoom(_ count: Int, in buffer: PictureBuffer, channels: Int) {
    precondition(
      buffer.holds(count, height: shape.height, width: shape.width, channels: channels),
      "\(buffer.capacity) pictures of \(buffer.height) × \(buffer.width) × \(buffer.channels), "
        + "not \(count) of \(shape.height) × \(shape.width) × \(channels)")
  }

  /// Calls `body` with the number of each tile, its picture, and its first line and column there.
  @inline(__always)
  func forEachTile(_ range: Range<Int>, _ body: (Int, Int, Int, Int) -> Void) {
    var tile = 0
    for picture in range {
      var line = 0
      while line < shape.height {
        var column = 0
        while column < shape.width {
          body(tile, picture, line, column)
          tile &+= 1
          column &+= 4
        }
        line &+= 4
      }
    }
  }
}
