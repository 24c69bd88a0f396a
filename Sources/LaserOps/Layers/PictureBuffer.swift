/// Memory of several pictures of one size, channels last, as ``WinogradConvolution`` reads and writes them.
package struct PictureBuffer: Sendable {
  /// The elements, zero at first.
  package let buffer: FloatBuffer
  /// From one picture to the next, from one row of pixels to the next, and from one pixel to the next, in elements.
  package let picture: Int
  package let row: Int
  package let channels: Int
  /// Where the first picture's first pixel lies.
  package let firstPixel: Int

  /// Pictures without a border, `[capacity × height × width × channels]`.
  package init(dense capacity: Int, height: Int, width: Int, channels: Int) {
    row = width * channels
    picture = height * row
    firstPixel = 0
    self.channels = channels
    buffer = FloatBuffer(count: capacity * picture)
  }

  /// Pictures within a border of one zero, and as many more zeros below and to the right as whole tiles of 4 × 4
  /// pixels need.
  package init(bordered capacity: Int, height: Int, width: Int, channels: Int) {
    row = ((width + 3) / 4 * 4 + 2) * channels
    picture = ((height + 3) / 4 * 4 + 2) * row
    firstPixel = row + channels
    self.channels = channels
    buffer = FloatBuffer(count: capacity * picture)
  }

  /// The first pixel of picture `index`.
  package func pixels(of index: Int) -> UnsafeMutablePointer<Float> {
    buffer.start + (index &* picture &+ firstPixel)
  }
}
