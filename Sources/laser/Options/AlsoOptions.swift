import ArgumentParser
import Foundation
import LaserOps

/// What a search measures of the edits it found beside the task that it picked them for.
struct AlsoOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Also score the edits that were found on another task: TASK=FILE, several files separated by \
      commas, sokoban=LEVELS for a policy; may be repeated.
      """, valueName: "task=file"))
  var also: [AlsoArgument] = []
  @Option(
    help: ArgumentHelp(
      "Also measure the perplexity of this text, plain or gzipped; may be repeated.",
      valueName: "file"))
  var alsoText: [String] = []

  /// Loads the other tasks, so that what is wrong with them shows before the search begins.
  ///
  /// - Parameter source: What makes tasks for the model.
  /// - Returns: What measures the winners of a search.
  /// - Throws: What is wrong with the files.
  func prepare(_ source: any SideEffectSource) throws -> PreparedSideEffects {
    PreparedSideEffects(
      scores: try also.enumerated().map { try source.score($0.element, number: $0.offset + 1) },
      texts: try alsoText.enumerated().map {
        try source.perplexity($0.element, number: $0.offset + 1)
      })
  }
}

/// `TASK=FILE`, several files separated by commas.
struct AlsoArgument: ExpressibleByArgument {
  let task: String
  let files: [String]

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "=") else { return nil }
    task = String(argument[..<sign])
    files = argument[argument.index(after: sign)...].split(separator: ",").map(String.init)
    guard !task.isEmpty, !files.isEmpty else { return nil }
  }
}

/// Makes what measures side effects of a model of either kind.
protocol SideEffectSource {
  /// - Throws: What is wrong with the task or its files.
  func score(_ also: AlsoArgument, number: Int) throws -> PreparedSideEffects.Score
  /// - Throws: What is wrong with the text.
  func perplexity(_ text: String, number: Int) throws -> PreparedSideEffects.Text
}

/// Loaded tasks and texts that wait for the edits that a search finds.
struct PreparedSideEffects {
  /// The edits, the folder of the journals and the bootstrap's seed to scores.
  typealias Score = ([[Intervention]], URL, UInt64) throws -> [SideEffects.Score]
  /// The edits and the folder of the journals to perplexities.
  typealias Text = ([[Intervention]], URL) throws -> [SideEffects.Text]

  let scores: [Score]
  let texts: [Text]

  /// Measures what `result` found; nil where nothing was asked for, or no edit was found.
  func measure(_ result: SearchResult, in folder: URL, seed: UInt64) throws -> SideEffects? {
    guard !scores.isEmpty || !texts.isEmpty else { return nil }
    var edits: [[Intervention]] = []
    let found = [result.best.edit, result.lowestLoss?.edit, result.composition?.edit]
    for name in found.compactMap(\.self) where name != Trial.baseName {
      let list = try Intervention.list(parsing: name)
      if !edits.contains(list) { edits.append(list) }
    }
    guard !edits.isEmpty else { return nil }
    return SideEffects(
      scores: try scores.flatMap { try $0(edits, folder, seed) },
      perplexities: try texts.flatMap { try $0(edits, folder) })
  }
}
