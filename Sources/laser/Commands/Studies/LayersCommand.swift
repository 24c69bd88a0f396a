import ArgumentParser
import LaserOps

/// `laser study layers` — score against layer for every kind and every amount removed (Figs. 2, 9 and 10).
struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Scores every kind, layer and amount removed (the paper's Figs. 2, 9 and 10).",
    discussion: """
      The amounts are the paper's fifteen, from 10 % to 99.75 % removed, unless --rhos names others. \
      With --method prune elements are set to zero instead (Fig. 10). For several tasks side by side \
      (Fig. 9) make a folder for each and join them: laser report FOLDER FOLDER… -o page.html.
      """)

  @OptionGroup var source: ScoredTaskOptions
  @OptionGroup(title: "Amounts") var space: SearchSpaceOptions
  @Option(help: "all, validation (the first fifth) or test (the rest): which examples to score.")
  var split = DataSplit.Part.all
  @Option(help: "Try only the i-th of n shares of the sites: i/n, i from 0.")
  var shard = Shard.whole
  @OptionGroup var target: StudyOutputOptions

  func run() throws {
    Interruption.endsWithCode()
    try source.load("layers", part: split, for: self)
  }
}

extension LayersCommand: ScoredTaskUser {
  func run(_ task: ScoredTask<some Experiment>, bar: SearchBar) throws {
    self.space.noteMissingExperts(in: task.experiment.model)
    let space = try space.space(removing: SearchSpace.paperRemovedShares)
    let journal = try target.journal(.layers, of: task, trying: space)
    let study = SweepStudy(
      .layers, of: task.experiment.model, objective: task.experiment.objective,
      split: task.experiment.split, part: split,
      space: space, shard: shard)
    guard let result = try study.run(journal: journal, progress: bar.show) else {
      bar.finish("shard \(shard.index) of \(shard.count) is done; concatenate the journals")
      return
    }
    bar.finish(try target.finish(result, text: result.text))
  }
}
