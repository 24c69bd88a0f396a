internal import Numerics

/// The fields by which the rows of a set are known.
struct RowLayout: Sendable, CustomStringConvertible {
  /// Paths of members, levels separated by points.
  let fields: [String]
  /// The name in the head of a BIG-bench task.json; nil when the rows come without a head.
  var bigBenchName: String?

  /// Whether `record` has all the fields, and the head if there is one has the right name.
  func fits(_ record: DatasetRecord) -> Bool {
    if let bigBenchName, let found = record.head?["name"]?.string, found != bigBenchName {
      return false
    }
    return fields.allSatisfy(record.has)
  }

  var description: String {
    fields.joined(separator: ", ") + (bigBenchName.map { " of the BIG-bench task \($0)" } ?? "")
  }
}
