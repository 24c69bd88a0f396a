/// The manual page of a command, in the man macros of roff that `man` reads.
struct ManualPage {
  let command: CommandDescription
  let version: String

  /// The file's name, such as `laser-study-layers.1`.
  var fileName: String { "\(Self.name(of: command)).1" }

  /// The page's text.
  ///
  /// No date, so that the same build writes the same bytes.
  var text: String {
    let name = Self.name(of: command)
    var lines = [
      ".TH \"\(name.uppercased())\" 1 \"\" \"laser \(Self.escaped(version))\" \"laser\"",
      ".SH NAME",
      "\(Self.escaped(name)) \\- \(Self.escaped(Self.withoutStop(command.abstract ?? "")))",
      ".SH SYNOPSIS",
    ]
    lines += synopsis
    if let discussion = command.discussion, !discussion.isEmpty {
      lines.append(".SH DESCRIPTION")
      lines += Self.paragraphs(discussion)
    }
    lines += options + commands
    lines += [
      ".SH EXIT STATUS", "0: it is done. 1: an error, which standard error names.",
      "64: the command line is wrong.",
      "75: the same command may succeed later (interrupted, in use, disk full, shares missing).",
      ".SH SEE ALSO", seeAlso,
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// Every name of the page; for those who look for `laser study layers` as for `laser-study-layers`.
  private static func name(of command: CommandDescription) -> String {
    command.path.joined(separator: "-")
  }

  private var synopsis: [String] {
    let words = command.path.joined(separator: " ")
    guard command.visibleSubcommands.isEmpty else {
      return [".B \(Self.escaped(words))", "\\fIcommand\\fR [\\fIoptions\\fR]"]
    }
    let needed = command.visibleArguments.filter { !$0.isOptional && $0.kind != "flag" }
    let parts = needed.map { argument in
      let value = Self.value(argument) + (argument.isRepeating ? " ..." : "")
      return argument.preferredName.map { "\(Self.bold($0.text)) \(value)" } ?? value
    }
    return [".B \(Self.escaped(words))", (parts + ["[\\fIoptions\\fR]"]).joined(separator: " ")]
  }

  private var options: [String] {
    var lines: [String] = []
    var title: String?
    for (index, argument) in command.visibleArguments.enumerated() {
      if index == 0 || argument.sectionTitle != title {
        title = argument.sectionTitle
        lines.append(".SH \(Self.escaped((title ?? "Options").uppercased()))")
      }
      lines += [".TP", Self.heading(argument)]
      var text = argument.abstract ?? ""
      if let value = argument.defaultValue, !value.isEmpty { text += " (default: \(value))" }
      lines += Self.paragraphs(text.isEmpty ? "No description." : text)
      if let discussion = argument.discussion { lines.append(Self.escaped(discussion)) }
    }
    return lines
  }

  private var commands: [String] {
    guard !command.visibleSubcommands.isEmpty else { return [] }
    return [".SH COMMANDS"]
      + command.visibleSubcommands.flatMap {
        [".TP", ".BR \(Self.escaped(Self.name(of: $0))) (1)", Self.escaped($0.abstract ?? "")]
      }
  }

  /// The pages above this one, and for the first of them the pages of the project.
  private var seeAlso: String {
    let above = (command.superCommands ?? []).indices.map { index in
      Self.bold((command.superCommands ?? [])[...index].joined(separator: "-")) + "(1)"
    }
    return above.isEmpty
      ? "The project's pages, in its folder docs." : above.joined(separator: ", ")
  }

  private static func heading(_ argument: CommandDescription.Argument) -> String {
    let names = (argument.names ?? []).map { bold($0.text) }.joined(separator: ", ")
    let value = argument.value == nil ? "" : value(argument)
    return [names, value].filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func value(_ argument: CommandDescription.Argument) -> String {
    "\\fI\(escaped(argument.valueName ?? "value"))\\fR"
  }

  private static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }

  private static func withoutStop(_ text: String) -> String {
    text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// Paragraphs as roff; indented lines stay as they are.
  private static func paragraphs(_ text: String) -> [String] {
    var lines: [String] = []
    var isVerbatim = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isIndented = line.hasPrefix("  ")
      if isIndented != isVerbatim, !line.isEmpty {
        lines += isIndented ? [".RS", ".nf"] : [".fi", ".RE"]
        isVerbatim = isIndented
      }
      if line.isEmpty {
        if !isVerbatim { lines.append(".PP") }
      } else {
        lines.append(escaped(line.drop { $0 == " " }))
      }
    }
    if isVerbatim { lines += [".fi", ".RE"] }
    return lines
  }

  /// Text that roff prints as it is: no escapes, no requests, dashes that can be copied.
  static func escaped(_ text: some StringProtocol) -> String {
    var result = text.first == "." || text.first == "'" ? "\\&" : ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "\n": result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
