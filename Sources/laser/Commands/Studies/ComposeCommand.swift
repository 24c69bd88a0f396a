import ArgumentParser
import LaserOps

/// `laser study compose` — validation and test as edits are added greedily (Fig. 4).
struct ComposeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compose",
    abstract: "Scores validation and test as edits are added greedily (the paper's Fig. 4).",
    discussion: """
      From the last layer to the first the best edit of each matrix is added to those kept so far if \
      it helps on validation (the first fifth). The paper composes MLP matrices only: --kinds Uin,Uout.
      """)

  @OptionGroup var source: ScoredTaskOptions
  @OptionGroup(title: "Search space") var space: SearchSpaceOptions
  @OptionGroup var target: StudyOutputOptions

  func run() throws {
    Interruption.endsWithCode()
    try source.load("compose", for: self)
  }
}

extension ComposeCommand: ScoredTaskUser {
  func run(_ task: ScoredTask<some Experiment>, bar: SearchBar) throws {
    self.space.noteMissingExperts(in: task.experiment.model)
    let space = try space.space()
    let journal = try target.journal(.compose, of: task, trying: space)
    let study = CompositionStudy(
      of: task.experiment.model, objective: task.experiment.objective,
      split: task.experiment.split, space: space,
      seed: source.seed.value)
    let result = try study.run(journal: journal, progress: bar.show)
    bar.finish(try target.finish(result, text: result.text))
  }
}
