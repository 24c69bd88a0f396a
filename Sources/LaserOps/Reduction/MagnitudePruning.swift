package import Numerics

/// The elements of one matrix by magnitude; one sorting serves every fraction.
///
/// Absolute weight pruning (the paper's App. D and Fig. 10) sets the elements with the smallest |w| to zero.
package struct MagnitudePruning: Sendable {
  private let matrix: Matrix
  private let sortedMagnitudes: [Float]

  /// Sorts the magnitudes of `matrix`.
  ///
  /// - Throws: `LinearAlgebraError/notFinite(row:column:)`.
  /// - Complexity: O(n log n) for n elements.
  package init(of matrix: Matrix) throws {
    try matrix.requireFinite()
    self.matrix = matrix
    sortedMagnitudes = matrix.values.map(abs).sorted()
  }

  /// The matrix with its `count` smallest elements set to zero; among equals the first in row order go first.
  ///
  /// - Precondition: `count` lies within the number of elements.
  package func removing(_ count: Int) -> Matrix {
    precondition(
      (0...sortedMagnitudes.count).contains(count),
      "\(count) elements of \(sortedMagnitudes.count) cannot be removed")
    guard count > 0 else { return matrix }
    let threshold = sortedMagnitudes[count - 1]
    // Among elements equal to the threshold only as many go as the count still asks for.
    let firstEqual = sortedMagnitudes.partitioningIndex { $0 >= threshold }
    var equalsToRemove = count - firstEqual
    var pruned = matrix
    for (index, value) in matrix.values.enumerated() {
      let magnitude = abs(value)
      if magnitude < threshold {
        pruned.values[index] = 0
      } else if magnitude == threshold, equalsToRemove > 0 {
        pruned.values[index] = 0
        equalsToRemove -= 1
      }
    }
    return pruned
  }
}

extension [Float] {
  /// The first index at which a sorted array satisfies `predicate`.
  fileprivate func partitioningIndex(where predicate: (Float) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
