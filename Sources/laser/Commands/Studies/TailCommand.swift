import ArgumentParser
import Foundation
import LanguageModels
import LaserOps

/// `laser study tail` — what the smallest components alone say (Fig. 5).
struct TailCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Looks at what a model says with only the smallest components of a matrix (Fig. 5).",
    discussion: """
      Answers are right, of the same type (another answer to the same relation), generic (they begin \
      with a function word, a number, a mark or white space; also with a piece of a word that reads like \
      one, such as A) or other; the similarity is the cosine between the embeddings of the \
      first tokens of what is said and what is right, without those of positions. With --edit only \
      the examples count that the edit turns from wrong to right, as in the paper.
      """)

  @OptionGroup(title: "A language model") var questions: QuestionSearchOptions
  @Option(help: "Only the first so many examples.")
  var limit: Int?
  @Option(help: "The matrix: KIND:LAYER, such as Uin:27.")
  var site: SiteArgument
  @Option(parsing: .upToNextOption, help: "Shares of the components to keep, the smallest.")
  var rhos: [CommaList<Double>] = []
  @OptionGroup var edit: EditOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var target: StudyOutputOptions

  private static let shares = [
    0.999, 0.995, 0.99, 0.975, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0,
  ]

  func validate() throws {
    try CountLimit.check(limit, option: "--limit")
    try questions.checkIsComplete()
    guard questions.topK == nil else {
      throw ValidationError("--top-k generates nothing, and a tail is what the model says.")
    }
  }

  func run() throws {
    Interruption.endsWithCode()
    try run(LanguageModelLoader.announcing(questions.model ?? ""))
  }

  private func run<Model: LanguageModel>(_ model: Model) throws {
    let bar = SearchBar("tail")
    let space = try SearchSpace(
      kinds: [site.kind], layers: [site.layer],
      fractions: rhos.isEmpty ? Self.shares : rhos.numbers, method: .tail)
    _ = try space.sites(of: model)
    var experiment = try questions.experiment(
      of: model, limit: limit, split: SplitChoice(part: .all, seed: nil), workers: threads.workers)
    experiment.progress = { bar.show(answers: $0, of: $1) }
    let objective = try TailObjective(experiment.objective, of: model)
    let edits = edit.interventions
    var identity = experiment.identity.of(.study(.tail))
    identity.data["relations"] = .init(fingerprint: "\(experiment.questions.relationsFingerprint)")
    if !edits.isEmpty { identity.edits = edits.text }
    let journal: Journal<Trial> = try target.folder.open(
      for: RunHeader(identity, from: questions.provenance))
    let split =
      edits.isEmpty ? experiment.split : try DataSplit(only: flipped(by: edits, in: experiment))
    let study = SweepStudy(
      .tail, of: model, objective: objective, split: split, part: .all, space: space)
    guard let result = try study.run(journal: journal, progress: bar.show) else { return }
    bar.finish(try target.finish(result, text: result.tailText))
  }

  /// The examples that `edits` turn from wrong to right; all answers are kept in a journal of their own.
  private func flipped(
    by edits: [Intervention], in experiment: QuestionExperiment<some LanguageModel>
  ) throws -> [Int] {
    let runner = TrialRunner(
      model: experiment.model, objective: experiment.objective, split: experiment.split,
      journal: try target.folder.open(
        "turned", for: RunHeader(experiment.identity.of(.study(.tail)), from: questions.provenance))
    )
    let base = try runner.trial(of: [], on: .all).successFlags
    let edited = try runner.trial(of: edits, on: .all).successFlags
    let flipped = experiment.split[.all].enumerated().filter {
      !base[$0.offset] && edited[$0.offset]
    }
    guard !flipped.isEmpty else {
      throw StudyError.nothingFlipped(edit: edits.text, examples: base.count)
    }
    return flipped.map(\.element)
  }
}
