extension Array {
  /// Consecutive parts with so many elements each, which are all that there are.
  func cut(into counts: [Int]) -> [[Element]] {
    var rest = self[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }
}
