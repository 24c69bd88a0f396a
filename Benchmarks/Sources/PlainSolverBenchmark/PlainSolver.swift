import HeapModule
import Sokoban

/// A* over pushes, written plainly: what a good engineer writes first, for comparison with ``Sokoban/Solver``.
///
/// A state is the boxes and the player right after a push; an edge walks to a box and pushes it once. The lower bound
/// is the cheapest assignment of boxes to targets by the pushes that a lone box needs. Boxes never go where they could
/// not be pushed to a target from, nor close a square of two by two cells. For at most seven boxes on at most 256 cells.
struct PlainSolver {
  private let level: Level
  private let isWall: [Bool]
  private let isTarget: [Bool]
  /// The pushes that a lone box needs from each cell to each target, `[cells × targets]`; `unreachable` where it cannot
  /// get there.
  private let pushes: [Int]
  private let offsets: [Int]
  private static let unreachable = 1_000

  /// Boxes, ascending, and the player, one byte each.
  private struct State: Hashable {
    var packed: UInt64

    init(boxes: [Int], player: Int) {
      packed = UInt64(player)
      for box in boxes.sorted() { packed = packed << 8 | UInt64(box) }
    }

    func boxes(_ count: Int) -> [Int] {
      (0..<count).map { Int(packed >> (8 * UInt64($0)) & 255) }
    }

    func player(_ count: Int) -> Int { Int(packed >> (8 * UInt64(count))) }
  }

  private struct Entry: Comparable {
    let estimate: Int
    let moves: Int
    let state: State

    /// Among equal estimates the one that has come farther.
    static func < (left: Entry, right: Entry) -> Bool {
      (left.estimate, right.moves) < (right.estimate, left.moves)
    }
  }

  init(_ level: Level) {
    precondition(level.boxes.count <= 7 && level.cellCount <= 256, "too many boxes or cells")
    self.level = level
    isWall = level.fixed.map { $0 == .wall }
    isTarget = level.fixed.map { $0 == .target }
    offsets = [-level.columns, level.columns, -1, 1]
    let targets = level.targets
    var pushes = [Int](repeating: Self.unreachable, count: isWall.count * targets.count)
    for (index, target) in targets.enumerated() {
      pushes[target * targets.count + index] = 0
      var layer = [target]
      while !layer.isEmpty {
        var next: [Int] = []
        for cell in layer {
          for offset in offsets {
            let before = cell - offset
            guard !isWall[before], !isWall[before - offset],
              pushes[before * targets.count + index] == Self.unreachable
            else { continue }
            pushes[before * targets.count + index] = pushes[cell * targets.count + index] + 1
            next.append(before)
          }
        }
        layer = next
      }
    }
    self.pushes = pushes
  }

  /// The least number of moves, walks counted; nil without a solution.
  func leastMoves() -> Int? {
    let count = level.boxes.count
    let start = State(boxes: level.boxes, player: level.player)
    var best = [start: 0]
    var open: Heap = [Entry(estimate: bound(level.boxes), moves: 0, state: start)]
    var isBox = [Bool](repeating: false, count: isWall.count)
    var walks = [Int](repeating: 0, count: isWall.count)
    while let entry = open.popMin() {
      guard best[entry.state] == entry.moves else { continue }
      var boxes = entry.state.boxes(count)
      if boxes.allSatisfy({ isTarget[$0] }) { return entry.moves }
      for box in boxes { isBox[box] = true }
      walk(from: entry.state.player(count), isBox, into: &walks)
      for (index, box) in boxes.enumerated() {
        for offset in offsets {
          let walk = walks[box - offset]
          let to = box + offset
          guard walk >= 0, !isWall[to], !isBox[to] else { continue }
          (boxes[index], isBox[box], isBox[to]) = (to, false, true)
          defer { (boxes[index], isBox[box], isBox[to]) = (box, true, false) }
          guard !closesSquare(at: to, isBox) else { continue }
          let rest = bound(boxes)
          guard rest < Self.unreachable else { continue }
          let state = State(boxes: boxes, player: box)
          let moves = entry.moves + walk + 1
          guard moves < best[state, default: .max] else { continue }
          best[state] = moves
          open.insert(Entry(estimate: moves + rest, moves: moves, state: state))
        }
      }
      for box in boxes { isBox[box] = false }
    }
    return nil
  }

  /// The steps to every cell, −1 where the player cannot get to.
  private func walk(from player: Int, _ isBox: [Bool], into steps: inout [Int]) {
    for cell in steps.indices { steps[cell] = -1 }
    steps[player] = 0
    var queue = [player]
    queue.reserveCapacity(steps.count)
    var head = 0
    while head < queue.count {
      let cell = queue[head]
      head += 1
      for offset in offsets {
        let next = cell + offset
        guard steps[next] < 0, !isWall[next], !isBox[next] else { continue }
        steps[next] = steps[cell] + 1
        queue.append(next)
      }
    }
  }

  /// The pushes of the cheapest assignment of boxes to targets, or at least `unreachable`.
  private func bound(_ boxes: [Int], from index: Int = 0, taken: Int = 0) -> Int {
    guard index < boxes.count else { return 0 }
    var least = Self.unreachable
    for target in boxes.indices where taken & (1 << target) == 0 {
      let distance = pushes[boxes[index] * boxes.count + target]
      guard distance < least else { continue }
      least = min(least, distance + bound(boxes, from: index + 1, taken: taken | 1 << target))
    }
    return least
  }

  /// Whether a square of walls and boxes around the box at `cell` has a box that is not on a target: none of them can
  /// move again.
  private func closesSquare(at cell: Int, _ isBox: [Bool]) -> Bool {
    func isFull(_ cell: Int) -> Bool { isWall[cell] || isBox[cell] }
    func isAstray(_ cell: Int) -> Bool { isBox[cell] && !isTarget[cell] }
    for down in [-level.columns, level.columns] {
      for right in [-1, 1] where isFull(cell + down) && isFull(cell + right) {
        let corner = cell + down + right
        guard isFull(corner) else { continue }
        if isAstray(cell) || isAstray(cell + down) || isAstray(cell + right) || isAstray(corner) {
          return true
        }
      }
    }
    return false
  }
}
