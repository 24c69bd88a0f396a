/// Memory of several pictures of one size, channels last, as ``WinogradConvolution`` reads and writes them.
package struct PictureBuffer: Sendable {
  /// The elements, zero at first.
  package let buffer: FloatBuffer
  /// How many pictures there is room for.
  package let capacity: Int
  /// Rows and columns of a picture, without its border.
  package let height: Int
  package let width: Int
  /// Numbers of a pixel.
  package let channels: Int
  /// Whether there are zeros around each picture.
  package let hasBorder: Bool
  /// Elements from one picture to the next.
  package let pictureStride: Int
  /// Elements from one row of pixels to the next.
  package let rowStride: Int
  /// Where the first picture's first pixel lies.
  package let firstPixel: Int

  /// Pictures without a border, `[capacity × height × width × channels]`.
  package init(dense capacity: Int, height: Int, width: Int, channels: Int) {
    self.init(capacity, height, width, channels, hasBorder: false, room: (height, width))
  }

  /// Pictures within a border of one zero, and as many more zeros below and to the right as whole tiles of 4 × 4
  /// pixels need.
  package init(bordered capacity: Int, height: Int, width: Int, channels: Int) {
    self.init(
      capacity, height, width, channels, hasBorder: true,
      room: ((height + 3) / 4 * 4 + 2, (width + 3) / 4 * 4 + 2))
  }

  private init(
    _ capacity: Int, _ height: Int, _ width: Int, _ channels: Int, hasBorder: Bool,
    room: (rows: Int, columns: Int)
  ) {
    self.capacity = capacity
    self.height = height
    self.width = width
    self.channels = channels
    self.hasBorder = hasBorder
    rowStride = room.columns * channels
    pictureStride = room.rows * rowStride
    firstPixel = hasBorder ? rowStride + channels : 0
    buffer = FloatBuffer(count: capacity * pictureStride)
  }

  /// The first pixel of picture `index`.
  package func pixels(of index: Int) -> UnsafeMutablePointer<Float> {
    buffer.start + (index &* pictureStride &+ firstPixel)
  }

  /// Whether there is room for `count` pictures of these sizes.
  func holds(_ count: Int, height: Int, width: Int, channels: Int) -> Bool {
    count <= capacity && (height, width, channels) == (self.height, self.width, self.channels)
  }
}
