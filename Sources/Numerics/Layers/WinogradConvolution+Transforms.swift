/// The transforms of F(4, 3) with the points 0, ±3/4, ±3/2 and ∞, in that order, in both directions of a tile.
///
/// Polynomial multiplication at the points, transposed (Lavin & Gray, arXiv:1509.09308, §4; Winograd 1980).
extension WinogradConvolution {
  private static let points: [Double] = [0, 0.75, -0.75, 1.5, -1.5]

  /// G, `[6 × 3]`: the powers of each point divided by the product of its distances from the others.
  static let kernelTransform: [[Double]] =
    points.map { point in
      let distances = points.reduce(1) { $1 == point ? $0 : $0 * (point - $1) }
      return [1 / distances, point / distances, point * point / distances]
    } + [[0, 0, 1]]

  /// Six vectors that stay in registers.
  struct Six {
    let first: Vector, second: Vector, third: Vector, fourth: Vector, fifth: Vector, sixth: Vector
  }

  // MARK: - Patches

  /// Writes the transform of a 6 × 6 patch, Bᵀ d B, to the 36 places, `[P × I]`.
  @inline(__always)
  func transform(
    patch: UnsafePointer<Float>, row: Int, into places: UnsafeMutablePointer<Float>
  ) {
    var channel = 0
    while channel < shape.inputs {
      transformSixteen(patch + channel, row: row, into: places + channel)
      channel &+= 16
    }
  }

  // Not inlined, as ``finish(_:channel:sums:bias:)`` is not: alone, the compiler leaves each its vectors whole.
  @inline(never)
  private func transformSixteen(
    _ patch: UnsafePointer<Float>, row: Int, into places: UnsafeMutablePointer<Float>
  ) {
    let channels = shape.inputs
    @inline(__always) func pixel(_ line: Int, _ column: Int) -> Vector {
      Vector(at: patch + (line &* row &+ column &* channels))
    }
    @inline(__always) func atPoint(_ point: Float, other: Float) -> Six {
      Six {
        Self.atPoint(point, other: other, pixel(1, $0), pixel(2, $0), pixel(3, $0), pixel(4, $0))
      }
    }
    @inline(__always) func store(_ line: Six, _ number: Int) {
      Self.store(line, to: places + 6 &* number &* channels, step: channels)
    }
    store(Six { Self.atEnd(pixel(0, $0), pixel(2, $0), pixel(4, $0)) }, 0)
    // A point and its negative together: they have all but a sign in common.
    let (second, third) = (atPoint(0.75, other: 1.5), atPoint(-0.75, other: 1.5))
    store(second, 1)
    store(third, 2)
    let (fourth, fifth) = (atPoint(1.5, other: 0.75), atPoint(-1.5, other: 0.75))
    store(fourth, 3)
    store(fifth, 4)
    store(Six { Self.atEnd(pixel(1, $0), pixel(3, $0), pixel(5, $0)) }, 5)
  }

  /// Writes a line's transform to its six places.
  @inline(__always)
  private static func store(_ line: Six, to: UnsafeMutablePointer<Float>, step: Int) {
    @inline(__always) func atPoint(_ point: Float, other: Float) -> Vector {
      Self.atPoint(point, other: other, line.second, line.third, line.fourth, line.fifth)
    }
    atEnd(line.first, line.third, line.fifth).store(to: to)
    atPoint(0.75, other: 1.5).store(to: to + step)
    atPoint(-0.75, other: 1.5).store(to: to + 2 &* step)
    atPoint(1.5, other: 0.75).store(to: to + 3 &* step)
    atPoint(-1.5, other: 0.75).store(to: to + 4 &* step)
    atEnd(line.second, line.fourth, line.sixth).store(to: to + 5 &* step)
  }

  /// A row of Bᵀ for a point p beside ±q: d₄ − q² d₂ + p (d₃ − q² d₁).
  @inline(__always)
  private static func atPoint(
    _ point: Float, other: Float, _ d1: Vector, _ d2: Vector, _ d3: Vector, _ d4: Vector
  ) -> Vector {
    let square = Vector(repeating: -other * other)
    return d4.addingProduct(d2, square)
      .addingProduct(d3.addingProduct(d1, square), Vector(repeating: point))
  }

  /// The rows of Bᵀ for 0 and, one further, for ∞: d₄ − (p² + q²) d₂ + p² q² d₀.
  @inline(__always)
  private static func atEnd(_ d0: Vector, _ d2: Vector, _ d4: Vector) -> Vector {
    d4.addingProduct(d2, Vector(repeating: -45.0 / 16))
      .addingProduct(d0, Vector(repeating: 81.0 / 64))
  }

  // MARK: - Tiles

  /// A tile within a picture: what its outputs are made of besides the products, and where they go.
  struct Tile {
    /// The first pixel, and from row to row.
    var output: UnsafeMutablePointer<Float>
    var row: Int
    /// What is added to the first pixel, or nil, and from row to row.
    var residual: UnsafePointer<Float>?
    var residualRow: Int
    /// Rows and columns within the picture, 4 at most.
    var height: Int
    var width: Int
  }

  /// Writes the tile that the sums at the 36 places, `[P × O]`, stand for, Aᵀ m A, plus bias and residual, rectified.
  @inline(__always)
  func finish(_ tile: Tile, sums: UnsafePointer<Float>, bias: UnsafePointer<Float>) {
    var channel = 0
    while channel < shape.outputs {
      finish(tile, channel: channel, sums: sums + channel, bias: Vector(at: bias + channel))
      channel &+= 16
    }
  }

  @inline(never)
  private func finish(_ tile: Tile, channel: Int, sums: UnsafePointer<Float>, bias: Vector) {
    let channels = shape.outputs
    @inline(__always) func sum(_ line: Int, _ column: Int) -> Vector {
      Vector(at: sums + (6 &* line &+ column) &* channels)
    }
    let row = Row(tile: tile, channel: channel, channels: channels, bias: bias)
    // Even powers are sums of a point's and its negative's values, odd powers differences.
    let zeroth = Six { column in Self.zeroth(Six { sum($0, column) }) }
    let second = Six { column in Self.second(Six { sum($0, column) }) }
    Self.write(zeroth, 0, to: row)
    Self.write(second, 2, to: row)
    let first = Six { column in Self.first(Six { sum($0, column) }) }
    let third = Six { column in Self.third(Six { sum($0, column) }) }
    Self.write(first, 1, to: row)
    Self.write(third, 3, to: row)
  }

  /// What every pixel of a tile's sixteen channels has in common.
  private struct Row {
    let tile: Tile
    let channel: Int
    let channels: Int
    let bias: Vector
  }

  // Not a function within the other, as ``write(_:_:_:to:)`` is not: the compiler would pass the vectors by memory.
  @inline(__always)
  private static func write(_ values: Six, _ line: Int, to row: Row) {
    guard line < row.tile.height else { return }
    write(zeroth(values), line, 0, to: row)
    write(first(values), line, 1, to: row)
    write(second(values), line, 2, to: row)
    write(third(values), line, 3, to: row)
  }

  @inline(__always)
  private static func write(_ value: Vector, _ line: Int, _ column: Int, to row: Row) {
    guard column < row.tile.width else { return }
    let place = column &* row.channels &+ row.channel
    var value = value + row.bias
    if let residual = row.tile.residual {
      value += Vector(at: residual + (line &* row.tile.residualRow &+ place))
    }
    value.maximum(.zero).store(to: row.tile.output + (line &* row.tile.row &+ place))
  }

  // The rows of Aᵀ: powers of the points; ∞ counts in the highest.

  @inline(__always) private static func zeroth(_ values: Six) -> Vector {
    (values.first + (values.second + values.third)) + (values.fourth + values.fifth)
  }

  @inline(__always) private static func first(_ values: Six) -> Vector {
    ((values.fourth - values.fifth) * Vector(repeating: 1.5))
      .addingProduct(values.second - values.third, Vector(repeating: 0.75))
  }

  @inline(__always) private static func second(_ values: Six) -> Vector {
    ((values.fourth + values.fifth) * Vector(repeating: 2.25))
      .addingProduct(values.second + values.third, Vector(repeating: 0.5625))
  }

  @inline(__always) private static func third(_ values: Six) -> Vector {
    values.sixth.addingProduct(values.second - values.third, Vector(repeating: 0.421875))
      .addingProduct(values.fourth - values.fifth, Vector(repeating: 3.375))
  }
}

extension WinogradConvolution.Six {
  @inline(__always) init(_ make: (Int) -> Vector) {
    self.init(
      first: make(0), second: make(1), third: make(2), fourth: make(3), fifth: make(4),
      sixth: make(5))
  }
}
