/// Runs a ``PatternProgram`` over a text by backtracking: the first way that leads to a match is taken.
struct PatternMatcher {
  private let program: PatternProgram
  private let text: ScalarText
  private var choices: [Choice] = []
  /// Where the round of each loop began.
  private var marks: [Int]
  /// How many steps are left.
  private var budget: Int

  /// What to try, or to undo, when the way taken fails.
  private enum Choice {
    /// Go on at `code` from `position`.
    case point(code: Int, position: Int)
    /// Go on at `code`, with one character less of a run each time down to `minimum`.
    case shorter(code: Int, position: Int, minimum: Int)
    /// Take one more character of the run before `code`, up to `maximum`.
    case longer(code: Int, position: Int, maximum: Int)
    case restore(slot: Int, mark: Int)
  }

  /// - Parameters:
  ///   - program: What is run.
  ///   - text: Over which text.
  ///   - budget: How many steps may be taken for all matches together.
  init(_ program: PatternProgram, _ text: ScalarText, budget: Int) {
    self.program = program
    self.text = text
    self.budget = budget
    marks = Array(repeating: -1, count: program.slotCount)
  }

  /// Whether all steps have been taken, so that nothing is known of what was not found.
  var isExhausted: Bool { budget < 0 }

  /// Where the match that begins at `start` ends; nil when there is none.
  mutating func end(from start: Int) -> Int? { run(from: 0, at: start) }

  private mutating func run(from code: Int, at start: Int) -> Int? {
    let base = choices.count
    var code = code
    var position = start
    while true {
      budget -= 1
      guard budget >= 0 else { return nil }
      if let next = step(&code, &position) {
        guard !next else { continue }
        choices.removeSubrange(base...)
        return position
      }
      guard backtrack(to: base, &code, &position) else { return nil }
    }
  }

  /// Does one instruction: true to go on, false at the end of a match, nil when it fails.
  @inline(__always)
  private mutating func step(_ code: inout Int, _ position: inout Int) -> Bool? {
    switch program.code[code] {
    case .one(let set):
      guard contains(set, position) else { return nil }
      position += 1
      code += 1
    case .run(let set, let minimum, let maximum, let mode):
      code += 1
      let isLazy = mode == .lazy
      let most = min(text.count - position, maximum)
      let wanted = isLazy ? min(minimum, most) : most
      var end = position
      while end < position + wanted, contains(set, end) { end += 1 }
      budget -= (end - position) / 8
      guard end - position >= minimum else { return nil }
      if isLazy {
        if most > minimum {
          choices.append(.longer(code: code, position: end, maximum: position + most))
        }
      } else if mode == .greedy, end - position > minimum {
        choices.append(
          .shorter(code: code, position: end - 1, minimum: position + minimum))
      }
      position = end
    case .split(let first, let second):
      choices.append(.point(code: second, position: position))
      code = first
    case .jump(let target): code = target
    case .assertion(let assertion):
      guard holds(assertion, position) else { return nil }
      code += 1
    case .look(let width, let isNegated, let end):
      let start = position - (width ?? 0)
      let found = start >= 0 && run(from: code + 1, at: start) != nil
      guard found != isNegated else { return nil }
      code = end
    case .atomic(let end):
      guard let stop = run(from: code + 1, at: position) else { return nil }
      position = stop
      code = end
    case .mark(let slot):
      choices.append(.restore(slot: slot, mark: marks[slot]))
      marks[slot] = position
      code += 1
    case .leaveIfEmpty(let slot, let end): code = marks[slot] == position ? end : code + 1
    case .accept: return false
    }
    return true
  }

  /// Takes up the latest choice above `base`; false when there is none.
  private mutating func backtrack(
    to base: Int, _ code: inout Int, _ position: inout Int
  ) -> Bool {
    while choices.count > base {
      switch choices.removeLast() {
      case .restore(let slot, let mark): marks[slot] = mark
      case .point(let target, let place):
        (code, position) = (target, place)
        return true
      case .shorter(let target, let place, let minimum):
        if place > minimum {
          choices.append(.shorter(code: target, position: place - 1, minimum: minimum))
        }
        (code, position) = (target, place)
        return true
      case .longer(let target, let place, let maximum):
        guard case .run(let set, _, _, _) = program.code[target - 1], contains(set, place) else {
          continue
        }
        if place + 1 < maximum {
          choices.append(.longer(code: target, position: place + 1, maximum: maximum))
        }
        (code, position) = (target, place + 1)
        return true
      }
    }
    return false
  }

  @inline(__always)
  private func contains(_ set: Int, _ position: Int) -> Bool {
    position < text.count
      && program.sets[set].contains(text.scalars[position], traits: text.traits[position])
  }

  private func holds(_ assertion: PatternNode.Assertion, _ position: Int) -> Bool {
    func isNewline(_ index: Int) -> Bool {
      text.scalars.indices.contains(index) && text.scalars[index] == 0x0A
    }
    func isWord(_ index: Int) -> Bool {
      text.scalars.indices.contains(index)
        && ScalarSet.bareWord.contains(text.scalars[index], traits: text.traits[index])
    }
    let isEnd = position == text.count
    return switch assertion {
    case .textStart: position == 0
    case .textEnd: isEnd
    case .textEndOrLastNewline: isEnd || position == text.count - 1 && isNewline(position)
    case .lineStart: position == 0 || isNewline(position - 1) && !isEnd
    case .lineEnd: isEnd || isNewline(position)
    case .wordBoundary: isWord(position - 1) != isWord(position)
    case .noWordBoundary: isWord(position - 1) == isWord(position)
    }
  }
}
