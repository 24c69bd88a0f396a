import ArgumentParser
import Foundation
import LaserOps

/// The edit that a model undergoes before a command uses it.
struct EditOptions: ParsableArguments {
  @Option(
    name: .customLong("edit"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "Edit the model first: KIND:LAYER:RHO, prune:KIND:LAYER:FRACTION, tail:KIND:LAYER:RHO, "
        + "zero:KIND:LAYER; several separated by commas, * for all layers. @FILE: the edits in a file that "
        + "laser search --method select wrote.",
      valueName: "edit"),
    transform: Self.edits(parsing:))
  var lists: [[Intervention]] = []

  var interventions: [Intervention] { lists.flatMap(\.self) }

  /// Edits separated by commas, those of files among them.
  private static func edits(parsing text: String) throws -> [Intervention] {
    try text.split(separator: ",", omittingEmptySubsequences: false).flatMap { part in
      part.hasPrefix("@")
        ? try EditFile(contentsOf: URL(userPath: String(part.dropFirst())).path).interventions
        : try Intervention.list(parsing: String(part))
    }
  }
}
