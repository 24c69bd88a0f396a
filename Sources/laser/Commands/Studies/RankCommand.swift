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
      Beside it stand the number of components that stick out of the matrix' own noise (Marchenko and \
      Pastur) and, for searches and studies of the same model named by --kept, the rank at which each \
      matrix did best.
      """)

  @OptionGroup var source: ModelSource
  @Option(parsing: .upToNextOption, help: "Only these kinds: Wq, Wk, Wv, Wo, Uin, Uup, Uout.")
  var kinds: [CommaList<WeightKind>] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Output folders of laser search or laser study layers on this model.", valueName: "folder"))
  var kept: [String] = []
  @OptionGroup var target: StudyOutputOptions

  func run() throws {
    switch try source.load() {
    case .policy(let policy):
      try run(policy, fingerprint: "\(policy.fingerprint)", remark: ["policy": source.policy ?? ""])
    case .language(let model): try run(language: model)
    }
  }

  private func run(language model: some LanguageModel) throws {
    try run(
      model, fingerprint: "\(model.checkpoint.fingerprint())",
      remark: ["path": source.model ?? ""])
  }

  private func run(
    _ model: some EditableModel, fingerprint: String, remark: [String: String]
  ) throws {
    let trials = try kept.flatMap { folder in
      try SearchFolder(URL(userPath: folder)).trials(ofModel: fingerprint)
    }
    let bar = ProgressBar("rank")
    let journal: Journal<RankResult.Site> = try target.folder.open(
      .rank, identity: ["model": fingerprint], remarks: RunFacts.remarks(remark))
    let result = try RankStudy(of: model, kinds: kinds.isEmpty ? nil : kinds.kinds).run(
      journal: journal, kept: model.keptRanks(in: trials)
    ) { bar.show($0, of: $1, "matrices") }
    bar.finish(try target.finish(result, text: result.text))
  }
}
