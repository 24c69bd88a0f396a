import Files
import Reports
import Numerics
import Foundation
import LanguageModels
import LaserOps
import DecisionTransformer

/// The HTML page of searches and studies, finished or still going, from nothing but their folders.
struct ReportWriter {
  /// The folders as the user named them.
  let paths: [String]
  /// Whether somebody else may be writing the folders; not where a run writes its own report.
  var mayBeGoingOn = false

  func write(to page: URL) throws {
    let names = paths.folderNames
    let folders = paths.map { RunFolder(URL(userPath: $0)) }
    let studies = StudySections(
      studies: try zip(names, folders).filter { try $1.header?.identity.study != nil })
    let parts = try zip(names, folders).map { name, folder in
      let part =
        try folder.header?.identity.study == nil
        ? section(of: folder, named: name, page: page)
        : studies.section(of: folder, named: name, page: page)
      guard mayBeGoingOn, let notice = try notice(above: folder) else { return part }
      return .init(part.title, [notice] + part.contents)
    }
    let document = ReportDocument(
      title: title(searches: folders.count - studies.studies.count, studies: studies.studies.count),
      summary: "What happens to a trained transformer when its weight matrices are cut.",
      sections: try studies.comparison + parts)
    try AtomicFile.write(document.html, to: page)
  }

  /// What stands above a result that is not of all that is in its folder.
  private func notice(above folder: RunFolder) throws -> Markup? {
    guard folder.isFinished else { return nil }
    if folder.isBeingWritten { return UnfinishedReport.goingOn }
    guard let identity = try folder.header?.identity, identity.grid != nil else { return nil }
    guard identity.study == nil else {
      return try folder.hasUnfinishedStudy ? UnfinishedReport.earlierStudy : nil
    }
    return try RunStatus(of: folder).hasEarlierResult ? UnfinishedReport.earlierResult : nil
  }

  private func title(searches: Int, studies: Int) -> String {
    func word(_ count: Int, _ one: String, _ many: String) -> String? {
      count == 0 ? nil : count == 1 ? one : many
    }
    return "laser: "
      + [word(searches, "search", "searches"), word(studies, "study", "studies")]
      .compactMap(\.self).joined(separator: " and ")
  }

  private func section(
    of folder: RunFolder, named name: String, page: URL
  ) throws -> ReportDocument.Section {
    let (result, header, trials) = try folder.contents()
    let vocabulary = header.vocabulary
    func heading(_ text: String) -> Markup { .element("h3", [:], .text(text)) }
    var contents: [Markup]
    if let result {
      let report = SearchReport(result: result, trials: trials, vocabulary: vocabulary)
      contents = [report.headline, heading("Unedited against edited"), report.table]
      if let answers = report.answers { contents += [heading("What was said"), answers] }
      if let effects = result.sideEffects {
        contents += [heading("Side effects")] + effects.report
      }
      if let guide = report.guide { contents += [heading("Predicted and measured")] + guide }
      contents += [heading("Every trial"), try report.everyTrial()]
      if let games = try ComparedGames(in: folder) {
        if let curves = games.curves {
          contents += [
            heading("Where games are won and lost"), curves.figure(players: games.players),
          ]
        }
        contents += [heading("Games")] + (try GameViewer(games: games).markup())
      }
    } else {
      let run = try folder.stoppedCount().map { UnfinishedReport.Run.race(stopped: $0) } ?? .search
      contents = try UnfinishedReport(trials: trials, of: run, vocabulary: vocabulary).contents()
    }
    let facts = RunFacts(
      facts: header.facts, command: folder.command ?? header.provenance.command,
      seconds: try folder.seconds(),
      files: folder.files + [ComparedGames.file(in: folder)],
      page: page)
    contents += [heading("What was run")] + facts.markup
    return ReportDocument.Section(name, contents)
  }
}

extension [String] {
  /// What folders at these paths are called: by their last parts, or, where two of these are the same, by whole paths.
  var folderNames: [String] {
    let names = map { URL(userPath: $0).lastPathComponent }
    return Set(names).count == names.count ? names : self
  }
}
