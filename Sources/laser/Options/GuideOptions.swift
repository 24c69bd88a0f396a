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
    do { _ = try Guide(trials: trials) } catch { throw ValidationError("\(error)") }
  }

  /// The guide that was asked for; nil to try a grid.
  ///
  /// - Parameter space: The space; selecting components takes a guide.
  /// - Returns: The guide.
  /// - Throws: A validation error for a grid: the gradient says what to keep; and for trials without a guide.
  func chosen(for space: SearchSpaceOptions) throws -> Guide? {
    guard guided || space.method == .select else {
      guard trials == nil else {
        throw ValidationError("--trials goes with --guided, or with --method select.")
      }
      return nil
    }
    guard space.rhos.isEmpty, [.rank, .select].contains(space.method), space.rankRule == nil else {
      throw ValidationError(
        "--guided and --method select say themselves what to keep; leave out --rhos, --rank-rule "
          + "and other methods. --kinds and --layers say among which matrices.")
    }
    return try Guide(trials: trials ?? Guide.defaultTrials)
  }
}
