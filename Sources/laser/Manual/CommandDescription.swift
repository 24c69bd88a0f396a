import ArgumentParser
import Foundation

/// A command as the parser describes it: its words, its options, its subcommands.
struct CommandDescription: Decodable {
  /// What `--experimental-dump-help` prints.
  private struct Dump: Decodable {
    let command: CommandDescription
  }

  /// One argument, option or flag.
  struct Argument: Decodable {
    /// A name with its dashes left out.
    struct Name: Decodable {
      let kind: String
      let name: String

      /// The name as it is typed.
      var text: String { (kind == "long" ? "--" : "-") + name }
    }

    let kind: String
    let shouldDisplay: Bool
    let sectionTitle: String?
    let isOptional: Bool
    let isRepeating: Bool
    let names: [Name]?
    let preferredName: Name?
    let valueName: String?
    let defaultValue: String?
    let abstract: String?
    let discussion: String?

    /// What stands for the value, such as `<file>`; nil for a flag.
    var value: String? { kind == "flag" ? nil : valueName.map { "<\($0)>" } }
  }

  let commandName: String
  let superCommands: [String]?
  let shouldDisplay: Bool
  let abstract: String?
  let discussion: String?
  let subcommands: [CommandDescription]?
  let arguments: [Argument]?

  /// The words that are typed, such as `laser study layers`.
  var path: [String] { (superCommands ?? []) + [commandName] }

  /// The subcommands that help shows.
  var visibleSubcommands: [CommandDescription] {
    (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
  }

  /// The arguments that help shows.
  var visibleArguments: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }

  /// This command and all below it that help shows.
  var family: [CommandDescription] { [self] + visibleSubcommands.flatMap(\.family) }

  /// The description of `laser` itself.
  ///
  /// - Throws: `DecodingError`, where the parser describes itself in another form than it did.
  static func laser() throws -> CommandDescription {
    try JSONDecoder().decode(Dump.self, from: Data(Laser._dumpHelp().utf8)).command
  }
}
