internal import Files
internal import Foundation
internal import CPNG

/// PNG through libpng's simplified interface, whose errors come back as values.
extension Image {
  /// The most pixels that are read: a damaged header must not ask for all memory.
  private static let maximumPixels = 1 << 26

  /// Reads a PNG of any kind; `name` is what errors call it.
  ///
  /// - Throws: `ImageError`.
  public init(png: [UInt8], named name: String) throws {
    var header = png_image()
    header.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&header) }
    // SAFETY: libpng keeps the pointer into `png` only until png_image_finish_read, inside the closure,
    // and writes exactly height × width × 3 bytes, the size of `pixels`.
    let pixels = try png.withUnsafeBytes { bytes in
      guard png_image_begin_read_from_memory(&header, bytes.baseAddress, bytes.count) != 0 else {
        throw ImageError.notPNG(name: name, reason: Image.message(of: header))
      }
      let (width, height) = (Int(header.width), Int(header.height))
      guard width > 0, height > 0, width <= Image.maximumPixels / height else {
        throw ImageError.tooLarge(name: name, width: width, height: height)
      }
      header.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
      var pixels = [UInt8](repeating: 0, count: width * height * 3)
      guard png_image_finish_read(&header, nil, &pixels, 0, nil) != 0 else {
        throw ImageError.notPNG(name: name, reason: Image.message(of: header))
      }
      return pixels
    }
    self.init(width: Int(header.width), height: Int(header.height), bytes: pixels)
  }

  /// Reads a PNG file.
  ///
  /// - Throws: `FileError`, `ImageError`.
  public init(contentsOf path: String) throws {
    try self.init(png: try OpenFile.read(path), named: path)
  }

  /// The picture as a PNG file's bytes.
  ///
  /// - Throws: `ImageError.cannotEncode` when memory runs out.
  public func png() throws -> [UInt8] {
    var header = png_image()
    header.version = png_uint_32(PNG_IMAGE_VERSION)
    header.width = png_uint_32(width)
    header.height = png_uint_32(height)
    header.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&header) }
    // Deflate adds a few bytes a block at worst; twice the pixels is beyond any doubt.
    var size = 2 * bytes.count + height + 4096
    var encoded = [UInt8](repeating: 0, count: size)
    // SAFETY: libpng reads width × height × 3 bytes, which `bytes` holds, and writes at most `size`.
    guard png_image_write_to_memory(&header, &encoded, &size, 0, bytes, 0, nil) != 0 else {
      throw ImageError.cannotEncode(reason: Image.message(of: header))
    }
    return Array(encoded.prefix(size))
  }

  /// Writes a PNG file, all or nothing.
  ///
  /// - Throws: `FileError`, `ImageError`.
  public func write(to path: String) throws {
    try AtomicFile.write(try png(), to: URL(fileURLWithPath: path))
  }

  /// The text that libpng left in its fixed-size buffer.
  private static func message(of header: png_image) -> String {
    withUnsafeBytes(of: header.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
