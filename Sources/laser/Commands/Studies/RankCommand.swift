import ArgumentParser
import DecisionTransformer
import Foundation
import LanguageModels
import LaserOps

/// `laser study rank` — effective rank by layer and kind (Fig. 7).
struct RankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Measures the effective rank of every matrix (the paper's Fig. 7).",
    discussion: """
      Beside it stand the number of singular values above the edge of Marchenko and Pastur, where noise \
      ends, and, for every search or study of the same model named by --kept, the rank at which each \
      matrix did best, if it did better than whole.
      """)

  @OptionGroup var source: ModelSource
  @Option(parsing: .upToNextOption, help: "Only these kinds: Wq, Wk, Wv, Wo, Uin, Uup, Uout.")
  var kinds: [CommaList<WeightKind>] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Output folders of laser search or laser study layers on this model.", valueName: "folder"),
    completion: .file())
  var kept: [String] = []
  @OptionGroup var target: StudyOutputOptions

  func run() throws {
    Interruption.endsWithCode()
    switch try source.load() {
    case .policy(let policy):
      try run(policy, fingerprint: "\(policy.fingerprint)", path: source.policy)
    case .language(let model): try run(language: model)
    }
  }

  private func run(language model: some LanguageModel) throws {
    try run(
      model, fingerprint: "\(model.checkpoint.fingerprint())", path: source.model)
  }

  private func run(_ model: some EditableModel, fingerprint: String, path: String?) throws {
    let folders = kept.map { RunFolder(URL(userPath: $0)) }
    let ranks = try zip(kept.folderNames, folders).flatMap { run, folder in
      try model.keptRanks(in: folder.trials(ofModel: fingerprint), of: run)
    }
    let bar = ProgressBar("rank")
    let journal: Journal<RankResult.Site> = try target.folder.open(
      for: RunHeader(
        RunIdentity(kind: .study(.rank), model: fingerprint), from: .current(model: path)))
    let result = try RankStudy(of: model, kinds: kinds.isEmpty ? nil : kinds.kinds).run(
      journal: journal, kept: ranks
    ) { bar.show($0, of: $1, "matrices") }
    bar.finish(try target.finish(result, text: result.text))
  }
}
