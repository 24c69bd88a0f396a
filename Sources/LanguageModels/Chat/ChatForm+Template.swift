/// What a template of a form adds to it.
extension ChatForm {
  /// What a template says for the system where nobody else does.
  enum DefaultSystem: Equatable {
    /// Nothing.
    case none
    /// These words.
    case words(String)
    /// Words that go on after a condition or a value.
    case unreadable
  }

  /// What the pieces of a template of this form say for the system; what they say of tools does not count.
  func system(in parts: [TemplatePart]) -> DefaultSystem {
    guard !beforeSystem.isEmpty else { return .none }
    var found = DefaultSystem.none
    var branches: [Branch] = []
    // What a variable for the system begins as.
    var variable: String?
    for (index, part) in parts.enumerated() {
      switch (part, part.keyword) {
      case (.statement(let code), "if"): branches.append(Branch(code))
      case (_, "endif"): _ = branches.popLast()
      case (.statement(let code), "elif"):
        if branches.popLast() != nil { branches.append(Branch(code)) }
      case (_, "else"): if let last = branches.popLast() { branches.append(last.otherwise) }
      case _ where branches.contains(where: \.isIdle): break
      case (.statement(let code), "set"): variable = variable ?? Self.systemWords(of: code)
      case (.text(let text), _):
        if let variable, text.hasSuffix(beforeSystem), parts[(index + 1)...].first == .value {
          return .words(variable)
        }
        for rest in text.split(separator: beforeSystem, omittingEmptySubsequences: false)
          .dropFirst()
        {
          switch words(beginning: rest) {
          case .none: break
          case .words(let words): return .words(words)
          case .unreadable: found = .unreadable
          }
        }
      default: break
      }
    }
    return found
  }

  /// The words for the system that `text` begins with, up to what ends them.
  private func words(beginning text: Substring) -> DefaultSystem {
    let end = afterSystem.prefix { $0 != "\n" }
    // Where a line's end alone ends the words, they may have several lines.
    let words =
      end.isEmpty
      ? text.split(separator: beforeUser, omittingEmptySubsequences: false).first
        .flatMap { $0.hasSuffix(afterSystem) ? $0.dropLast(afterSystem.count) : nil }
      : text.firstRange(of: end).map { text[..<$0.lowerBound] }
    if let words { return words.isEmpty ? .none : .words(String(words)) }
    return text.allSatisfy(\.isWhitespace) ? .none : .unreadable
  }

  /// The literal that a statement such as `set system_message = 'Be kind.'` gives a variable for the system.
  private static func systemWords(of code: String) -> String? {
    guard let match = code.wholeMatch(of: /set\s+\w*system\w*\s*=\s*'(.+)'/.dotMatchesNewlines())
    else {
      return nil
    }
    return String(match.1)
  }

  /// A branch of a template.
  private struct Branch {
    /// Whether it is for a model that was given tools.
    private var isForTools = false
    /// Whether what stands in its place otherwise is for such a model.
    private var isForNoTools = false
    /// Whether nobody ever gets there.
    private var isNever = false

    /// What it says does not count.
    var isIdle: Bool { isForTools || isNever }

    init(_ code: String) {
      let words = code.split(separator: " ")
      isNever = code.contains("false == true")
      guard words.dropFirst().first == "tools" || words.dropFirst().starts(with: ["not", "tools"])
      else { return }
      let rest = code.replacing("is not none", with: "")
      isForNoTools = ["none", " not ", "== 0"].contains(where: rest.contains)
      isForTools = !isForNoTools
    }

    /// What follows its `else`.
    var otherwise: Branch {
      var branch = self
      (branch.isForTools, branch.isForNoTools, branch.isNever) = (isForNoTools, false, false)
      return branch
    }
  }

  /// What begins the answer where the pieces of a template of this form ask for one: as in the form, or with more.
  ///
  /// - Returns: The text; nil where it depends on conditions.
  func opening(in parts: [TemplatePart]) -> String? {
    var mark = beforeAnswer[...]
    while mark.last == "\n" { mark.removeLast() }
    guard !mark.isEmpty else { return beforeAnswer }
    let prompt = Self.generationPrompt(in: parts)
    let places = (prompt ?? parts.indices).filter { index in
      if case .text(let text) = parts[index] { text.contains(mark) } else { false }
    }
    var found: Set<String> = []
    // Where no condition asks for an answer, the last place is it, or that of an earlier answer.
    for index in prompt == nil ? places.suffix(1) : places[...] {
      guard case .text(let text) = parts[index], let place = text.ranges(of: mark).last else {
        continue
      }
      if let prompt, Self.goesOn(parts[index + 1..<prompt.upperBound]) { return nil }
      let added = text[place.upperBound...]
      let isBefore =
        prompt == nil && parts[(index + 1)...].first == .value || added.hasPrefix(end ?? "\0")
      found.insert(
        isBefore || added.allSatisfy(\.isWhitespace) ? beforeAnswer : String(mark + added))
    }
    return found.count > 1 ? nil : found.first ?? beforeAnswer
  }

  /// The pieces that are written where an answer is asked for; nil where no condition says so.
  private static func generationPrompt(in parts: [TemplatePart]) -> Range<Int>? {
    let start = parts.lastIndex { part in
      guard case .statement(let code) = part else { return false }
      return ["if", "elif"].contains(part.keyword) && code.contains("add_generation_prompt")
    }
    guard let start else { return nil }
    var depth = 1
    let end = parts[(start + 1)...].firstIndex { part in
      depth += part.keyword == "if" ? 1 : part.keyword == "endif" ? -1 : 0
      return depth == 0
    }
    return start + 1..<(end ?? parts.endIndex)
  }

  /// Whether something is written in the branch that goes on with `parts`, whatever the conditions in it.
  private static func goesOn(_ parts: ArraySlice<TemplatePart>) -> Bool {
    var depth = 0
    for part in parts {
      switch (part, part.keyword) {
      case (_, "if"): depth += 1
      case (_, "else") where depth == 1: return true
      case (_, "else") where depth == 0, (_, "elif") where depth == 0: return false
      case (_, "endif"):
        depth -= 1
        if depth < 0 { return false }
      case (.text(let text), _) where depth == 0 && text.contains { !$0.isWhitespace }: return true
      case (.value, _) where depth == 0: return true
      default: break
      }
    }
    return false
  }
}
