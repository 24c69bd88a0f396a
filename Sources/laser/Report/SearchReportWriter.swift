import Foundation
import LaserOps

/// The HTML page of searches and studies, finished or still going, from nothing but their folders.
struct SearchReportWriter {
  let folders: [SearchFolder]

  func write(to page: URL) throws {
    let studies = StudyReportWriter(
      folders: folders.map { StudyFolder($0.url) }.filter { $0.study != nil })
    let parts = try folders.map { folder in
      let study = StudyFolder(folder.url)
      return try study.study == nil
        ? section(of: folder, page: page) : studies.section(of: study, page: page)
    }
    let document = ReportDocument(
      title: "laser: rank reduction search",
      summary: "What happened when the rank of one weight matrix was cut, matrix by matrix.",
      sections: try studies.comparison + parts)
    try AtomicFile.write(document.html, to: page)
  }

  private func section(of folder: SearchFolder, page: URL) throws -> ReportDocument.Section {
    let (result, about, trials) = try folder.contents()
    let vocabulary = SearchReport.Vocabulary.of(about)
    func heading(_ text: String) -> Markup { .element("h3", [:], .text(text)) }
    var contents: [Markup]
    if let result {
      let report = SearchReport(result: result, trials: trials, vocabulary: vocabulary)
      contents = [report.headline, heading("Unedited against edited"), report.table]
      if let answers = report.answers { contents += [heading("What was said"), answers] }
      if let effects = result.sideEffects {
        contents += [heading("Side effects")] + effects.report
      }
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
      about: about, seconds: try folder.seconds(),
      files: folder.files + [ComparedGames.file(in: folder)],
      page: page)
    contents += [heading("What was run")] + facts.markup
    return ReportDocument.Section(folder.url.lastPathComponent, contents)
  }
}

extension SearchReport.Vocabulary {
  /// The words of what a journal's header describes: those of a policy for Sokoban, those of questions for the rest.
  static func of(_ about: [String: String]) -> Self {
    if about["task"] == "sokoban" { return .policy }
    guard let limit = about["options"].flatMap(QuestionTaskOptions.rankLimit) else {
      return .questions
    }
    return SearchReport.Vocabulary(
      score: "top-\(limit) accuracy", example: "questions with one-token answers")
  }
}
