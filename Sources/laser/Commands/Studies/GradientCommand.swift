import ArgumentParser
import Foundation
import LaserOps

/// `laser study gradient` — what one forward and one backward pass predict of every edit.
struct GradientCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradient",
    abstract: "Predicts from one gradient what every rank of every matrix would change.",
    discussion: """
      The gradient is that of the loss, and of the margin to the other answer, on the validation \
      examples; nothing is tried. With --site also every component of one matrix is listed, with its \
      t-value over the examples. --measured names a search of the same model and task, whose trials \
      then stand beside the predictions.
      """)

  @OptionGroup var source: ScoredTaskOptions
  @Option(parsing: .upToNextOption, help: "Kinds of matrices: Wq, Wk, Wv, Wo, Uin, Uup, Uout.")
  var kinds: [CommaList<WeightKind>] = []
  @Option(parsing: .upToNextOption, help: "Layers, for example 0-3,5.")
  var layers: [CommaList<IndexRange>] = []
  @Option(parsing: .upToNextOption, help: "Fractions of the rank to predict (the paper's rho).")
  var rhos: [CommaList<Double>] = []
  @Option(help: "Only this matrix, with each of its components: KIND:LAYER, such as Uin:27.")
  var site: SiteArgument?
  @Option(
    help: ArgumentHelp(
      "The output folder of a laser search of the same model and task.", valueName: "folder"),
    completion: .file())
  var measured: String?
  @OptionGroup var target: StudyOutputOptions

  func validate() throws {
    guard site == nil || kinds.isEmpty && layers.isEmpty else {
      throw ValidationError("--site names the only matrix; leave out --kinds and --layers.")
    }
  }

  func run() throws {
    Interruption.endsWithCode()
    try source.load("gradient", for: self)
  }
}

extension GradientCommand: ScoredTaskUser {
  func run(_ task: ScoredTask<some Experiment>, bar: SearchBar) throws {
    let space = try SearchSpace(
      kinds: site.map { [$0.kind] } ?? (kinds.isEmpty ? nil : kinds.kinds),
      layers: site.map { [$0.layer] } ?? (layers.isEmpty ? nil : layers.indexes),
      fractions: rhos.isEmpty ? SearchSpace.paperFractions : rhos.numbers)
    let experiment = task.experiment
    var identity = experiment.identity.of(.study(.gradient))
    identity.guide = .init(trials: nil)
    identity.grid = try space.identity(for: experiment.model)
    let trials = try measured.map {
      try RunFolder(URL(userPath: $0)).trials(of: experiment.identity)
    }
    let journal: Journal<SitePrediction> = try target.folder.open(
      for: RunHeader(identity, from: task.provenance))
    let result = try GradientStudy(
      of: experiment.model, objective: experiment.objective, split: experiment.split, space: space,
      tellsComponents: site != nil
    ).run(journal: journal, measured: trials ?? [], progress: bar.show(gradients:of:))
    bar.finish(try target.finish(result, text: result.text))
  }
}
