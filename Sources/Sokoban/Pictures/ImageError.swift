/// Why a picture cannot be read or written.
package enum ImageError: Error, Equatable, Sendable {
  /// Not a PNG, or a damaged one; the reason is libpng's.
  case notPNG(name: String, reason: String)
  /// More pixels than are ever needed here.
  case tooLarge(name: String, width: Int, height: Int)
  /// libpng would not encode the pixels.
  case cannotEncode(reason: String)
}

extension ImageError: CustomStringConvertible {
  /// What is wrong with which picture.
  package var description: String {
    switch self {
    case .notPNG(let name, let reason):
      "\(name) is no readable PNG (\(reason)); expected an undamaged PNG file"
    case .tooLarge(let name, let width, let height):
      "\(name) has \(width) × \(height) pixels; expected at most 67 million"
    case .cannotEncode(let reason):
      "the picture cannot be written as PNG: \(reason)"
    }
  }
}
