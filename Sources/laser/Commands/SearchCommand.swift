import ArgumentParser
import DecisionTransformer
import Foundation
import LanguageModels
import LaserOps

/// `laser search` — the edits that most improve a model.
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Searches for the best edit of a model, and measures it on unseen data.",
    discussion: """
      The first fifth of the data (validation) selects the edit, the rest (test) measures it. By default every edit \
      of the grid is tested: every kind, layer and fraction. A search that was killed goes on when it is started \
      again with the same arguments. The folder then has journal.jsonl (every trial), result.json and report.html, \
      and for a policy games.json.

      --race asks every edited model a part of the validation examples, and goes on with those that may still win. The \
      winner's score is exact, and race.jsonl says of the others what they were asked.

      --guided predicts what every edit of the grid would change, by one forward and one backward pass over the \
      validation examples, and tests only --trials of them. guide.jsonl has all predictions. With --compose the \
      gradient is computed anew after every edit that is kept. With --race the shortlist is raced, for the best score \
      and for the lowest loss or highest return.

      --method select keeps individual components instead of the first ones. best.json, lowest-loss.json and \
      composition.json then have the edits for --edit @FILE.
      """)

  @OptionGroup var source: ScoredTaskOptions
  @OptionGroup(title: "Search space") var space: SearchSpaceOptions
  @Flag(help: "Also compose edits greedily, from the last layer to the first.")
  var compose = false
  @OptionGroup(title: "Guided") var guiding: GuideOptions
  @OptionGroup(title: "Racing") var racing: RaceOptions
  @OptionGroup(title: "Side effects") var others: AlsoOptions
  @OptionGroup(title: "Many processes") var sharing: ShareOptions
  @Option(
    name: .shortAndLong, help: "The folder of the journal, the result and the report.",
    completion: .file())
  var output: String
  @OptionGroup var format: OutputOptions

  func validate() throws { _ = try guiding.chosen(for: space) }

  func run() throws {
    if let options = sharing.slurm, let count = sharing.count, !sharing.merge {
      let mergers = compose ? min(count, try editsOfOneStep()) : 1
      try SlurmArray(
        count: count, mergers: mergers, options: options, folder: URL(userPath: output)
      )
      .submit(isDry: sharing.dryRun)
      return
    }
    _ = try sharing.share()
    Interruption.endsWithCode()
    try source.load(sharing.merge ? "merge" : "search", for: self)
  }
}

extension SearchCommand {
  /// With fewer, one example is more than five points.
  private static let fewExamples = 20

  /// How many edits a composition can try at the same time.
  private func editsOfOneStep() throws -> Int {
    if let guide = try guiding.chosen(for: space) { return guide.trials }
    guard case .fractions(let fractions) = try space.space().choice else { return 1 }
    return fractions.count
  }
}

extension SearchCommand: ScoredTaskUser {
  func run(_ task: ScoredTask<some Experiment>, bar: SearchBar) throws {
    let experiment = task.experiment
    let shard = try sharing.share()
    space.noteMissingExperts(in: experiment.model)
    let search = InterventionSearch(
      of: experiment, space: try space.space(),
      options: .init(
        composes: compose, shard: shard, merges: sharing.merge ? sharing.count : nil,
        fills: sharing.fill, merger: sharing.merger ?? .whole, race: try racing.chosen,
        guide: try guiding.chosen(for: space),
        seed: source.seed.value))
    let folder = RunFolder(URL(userPath: output))
    // A share leaves to the merge what comes after the grid, and of several merges the first does it.
    let isLast = shard == .whole && (sharing.merger?.index ?? 0) == 0
    let count = experiment.split.validation.count
    if isLast, count < Self.fewExamples {
      Output.note(
        "Warning: only \(count) validation \(count == 1 ? "example selects" : "examples select") the edit; below "
          + "\(Self.fewExamples) the best edit is mostly chance. Give more examples.")
    }
    let sideEffects = isLast ? try task.sideEffects.map(others.prepare) : nil
    // A merge writes down the search that it finishes, as one process would have.
    let command = sharing.original ?? ShellCommand.current.text
    var provenance = task.provenance
    provenance.command = command
    let result = try folder.run(
      search, of: experiment.identity, from: provenance,
      gradient: bar.show(gradients:of:), progress: bar.show)
    if let merger = sharing.merger, merger.index > 0 {
      bar.finish(
        "merger \(merger.index) of \(merger.count) is done; merger 0 makes the result, or where it was lost 'laser merge \(output)'"
      )
      return
    }
    guard var result else {
      let rest =
        compose || !others.also.isEmpty || !others.alsoText.isEmpty
        ? " (and what else was asked for)" : ""
      bar.finish(
        "share \(shard.index) of \(shard.count) is done; "
          + "'laser merge \(output)' makes the result\(rest) of all")
      return
    }
    for (name, winner) in [
      ("best", result.best), ("lowest-loss", result.lowestLoss),
      ("composition", result.composition),
    ] {
      let url = folder.url.appendingPathComponent("\(name).json")
      let edits = try winner?.interventions() ?? []
      if !edits.isEmpty,
        let file = EditFile(edits, model: experiment.identity.model ?? "", source: command)
      {
        try file.write(to: url)
      } else if FileManager.default.fileExists(atPath: url.path) {
        // The edits of an earlier result.
        try FileManager.default.removeItem(at: url)
      }
    }
    if let games = try task.games?(result.best.edit) {
      games.sayWhatIsMissing()
      try games.write(in: folder)
    }
    // Whatever goes wrong with another task or a text, what was found is told and kept.
    let measured = Result {
      try sideEffects?.measure(result, in: folder.url, seed: source.seed.value)
    }
    if case .success(let effects?) = measured {
      result.sideEffects = effects
      try folder.write(result, command: command)
    }
    try ReportWriter(paths: [output]).write(to: folder.report)
    bar.finish("report in \(folder.report.path)")
    if format.isJSON { try Output.json(result) } else { print(result.text) }
    try warnOfKernels(in: folder)
    _ = try measured.get()
  }

  /// Says so where processes that round differently have made the trials.
  private func warnOfKernels(in run: RunFolder) throws {
    let kernels = try run.writers.kernels.sorted()
    guard kernels.count > 1 else { return }
    Output.note(
      "Warning: the trials were computed by different kernels (\(kernels.joined(separator: ", "))), "
        + "whose results differ in the last digits; edits that are nearly equal may have changed places"
    )
  }
}
