import ArgumentParser
import LaserOps

/// How a gradient picks what a search tries.
struct GuideOptions: ParsableArguments {
  @Flag(help: "Try only what one pass up and down the model names, instead of a grid.")
  var guided = false
  @Option(help: "How many edits a guided search tries (default: \(Guide.defaultTrials)).")
  var trials: Int?

  func validate() throws {
    guard let trials else { return }
    guard guided else { throw ValidationError("--trials goes with --guided.") }
    do { _ = try Guide(trials: trials) } catch { throw ValidationError("\(error)") }
  }

  /// - Throws: A validation error for a grid: the gradient says which ranks to try.
  func check(_ space: SearchSpaceOptions) throws {
    guard space.rhos.isEmpty, space.method == .rank, space.rankRule == nil else {
      throw ValidationError(
        "--guided says itself which ranks to keep; leave out --rhos, --method and --rank-rule. "
          + "--kinds and --layers say among which matrices.")
    }
  }

  /// The guide that was asked for; nil to try a grid.
  ///
  /// - Throws: `SearchError` for no trials.
  var chosen: Guide? {
    get throws { guided ? try Guide(trials: trials ?? Guide.defaultTrials) : nil }
  }
}
