import ArgumentParser
import LaserOps

/// `laser study depth` — score against the amount removed at one site, up to all of it (Fig. 8).
struct DepthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "depth",
    abstract: "Scores one matrix from whole to removed (the paper's Fig. 8).",
    discussion: """
      Twenty-four amounts from 5 % to 100 % removed, unless --rhos names others. With --method prune \
      elements are set to zero, with --method tail only the smallest components are kept.
      """)

  @OptionGroup var source: ScoredTaskOptions
  @Option(help: "The matrix: KIND:LAYER, such as Uin:27.")
  var site: SiteArgument
  @Option(
    parsing: .upToNextOption,
    help: "Fractions to try: of the rank to keep, or of the elements to prune.")
  var rhos: [CommaList<Double>] = []
  @Option(
    help: "rank, prune or tail: what is done with a fraction.",
    transform: SearchSpace.Method.init(argument:))
  var method = SearchSpace.Method.rank
  @Option(help: "all, validation (the first fifth) or test (the rest): which examples to score.")
  var split = DataSplit.Part.all
  @OptionGroup var target: StudyOutputOptions

  func run() throws {
    Interruption.endsWithCode()
    try source.load("depth", part: split, for: self)
  }
}

extension DepthCommand: ScoredTaskUser {
  func run(_ task: ScoredTask<some Experiment>, bar: SearchBar) throws {
    let fractions =
      rhos.isEmpty
      ? SearchSpace.fractions(removing: SearchSpace.depthRemovedShares, by: method) : rhos.numbers
    let space = try SearchSpace(
      kinds: [site.kind], layers: [site.layer], fractions: fractions, method: method)
    let journal = try target.journal(.depth, of: task, trying: space)
    let study = SweepStudy(
      .depth, of: task.experiment.model, objective: task.experiment.objective,
      split: task.experiment.split, part: split,
      space: space)
    guard let result = try study.run(journal: journal, progress: bar.show) else { return }
    bar.finish(try target.finish(result, text: result.text))
  }
}

/// `KIND:LAYER`.
struct SiteArgument: ExpressibleByArgument {
  let kind: WeightKind
  let layer: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let kind = try? WeightKind(named: parts[0]), let layer = Int(parts[1]),
      layer >= 0
    else { return nil }
    self.kind = kind
    self.layer = layer
  }
}
