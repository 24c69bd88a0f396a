/// One of several processes that divide the sites of a grid among them.
public struct Shard: Equatable, Sendable {
  /// The process, from 0.
  public let index: Int
  /// How many there are.
  public let count: Int

  /// All sites in one process.
  public static let whole = Shard(unchecked: 0, of: 1)

  private init(unchecked index: Int, of count: Int) {
    self.index = index
    self.count = count
  }

  /// - Throws: `SearchError.invalidShard` unless `0 <= index < count`.
  public init(index: Int, of count: Int) throws {
    guard count > 0, (0..<count).contains(index) else {
      throw SearchError.invalidShard(index: index, count: count)
    }
    self.init(unchecked: index, of: count)
  }

  /// Whether the site of this number, counted from the lowest layer, is one of this process.
  ///
  /// The direction alternates from round to round: edits of lower layers take longer, and a process that has the first site
  /// of one round has the last of the next.
  package func contains(_ site: Int) -> Bool { Self.index(of: site, among: count) == index }

  /// Which of `count` processes tries the site of this number.
  package static func index(of site: Int, among count: Int) -> Int {
    let (round, place) = site.quotientAndRemainder(dividingBy: count)
    return round % 2 == 0 ? place : count - 1 - place
  }
}
