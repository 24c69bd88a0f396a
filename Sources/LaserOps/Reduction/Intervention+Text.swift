/// The edit language: `KIND:LAYER:RHO`, `prune:KIND:LAYER:FRACTION`, `tail:KIND:LAYER:RHO`, `zero:KIND:LAYER`,
/// `keep:KIND:LAYER:MASK` with a ``ComponentMask`` as text.
///
/// LAYER is a number or `*`, and `#` with a number behind it names one expert of a mixture (`Uin:3#5:0.1`). Several
/// edits are separated by commas and applied from left to right.
extension Intervention: CustomStringConvertible {
  /// Reads one edit, for example `Uin:27:0.01`.
  ///
  /// - Throws: `InterventionError` for anything that is not an edit.
  public init(parsing text: some StringProtocol) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
    guard let first = parts.first else { throw InterventionError.malformed(String(text)) }
    let methods = ["rank", "prune", "tail", "zero", "keep"]
    let name = methods.contains(first) ? first : "rank"
    let rest = methods.contains(first) ? Array(parts.dropFirst()) : parts
    guard rest.count == (name == "zero" ? 2 : 3) else {
      throw InterventionError.malformed(String(text))
    }
    let kind = try WeightKind(named: rest[0])
    let place = rest[1].split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let layers = try Layers(parsing: String(place[0]))
    let expert = place.count > 1 ? Int(place[1]) : nil
    guard place.count == 1 || (expert ?? -1) >= 0 else {
      throw InterventionError.malformedExpert(String(place[1]))
    }
    let method: Method =
      switch name {
      case "prune": .prune(removing: try Fraction(parsing: rest[2]))
      case "tail": .tail(keeping: try Fraction(parsing: rest[2]))
      case "zero": .zero
      case "keep": .keep(try ComponentMask(parsing: rest[2]))
      default: .rank(keeping: try Fraction(parsing: rest[2]))
      }
    self.init(kind, layers: layers, expert: expert, method: method)
  }

  /// Reads edits separated by commas, for example `Uin:5:0.1,zero:Wq:0`.
  ///
  /// - Throws: `InterventionError` for the first that is not an edit.
  public static func list(parsing text: String) throws -> [Intervention] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map(
      Intervention.init(parsing:))
  }

  public var description: String {
    let place = "\(kind.rawValue):\(layers)" + (expert.map { "#\($0)" } ?? "")
    return switch method {
    case .rank(let share): "\(place):\(share)"
    case .tail(let share): "tail:\(place):\(share)"
    case .prune(let share): "prune:\(place):\(share)"
    case .zero: "zero:\(place)"
    case .keep(let mask): "keep:\(place):\(mask)"
    }
  }
}

extension [Intervention] {
  /// The edits as they are written on the command line; empty for the base model.
  public var text: String { map(\.description).joined(separator: ",") }
}

extension Intervention.Layers: CustomStringConvertible {
  init(parsing text: String) throws {
    if text == "*" {
      self = .all
    } else if let layer = Int(text), layer >= 0 {
      self = .one(layer)
    } else {
      throw InterventionError.malformedLayer(text)
    }
  }

  public var description: String {
    switch self {
    case .one(let layer): "\(layer)"
    case .all: "*"
    }
  }
}
