import ArgumentParser
import Foundation
import LaserOps

/// The edit that a model undergoes before a command uses it.
struct EditOptions: ParsableArguments {
  @Option(
    name: .customLong("edit"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "Apply these edits first: KIND:LAYER:RHO, prune:KIND:LAYER:FRACTION, tail:KIND:LAYER:RHO, "
        + "zero:KIND:LAYER; several separated by commas, * for all layers. @FILE: the edits in a file that "
        + "laser search --method select wrote; @FOLDER: the best edit of the search in this folder.",
      valueName: "edit"),
    transform: Self.edits(parsing:))
  var lists: [[Intervention]] = []

  var interventions: [Intervention] { lists.flatMap(\.self) }

  /// Edits separated by commas, those of files among them.
  ///
  /// - Throws: `InterventionError` for an edit that is none, `ValidationError` for a search that found none, and what keeps
  ///   a file or a folder from being read.
  static func edits(parsing text: String) throws -> [Intervention] {
    try text.split(separator: ",", omittingEmptySubsequences: false).flatMap { part in
      part.hasPrefix("@")
        ? try edits(at: URL(userPath: String(part.dropFirst())))
        : try Intervention.list(parsing: String(part))
    }
  }

  /// The edits in a file, or the best one of the search in a folder.
  private static func edits(at place: URL) throws -> [Intervention] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder),
      isFolder.boolValue
    else { return try EditFile(contentsOf: place.path).interventions }
    let best = try RunFolder(place).finishedSearch().result.best.edit
    guard best != Trial.baseName else {
      throw ValidationError(
        "the search in \(place.path) found no edit that beats the unedited model; name an edit.")
    }
    return try Intervention.list(parsing: best)
  }
}
