import Foundation
import LaserOps

/// The HTML page of studies, finished or still going, from nothing but their folders.
struct StudyReportWriter {
  let folders: [StudyFolder]

  func write(to page: URL) throws {
    let document = ReportDocument(
      title: folders.count == 1 ? "laser: study" : "laser: studies",
      summary: "What happens to a trained transformer when one of its weight matrices is cut.",
      sections: try comparison + folders.map { try section(of: $0, page: page) })
    try AtomicFile.write(document.html, to: page)
  }

  /// One study.
  func section(of folder: StudyFolder, page: URL) throws -> ReportDocument.Section {
    let about = folder.about ?? [:]
    let vocabulary = SearchReport.Vocabulary.of(about)
    var contents =
      switch folder.study {
      case let study where !folder.isFinished: try unfinished(folder, study, vocabulary)
      case .layers, .depth, .tail:
        SweepReport(try folder.finished(), vocabulary: vocabulary).contents
      case .compose: try folder.finished(as: CompositionResult.self).report(vocabulary)
      case .frequency: try folder.finished(as: FrequencyResult.self).report(vocabulary)
      case .rank: try folder.finished(as: RankResult.self).report
      case .tables: try folder.finished(as: TablesResult.self).report
      case nil: throw SearchError.noResult(folder: folder.url.path)
      }
    let facts = RunFacts(
      about: about, seconds: try? SearchFolder(folder.url).seconds(),
      files: [folder.result, folder.journal], page: page)
    contents += [.element("h3", [:], .text("What was run"))] + facts.markup
    return ReportDocument.Section(
      "\(folder.url.lastPathComponent): \(title(folder.study))", contents)
  }

  /// A study that is still going, or that was stopped: the trials that are there.
  private func unfinished(
    _ folder: StudyFolder, _ study: StudyName?, _ vocabulary: SearchReport.Vocabulary
  ) throws -> [Markup] {
    switch study {
    case .layers, .depth, .compose:
      try UnfinishedReport(
        trials: SearchFolder(folder.url).contents().trials, of: .study, vocabulary: vocabulary
      ).contents()
    default: [UnfinishedReport.notice]
    }
  }

  /// What studies of layers of several tasks say together.
  var comparison: [ReportDocument.Section] {
    get throws {
      let layers = folders.filter { $0.study == .layers && $0.isFinished }
      guard layers.count > 1 else { return [] }
      let reports = try layers.map { folder in
        (
          name: folder.url.lastPathComponent,
          report: SweepReport(
            try folder.finished(), vocabulary: .of(folder.about ?? [:]))
        )
      }
      return [.init("Side by side", SweepReport.comparison(of: reports))]
    }
  }

  private func title(_ study: StudyName?) -> String {
    switch study {
    case .layers: "every layer, every amount"
    case .depth: "one matrix, from whole to removed"
    case .compose: "edits added one by one"
    case .frequency: "rare and frequent facts"
    case .tail: "what the smallest components say"
    case .rank: "the ranks of the matrices"
    case .tables: "beside the paper"
    case nil: ""
    }
  }
}
