import ArgumentParser
import LaserOps

/// `i/n`.
struct ShardArgument: ExpressibleByArgument {
  let index: Int
  let count: Int

  static let whole = ShardArgument(index: 0, count: 1)

  private init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count > 0,
      (0..<count).contains(index)
    else { return nil }
    self.init(index: index, count: count)
  }

  /// - Throws: `SearchError` for a share that does not exist.
  func shard() throws -> Shard { try Shard(index: index, of: count) }

  var defaultValueDescription: String { "\(index)/\(count)" }
}
