internal import Foundation

/// What a run's lines belong to: two processes whose identities agree may write into one folder.
///
/// Fingerprints, not paths: the same search elsewhere on the disk is the same search.
public struct RunIdentity: Codable, Equatable, Sendable {
  /// A search, one of the studies, or what a search measures beside its own task.
  package var kind: RunKind
  /// The fingerprint of the unedited model; nil for a run without one.
  public var model: String?
  /// What the model is scored on, by what it is called: `levels`, `questions`.
  public var data: [String: Contents]
  /// How it is scored.
  public var scoring: Scoring?
  /// Which examples pick and which report.
  public var split: DataSplit.Identity?
  /// The edits that the run is about, where it is about some.
  package var edits: String?
  /// How trials are stopped that will not win; nil where everything is asked.
  package var race: RaceRules?
  /// How a gradient picks what is tried; nil where it picks nothing.
  package var guide: GuideRules?
  /// What is tried.
  package var grid: Grid?
  /// Among how many processes the sites are divided; nil for one.
  package var shards: Int?

  /// Examples by their number and fingerprint.
  public struct Contents: Codable, Equatable, Sendable {
    /// How many there are; nil where that has no meaning.
    public let count: Int?
    /// Tells them from any others.
    public let fingerprint: String

    /// Examples with a fingerprint.
    public init(count: Int? = nil, fingerprint: String) {
      self.count = count
      self.fingerprint = fingerprint
    }
  }

  /// A task and the rules by which answers or games count.
  public struct Scoring: Codable, Equatable, Sendable {
    /// The task's name on the command line.
    public var task: String
    /// The rules, by name: whatever an outcome depends on.
    public var rules: [String: RunValue]

    /// A task with its rules.
    public init(task: String, rules: [String: RunValue] = [:]) {
      self.task = task
      self.rules = rules
    }
  }

  /// What a race's lines depend on beside the grid.
  package struct RaceRules: Codable, Equatable, Sendable {
    /// Below which chance of winning a trial is stopped.
    package let risk: Double
    /// Shuffles the examples.
    package let seed: UInt64
    /// The rule by which examples are ordered.
    let order: String
  }

  /// What a gradient says, and how much of it is tried.
  package struct GuideRules: Codable, Equatable, Sendable {
    /// How many edits are tried; nil for a study.
    package let trials: Int?
    /// Which scores a prediction has; nil for those of versions before 0.14.
    let scores: String?
  }

  /// The sites that are edited, and with what.
  package struct Grid: Codable, Equatable, Sendable {
    /// What is done with a fraction.
    package let method: String
    /// The fractions of every site; nil where a rule finds one in each matrix.
    package let fractions: [Double]?
    /// The rule that finds a rank in each matrix, or chooses components; nil for fractions.
    package let rule: String?
    /// The sites, layer by layer.
    package let sites: [String]
  }

  /// What a search belongs to.
  public init(
    model: String? = nil, data: [String: Contents] = [:], scoring: Scoring? = nil,
    split: DataSplit.Identity? = nil
  ) {
    self.init(kind: .search, model: model, data: data, scoring: scoring, split: split)
  }

  /// What a run of this kind belongs to.
  package init(
    kind: RunKind, model: String? = nil, data: [String: Contents] = [:],
    scoring: Scoring? = nil, split: DataSplit.Identity? = nil
  ) {
    self.kind = kind
    self.model = model
    self.data = data
    self.scoring = scoring
    self.split = split
  }

  /// Which study it is; nil for a search.
  package var study: StudyName? { if case .study(let study) = kind { study } else { nil } }

  /// The same as a run of another kind.
  package func of(_ kind: RunKind) -> RunIdentity {
    var other = self
    other.kind = kind
    return other
  }

  /// The first field in which another run differs from this one, with both values; nil where their lines belong together.
  ///
  /// A search may go on in a folder with another grid, as long as no line depends on it: those of a race do, those of a
  /// gradient depend on method and fractions, and processes that share a grid must agree on all of it. Where ranks of a rule
  /// are shared, every edit in the folder is taken for the rule's.
  package func difference(from other: RunIdentity) -> (field: String, own: String, other: String)? {
    let (own, others) = (fields, other.fields)
    let isShared = shards != nil && other.shards != nil
    let grids = [grid, other.grid].compactMap(\.self)
    let sharesRanks =
      (shards ?? other.shards) != nil && grids.count == 2 && grids.contains(where: \.hasRankRule)
    let loose: [String] =
      if isShared {
        []
      } else if race != nil || other.race != nil || sharesRanks {
        ["shards"]
      } else if (guide != nil && other.guide != nil) || study == .gradient {
        ["shards", "guide.trials", "grid.sites"]
      } else {
        ["shards", "guide.", "grid."]
      }
    let names = Set(own.map(\.name) + others.map(\.name))
      .filter { name in !loose.contains { name.hasPrefix($0) } }
    // What a run is and of which model is said first.
    let order = ["kind", "model"] + names.subtracting(["kind", "model"]).sorted()
    for name in order {
      let values = [own, others].map { $0.first { $0.name == name }?.value ?? "(none)" }
      if values[0] != values[1] { return (name, values[0], values[1]) }
    }
    return nil
  }

  /// Whether both would be the same in a file, where a whole quantity is a count.
  func isSame(as other: RunIdentity) -> Bool {
    fields.elementsEqual(other.fields) { $0 == $1 }
  }

  /// Every field that has a value, by its path such as `scoring.rules.top_k`, in the order of the names.
  package var fields: [(name: String, value: String)] {
    let encoder = JSONEncoder()
    guard let data = try? encoder.encode(self),
      let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { return [] }
    var fields: [(name: String, value: String)] = []
    func add(_ object: [String: Any], _ path: String) {
      for (key, value) in object.sorted(by: { $0.key < $1.key }) {
        switch value {
        case let object as [String: Any]: add(object, "\(path)\(key).")
        case let list as [Any]:
          fields.append(("\(path)\(key)", list.map { "\($0)" }.joined(separator: ",")))
        default: fields.append(("\(path)\(key)", "\(value)"))
        }
      }
    }
    add(object, "")
    return fields
  }
}

/// What a folder is of.
package enum RunKind: Codable, Equatable, Sendable {
  /// A search.
  case search
  /// What a search measures beside its own task.
  case sideEffect
  /// A study.
  case study(StudyName)

  /// As it stands in files.
  var name: String {
    switch self {
    case .search: "search"
    case .sideEffect: "side effect"
    case .study(let study): study.rawValue
    }
  }

  /// Reads a name.
  package init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    if let study = StudyName(rawValue: name) {
      self = .study(study)
    } else {
      self = name == Self.search.name ? .search : .sideEffect
    }
  }

  /// Writes the name.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

/// The value of a rule.
public enum RunValue: Codable, Equatable, Sendable {
  /// A name.
  case text(String)
  /// A count.
  case integer(Int)
  /// A quantity.
  case number(Double)

  /// Reads a number or a text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let integer = try? container.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// Writes the value itself.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .integer(let integer): try container.encode(integer)
    case .number(let number): try container.encode(number)
    }
  }

  /// The count, where it is one.
  package var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }
  /// The name, where it is one.
  package var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The quantity, whole or not.
  package var number: Double? {
    switch self {
    case .number(let number): number
    case .integer(let integer): Double(integer)
    case .text: nil
    }
  }
}
