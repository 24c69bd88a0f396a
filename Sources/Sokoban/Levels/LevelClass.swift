/// A level up to symmetry: equal for two levels if one is an image of the other.
package struct LevelClass: Hashable, Sendable {
  /// The least of the images' texts.
  private let text: [UInt8]

  /// The class of `level`.
  ///
  /// - Complexity: O(cells).
  package init(_ level: Level) {
    let images = Symmetry.allCases.map { Array(level.transformed(by: $0).description.utf8) }
    text = images.dropFirst().reduce(images[0]) { least, image in
      image.lexicographicallyPrecedes(least) ? image : least
    }
  }
}
