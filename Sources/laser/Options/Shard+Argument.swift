public import ArgumentParser
public import LaserOps

/// `i/n`.
extension Shard: ExpressibleByArgument {
  /// Nil unless there are two numbers that make a share.
  public init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1],
      let shard = try? Shard(index: index, of: count)
    else { return nil }
    self = shard
  }

  /// As it is typed.
  public var defaultValueDescription: String { "\(index)/\(count)" }
}
