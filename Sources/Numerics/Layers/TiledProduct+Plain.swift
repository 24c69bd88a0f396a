extension TiledProduct {
  /// The specification in double precision: element by element, one product after the other.
  ///
  /// - Parameters:
  ///   - left: A, wherever the strides of `shape` look for it.
  ///   - right: B.
  ///   - shape: The shape; its stride of the result is not used.
  /// - Returns: A · B, `[rows × columns]`.
  static func plain(_ left: [Double], _ right: [Double], shape: Shape) -> [Double] {
    (0..<shape.rows).flatMap { row in
      (0..<shape.columns).map { column in
        var sum = 0.0
        for segment in 0..<shape.segments {
          for inner in 0..<shape.inner {
            sum +=
              left[row * shape.leftRow + inner * shape.leftInner + segment * shape.leftSegment]
              * right[inner * shape.right + segment * shape.rightSegment + column]
          }
        }
        return sum
      }
    }
  }
}
