/// The backward: the adjoints of the forward's three steps in the opposite order.
///
/// The gradient of a tile is spread to the 36 places; at each place one product gives the gradient of the transformed
/// weights and another that of the transformed patch, which is then gathered into the pixels that it came from. So the
/// products of the backward are a quarter of those of ``Convolution`` too.
extension WinogradConvolution {
  /// What a backward needs beside the pictures: the transformed weights with their channels exchanged, and where the
  /// gradient of the transformed weights adds up until ``Gradient/addTaps(to:)``.
  package struct Gradient: Sendable {
    /// `[P × O × I]`.
    fileprivate let transposed: FloatBuffer
    /// `[P × I × O]`.
    fileprivate let sums: FloatBuffer
    private let channels: Int

    /// Nothing has been added yet.
    package init(_ convolution: WinogradConvolution) {
      let (inputs, outputs) = (convolution.shape.inputs, convolution.shape.outputs)
      channels = inputs * outputs
      transposed = FloatBuffer(count: 36 * channels)
      sums = FloatBuffer(count: 36 * channels)
      for place in 0..<36 {
        let from = convolution.weights.start + place &* channels
        let to = transposed.start + place &* channels
        for input in 0..<inputs {
          for output in 0..<outputs {
            to[output &* inputs &+ input] = from[input &* outputs &+ output]
          }
        }
      }
    }

    /// Adds the gradient to that of the weights, `[3 × 3 × I × O]`.
    package func addTaps(to weightGradient: UnsafeMutablePointer<Float>) {
      let taps = (0..<36).flatMap { WinogradConvolution.taps(at: $0).map { Float($0) } }
      taps.withUnsafeBufferPointer { taps in
        for tap in 0..<9 {
          let to = weightGradient + tap &* channels
          var channel = 0
          while channel < channels {
            var sum = Vector.zero
            for place in 0..<36 {
              sum = sum.addingProduct(
                Vector(repeating: taps[9 &* place &+ tap]),
                Vector(at: sums.start + (place &* channels &+ channel)))
            }
            (Vector(at: to + channel) + sum).store(to: to + channel)
            channel &+= 16
          }
        }
      }
    }
  }

  /// The backward of ``forward(input:residual:output:pictures:scratch:)`` for the same pictures.
  ///
  /// - Parameters:
  ///   - outputGradient: The first is that of the first picture in `range`. What the rectifier held back is set to
  ///     zero: afterwards this is the gradient of the residual.
  ///   - output: That of the forward.
  ///   - input: That of the forward.
  ///   - inputGradient: Pictures of I channels with a border, overwritten; the border too, with what has no meaning.
  ///   - skipped: What is added to it, or nil: the gradient that a residual brought past.
  ///   - range: Which pictures of the forward's.
  ///   - gradient: Of the transformed weights; added to.
  ///   - biasGradient: `[O]`; added to.
  ///   - scratch: ``scratchCount(_:pictures:)`` elements, overwritten.
  package func backward(
    outputGradient: PictureBuffer, output: PictureBuffer, input: PictureBuffer,
    inputGradient: PictureBuffer, skipped: PictureBuffer? = nil, pictures range: Range<Int>,
    gradient: Gradient, biasGradient: UnsafeMutablePointer<Float>, scratch: FloatBuffer
  ) {
    let count = range.count
    precondition(input.hasBorder && inputGradient.hasBorder, "the patches need a border")
    requireRoom(range.upperBound, in: input, channels: shape.inputs)
    requireRoom(range.upperBound, in: output, channels: shape.outputs)
    requireRoom(count, in: outputGradient, channels: shape.outputs)
    requireRoom(count, in: inputGradient, channels: shape.inputs)
    if let skipped { requireRoom(count, in: skipped, channels: shape.inputs) }
    precondition(
      scratch.count >= Self.scratchCount(shape, pictures: count),
      "\(scratch.count) elements are too few for \(count) pictures")
    let (inputs, outputs) = (shape.inputs, shape.outputs)
    let rows = Self.paddedTiles(shape, count)
    let patches = scratch.start  // [S·T × P × I]
    let spread = patches + rows &* 36 &* inputs  // [S·T × P × O]
    let first = range.lowerBound
    forEachTile(range) { tile, picture, line, column in
      let corner = input.pixels(of: picture) - input.firstPixel
      transform(
        patch: corner + (line &* input.rowStride &+ column &* inputs), row: input.rowStride,
        into: patches + tile &* 36 &* inputs)
      let place = column &* outputs
      self.spread(
        GradientTile(
          gradient: outputGradient.pixels(of: picture &- first)
            + (line &* outputGradient.rowStride &+ place),
          row: outputGradient.rowStride,
          output: output.pixels(of: picture) + (line &* output.rowStride &+ place),
          outputRow: output.rowStride,
          height: min(4, shape.height &- line), width: min(4, shape.width &- column)),
        into: spread + tile &* 36 &* outputs, sums: biasGradient)
    }
    for place in 0..<36 {
      let (left, right) = (patches + place &* inputs, spread + place &* outputs)
      let weights = place &* inputs &* outputs
      TiledProduct.multiplyEights(
        left, right, into: gradient.sums.start + weights,
        shape: .init(
          rows: inputs, columns: outputs, inner: count &* Self.tilesOfPicture(shape), leftRow: 1,
          leftInner: 36 &* inputs, right: 36 &* outputs, result: outputs),
        accumulating: true)
      TiledProduct.multiplyEights(
        right, gradient.transposed.start + weights, into: left,
        shape: .init(
          rows: rows, columns: inputs, inner: outputs, leftRow: 36 &* outputs,
          right: inputs, result: 36 &* inputs))
    }
    inputGradient.buffer.start.update(repeating: 0, count: count &* inputGradient.pictureStride)
    if let skipped {
      for picture in 0..<count {
        for line in 0..<shape.height {
          (inputGradient.pixels(of: picture) + line &* inputGradient.rowStride).update(
            from: skipped.pixels(of: picture) + line &* skipped.rowStride,
            count: shape.width &* inputs)
        }
      }
    }
    forEachTile(0..<count) { tile, picture, line, column in
      let corner = inputGradient.pixels(of: picture) - inputGradient.firstPixel
      gather(
        places: patches + tile &* 36 &* inputs,
        into: corner + (line &* inputGradient.rowStride &+ column &* inputs),
        row: inputGradient.rowStride)
    }
  }

  // MARK: - Tiles

  /// A tile of the gradient and the outputs that say what of it the rectifier let through.
  struct GradientTile {
    /// The first pixel, and from row to row.
    var gradient: UnsafeMutablePointer<Float>
    var row: Int
    /// The first pixel, and from row to row.
    var output: UnsafePointer<Float>
    var outputRow: Int
    /// Rows and columns within the picture, 4 at most.
    var height: Int
    var width: Int
  }

  private struct Four {
    let first: Vector, second: Vector, third: Vector, fourth: Vector

    var sum: Vector { (first + second) + (third + fourth) }
  }

  /// Masks a tile of the gradient, adds its pixels to the sums of the channels, and writes A y Aᵀ to the 36 places,
  /// `[P × O]`.
  @inline(__always)
  private func spread(
    _ tile: GradientTile, into places: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>
  ) {
    var channel = 0
    while channel < shape.outputs {
      spreadSixteen(tile, channel: channel, into: places + channel, sum: sums + channel)
      channel &+= 16
    }
  }

  @inline(never)
  private func spreadSixteen(
    _ tile: GradientTile, channel: Int, into places: UnsafeMutablePointer<Float>,
    sum: UnsafeMutablePointer<Float>
  ) {
    let channels = shape.outputs
    let zeroth = Self.masked(tile, 0, channel: channel, channels: channels)
    let first = Self.masked(tile, 1, channel: channel, channels: channels)
    let second = Self.masked(tile, 2, channel: channel, channels: channels)
    let third = Self.masked(tile, 3, channel: channel, channels: channels)
    let total = (zeroth.sum + first.sum) + (second.sum + third.sum)
    (Vector(at: UnsafePointer(sum)) + total).store(to: sum)
    let lines = (zeroth, first, second, third)
    Self.store(zeroth, to: places, step: channels)
    Self.store(Self.columns(0.75, 1, lines), to: places + 6 &* channels, step: channels)
    Self.store(Self.columns(0.75, -1, lines), to: places + 12 &* channels, step: channels)
    Self.store(Self.columns(1.5, 1, lines), to: places + 18 &* channels, step: channels)
    Self.store(Self.columns(1.5, -1, lines), to: places + 24 &* channels, step: channels)
    Self.store(third, to: places + 30 &* channels, step: channels)
  }

  /// A line of the tile, zero outside the picture; what the rectifier held back is set to zero in memory too.
  @inline(__always)
  private static func masked(
    _ tile: GradientTile, _ line: Int, channel: Int, channels: Int
  ) -> Four {
    Four(
      first: masked(tile, line, 0, channel: channel, channels: channels),
      second: masked(tile, line, 1, channel: channel, channels: channels),
      third: masked(tile, line, 2, channel: channel, channels: channels),
      fourth: masked(tile, line, 3, channel: channel, channels: channels))
  }

  @inline(__always)
  private static func masked(
    _ tile: GradientTile, _ line: Int, _ column: Int, channel: Int, channels: Int
  ) -> Vector {
    guard line < tile.height, column < tile.width else { return .zero }
    let place = column &* channels &+ channel
    let address = tile.gradient + (line &* tile.row &+ place)
    let value = Vector(at: UnsafePointer(address)).replacing(
      with: 0, where: Vector(at: tile.output + (line &* tile.outputRow &+ place)) .<= Vector.zero)
    value.store(to: address)
    return value
  }

  /// Writes A y of a line's four numbers to its six places.
  @inline(__always)
  private static func store(_ line: Four, to: UnsafeMutablePointer<Float>, step: Int) {
    let (even, odd) = atPoint(0.75, line.first, line.second, line.third, line.fourth)
    let (wideEven, wideOdd) = atPoint(1.5, line.first, line.second, line.third, line.fourth)
    line.first.store(to: to)
    (even + odd).store(to: to + step)
    (even - odd).store(to: to + 2 &* step)
    (wideEven + wideOdd).store(to: to + 3 &* step)
    (wideEven - wideOdd).store(to: to + 4 &* step)
    line.fourth.store(to: to + 5 &* step)
  }

  /// A y of each column at a point, or with a sign of −1 at its negative.
  @inline(__always)
  private static func columns(
    _ point: Float, _ sign: Float, _ lines: (Four, Four, Four, Four)
  ) -> Four {
    @inline(__always) func value(_ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector) -> Vector {
      let (even, odd) = atPoint(point, a, b, c, d)
      return even.addingProduct(odd, Vector(repeating: sign))
    }
    return Four(
      first: value(lines.0.first, lines.1.first, lines.2.first, lines.3.first),
      second: value(lines.0.second, lines.1.second, lines.2.second, lines.3.second),
      third: value(lines.0.third, lines.1.third, lines.2.third, lines.3.third),
      fourth: value(lines.0.fourth, lines.1.fourth, lines.2.fourth, lines.3.fourth))
  }

  /// A point's powers: the even ones and the odd ones, whose difference is the value at its negative.
  @inline(__always)
  private static func atPoint(
    _ point: Float, _ zeroth: Vector, _ first: Vector, _ second: Vector, _ third: Vector
  ) -> (even: Vector, odd: Vector) {
    let square = Vector(repeating: point * point)
    return (
      zeroth.addingProduct(second, square),
      first.addingProduct(third, square) * Vector(repeating: point)
    )
  }

  // MARK: - Patches

  /// Adds B v Bᵀ of the 36 places, `[P × I]`, which are overwritten, to the 6 × 6 pixels of the patch.
  @inline(__always)
  private func gather(
    places: UnsafeMutablePointer<Float>, into patch: UnsafeMutablePointer<Float>, row: Int
  ) {
    var channel = 0
    while channel < shape.inputs {
      gatherSixteen(places + channel, into: patch + channel, row: row)
      channel &+= 16
    }
  }

  @inline(never)
  private func gatherSixteen(
    _ places: UnsafeMutablePointer<Float>, into patch: UnsafeMutablePointer<Float>, row: Int
  ) {
    let channels = shape.inputs
    for column in 0..<6 {
      let to = places + column &* channels
      let pixels = Self.gathered(from: to, step: 6 &* channels)
      pixels.first.store(to: to)
      pixels.second.store(to: to + 6 &* channels)
      pixels.third.store(to: to + 12 &* channels)
      pixels.fourth.store(to: to + 18 &* channels)
      pixels.fifth.store(to: to + 24 &* channels)
      pixels.sixth.store(to: to + 30 &* channels)
    }
    for line in 0..<6 {
      let pixels = Self.gathered(from: places + 6 &* line &* channels, step: channels)
      let to = patch + line &* row
      @inline(__always) func add(_ value: Vector, _ column: Int) {
        let address = to + column &* channels
        (Vector(at: UnsafePointer(address)) + value).store(to: address)
      }
      add(pixels.first, 0)
      add(pixels.second, 1)
      add(pixels.third, 2)
      add(pixels.fourth, 3)
      add(pixels.fifth, 4)
      add(pixels.sixth, 5)
    }
  }

  /// B v of six numbers of each channel: the columns of ``transform(patch:row:into:)``'s matrix.
  @inline(__always)
  private static func gathered(from places: UnsafePointer<Float>, step: Int) -> Six {
    let zero = Vector(at: places)
    let (first, second) = (Vector(at: places + step), Vector(at: places + 2 &* step))
    let (third, fourth) = (Vector(at: places + 3 &* step), Vector(at: places + 4 &* step))
    let infinity = Vector(at: places + 5 &* step)
    let (even, odd) = (first + second, first - second)  // ±3/4
    let (wideEven, wideOdd) = (third + fourth, third - fourth)  // ±3/2
    let ends = Vector(repeating: 81.0 / 64)
    let middle = Vector(repeating: -45.0 / 16)
    return Six(
      first: zero * ends,
      second: (infinity * ends).addingProduct(odd, Vector(repeating: -27.0 / 16))
        .addingProduct(wideOdd, Vector(repeating: -27.0 / 32)),
      third: (zero * middle).addingProduct(even, Vector(repeating: -2.25))
        .addingProduct(wideEven, Vector(repeating: -0.5625)),
      fourth: (infinity * middle).addingProduct(odd, Vector(repeating: 0.75))
        .addingProduct(wideOdd, Vector(repeating: 1.5)),
      fifth: zero + even + wideEven,
      sixth: infinity)
  }
}
