import ArgumentParser
import LaserOps

/// How a search stops trials that will not win.
struct RaceOptions: ParsableArguments {
  @Flag(help: "Stop trials that will not win, instead of asking each of them everything.")
  var race = false
  @Option(
    help: """
      Below which chance of winning, forecast from what it was asked, a trial is stopped (default: \
      \(Race.defaultRisk)); 0 stops only what could not win even with the rest all right.
      """)
  var risk: Double?

  func validate() throws {
    guard let risk else { return }
    guard race else { throw ValidationError("--risk goes with --race.") }
    do { _ = try Race(risk: risk) } catch { throw ValidationError("\(error)") }
  }

  /// The race that was asked for; nil to try everything.
  ///
  /// - Throws: `SearchError` for a risk that is no probability.
  var chosen: Race? {
    get throws { race ? try Race(risk: risk ?? Race.defaultRisk) : nil }
  }
}
