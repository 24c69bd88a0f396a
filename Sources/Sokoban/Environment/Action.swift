/// What the player may do in one step, numbered as gym-sokoban numbers it.
///
/// A push action pushes the box it meets and is a plain move where there is none, so the four of them
/// are enough to play; a move action stops before a box.
public enum Action: UInt8, Hashable, Sendable, CaseIterable {
  /// Stay, which costs a step like anything else.
  case none = 0
  /// Push or move up.
  case pushUp
  /// Push or move down.
  case pushDown
  /// Push or move left.
  case pushLeft
  /// Push or move right.
  case pushRight
  /// Move up, never a box.
  case moveUp
  /// Move down, never a box.
  case moveDown
  /// Move left, never a box.
  case moveLeft
  /// Move right, never a box.
  case moveRight

  /// The push action (1–4) in `direction`.
  public init(pushing direction: Direction) {
    self = [.pushUp, .pushDown, .pushLeft, .pushRight][Int(direction.rawValue)]
  }

  /// The move action (5–8) in `direction`.
  public init(moving direction: Direction) {
    self = [.moveUp, .moveDown, .moveLeft, .moveRight][Int(direction.rawValue)]
  }

  /// Where to, nil for ``none``.
  public var direction: Direction? {
    switch self {
    case .none: nil
    case .pushUp, .moveUp: .up
    case .pushDown, .moveDown: .down
    case .pushLeft, .moveLeft: .left
    case .pushRight, .moveRight: .right
    }
  }

  /// Whether the action pushes a box that it meets.
  public var isPush: Bool { (1...4).contains(rawValue) }

  /// The same way as a push action, which is all that a policy has to know.
  public var asPush: Action { direction.map(Action.init(pushing:)) ?? .none }

  /// The move action in the same direction.
  public var asMove: Action { direction.map(Action.init(moving:)) ?? .none }
}

/// LURD, the letters of written solutions: lower case moves, upper case pushes.
extension Action {
  /// The action that an ASCII letter of a solution stands for, nil if it is no such letter.
  public init?(letter: UInt8) {
    switch letter {
    case UInt8(ascii: "U"): self = .pushUp
    case UInt8(ascii: "D"): self = .pushDown
    case UInt8(ascii: "L"): self = .pushLeft
    case UInt8(ascii: "R"): self = .pushRight
    case UInt8(ascii: "u"): self = .moveUp
    case UInt8(ascii: "d"): self = .moveDown
    case UInt8(ascii: "l"): self = .moveLeft
    case UInt8(ascii: "r"): self = .moveRight
    default: return nil
    }
  }

  /// The ASCII letter in a written solution, nil for ``none``, which has none.
  public var letter: UInt8? {
    self == .none ? nil : Array("UDLRudlr".utf8)[Int(rawValue) - 1]
  }
}

extension Symmetry {
  /// What `action` becomes in the image of a level.
  package func image(of action: Action) -> Action {
    guard let direction = action.direction else { return action }
    let imageDirection = image(of: direction)
    return action.isPush ? Action(pushing: imageDirection) : Action(moving: imageDirection)
  }
}
