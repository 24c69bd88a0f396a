import Reports
import Foundation
import LaserOps

/// What the page of a report says of studies, finished or still going, from nothing but their folders.
struct StudySections {
  /// The studies, each with its name on the page.
  let studies: [(name: String, folder: RunFolder)]

  /// One study.
  func section(
    of folder: RunFolder, named name: String, page: URL
  ) throws -> ReportDocument.Section {
    guard let header = try folder.header else { throw RunError.noRun(folder: folder.url.path) }
    let vocabulary = header.vocabulary
    let study = header.identity.study
    var contents =
      switch study {
      case _ where !folder.isFinished: try unfinished(folder, study, vocabulary)
      case .layers, .depth, .tail:
        SweepReport(try folder.finished(), vocabulary: vocabulary).contents
      case .compose: try folder.finished(as: CompositionResult.self).report(vocabulary)
      case .frequency: try folder.finished(as: FrequencyResult.self).report(vocabulary)
      case .rank: try folder.finished(as: RankResult.self).report
      case .gradient: try folder.finished(as: GradientResult.self).report(vocabulary)
      case .tables: try folder.finished(as: TablesResult.self).report
      case nil: throw RunError.noRun(folder: folder.url.path)
      }
    let facts = RunFacts(
      facts: header.facts, command: folder.command ?? header.provenance.command,
      seconds: try? folder.seconds(),
      files: [folder.result, folder.journal], page: page)
    contents += [.element("h3", [:], .text("What was run"))] + facts.markup
    return ReportDocument.Section("\(name): \(title(study))", contents)
  }

  /// A study that is still going, or that was stopped: the trials or the matrices that are there.
  private func unfinished(
    _ folder: RunFolder, _ study: StudyName?, _ vocabulary: SearchReport.Vocabulary
  ) throws -> [Markup] {
    switch study {
    case .layers, .depth, .compose, .frequency, .tail:
      return try UnfinishedReport(
        trials: folder.contents().trials,
        of: study == .compose ? .search : .study, vocabulary: vocabulary
      ).contents()
    case .rank:
      let sites = try folder.read(as: RankResult.Site.self).lines
      return [
        UnfinishedReport.notice, .paragraph("\(sites.count) matrices have been decomposed so far."),
      ] + (sites.isEmpty ? [] : RankResult(sites: sites).report)
    case .gradient:
      let sites = try folder.read(as: SitePrediction.self).lines
      return [
        UnfinishedReport.notice,
        .paragraph("The gradient is known at \(sites.count) matrices so far."),
      ]
    case .tables, nil: return [UnfinishedReport.notice]
    }
  }

  /// What studies of layers of several tasks say together.
  var comparison: [ReportDocument.Section] {
    get throws {
      let layers = try studies.filter {
        try $0.folder.header?.identity.study == .layers && $0.folder.isFinished
      }
      guard layers.count > 1 else { return [] }
      let reports = try layers.map { name, folder in
        (
          name: name,
          report: SweepReport(
            try folder.finished(), vocabulary: try folder.header?.vocabulary ?? .questions)
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
    case .gradient: "what a gradient predicts"
    case .tables: "beside the paper"
    case nil: ""
    }
  }
}
