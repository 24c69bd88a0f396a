import ArgumentParser
import Foundation
public import LanguageModels
import LaserOps

/// `laser study frequency` — accuracy against how often a fact occurs in a text (Fig. 3).
struct FrequencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frequency",
    abstract: "Scores facts by how often they occur in a text, with and without an edit (Fig. 3).",
    discussion: """
      A fact occurs in a document of the text if its subject and its answer both do, as whole words. \
      Punctuation does not count, nor the case of A to Z; that of other letters does. The paper's \
      buckets are --edges 50,1001 and its score --top-k 10. Examples without a subject are left out.
      """)

  @OptionGroup(title: "A language model") var questions: QuestionSearchOptions
  @Option(help: "Only the first so many examples.")
  var limit: Int?
  @OptionGroup var edit: EditOptions
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The text, plain or gzipped, in any number of files.", valueName: "file"),
    completion: .file())
  var corpus: [String]
  @Option(help: "line or paragraph: what counts as standing together.")
  var document = FactFrequency.Document.line
  @Option(
    parsing: .upToNextOption, help: "How many occurrences the second and later buckets begin with.")
  var edges: [CommaList<Int>] = []
  @OptionGroup var seed: SeedOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var target: StudyOutputOptions

  private var starts: [Int] {
    edges.isEmpty ? FrequencyResult.paperEdges : edges.flatMap(\.elements)
  }

  func validate() throws {
    try CountLimit.check(limit, option: "--limit")
    try questions.checkIsComplete()
    guard starts[0] > 0, zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw ValidationError("--edges takes numbers from 1 in ascending order.")
    }
  }

  func run() throws {
    Interruption.endsWithCode()
    try run(LanguageModelLoader.announcing(questions.model ?? ""))
  }

  private func run(_ model: some LanguageModel) throws {
    let bar = SearchBar("frequency")
    var all = try questions.experiment(
      of: model, limit: limit, split: SplitChoice(part: .all, seed: nil), workers: threads.workers)
    all.progress = { bar.show(answers: $0, of: $1) }
    let edits = edit.interventions
    for edit in edits { _ = try model.sites(of: edit) }
    // The journal is opened first: the folder of another study is refused before anything is counted.
    let journal = try journal(of: all)
    let reading = ProgressBar("frequency: counting")
    let counts = try FactCounts(
      of: all.questions, in: corpus.map(URL.init(userPath:)), document: document,
      cache: target.folder.url.appendingPathComponent("counts.json")
    ) { reading.show(Int($0 * 1_000), of: 1_000, "thousandths of the text") }
    reading.finish("\(counts.words) words in \(counts.documents) documents")
    let experiment = try all.asking(
      DataSplit(only: counts.together.indices.filter { counts.together[$0] != nil }))
    let asked = experiment.split[.all]
    let runner = TrialRunner(
      model: model, objective: experiment.objective, split: experiment.split, journal: journal)
    let base = try runner.trial(of: [], on: .all)
    let edited = edits.isEmpty ? nil : try runner.trial(of: edits, on: .all)
    let result = FrequencyResult(
      together: asked.compactMap { counts.together[$0] },
      subjects: asked.compactMap { counts.subjects[$0] }, base: base, edited: edited,
      edges: starts,
      facts: PartFacts(of: .all, in: experiment.split, scoredBy: experiment.objective),
      corpus: .init(
        files: corpus.map { URL(userPath: $0).lastPathComponent }, document: document.rawValue,
        documents: counts.documents, words: counts.words),
      seed: seed.value)
    bar.finish(try target.finish(result, text: result.text))
  }

  private func journal(
    of experiment: QuestionExperiment<some LanguageModel>
  ) throws -> Journal<Trial> {
    var identity = experiment.identity.of(.study(.frequency))
    identity.data["subjects"] = .init(fingerprint: "\(experiment.questions.subjectsFingerprint)")
    return try target.folder.open(for: RunHeader(identity, from: questions.provenance))
  }
}

extension FactFrequency.Document: ExpressibleByArgument {}
