import Foundation
import LaserOps

/// The HTML page of finished searches, from nothing but their folders.
struct SearchReportWriter {
  let folders: [SearchFolder]

  func write(to page: URL) throws {
    let sections = try folders.map { folder in
      let (result, about, trials) = try folder.finished()
      let report = SearchReport(
        result: result, trials: trials, vocabulary: .of(task: about["task"]))
      func heading(_ text: String) -> Markup { .element("h3", [:], .text(text)) }
      var contents = [report.headline, heading("Unedited against edited"), report.table]
      if let answers = report.answers { contents += [heading("What was said"), answers] }
      contents += [
        heading("Every trial"), try report.heatMaps(), heading("What was run"),
        ReportTable(
          headings: ["", ""],
          rows: about.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
        ).markup,
        .paragraph("Every trial, example by example: \(result.trials) beside this page."),
      ]
      return ReportDocument.Section(folder.url.lastPathComponent, contents)
    }
    let document = ReportDocument(
      title: "laser: rank reduction search",
      summary: "What happened when the rank of one weight matrix was cut, matrix by matrix.",
      sections: sections)
    try AtomicFile.write(document.html, to: page)
  }
}

extension SearchReport.Vocabulary {
  /// The words of a task: those of a policy for Sokoban, those of questions for the rest.
  static func of(task: String?) -> Self { task == "sokoban" ? .policy : .questions }
}
