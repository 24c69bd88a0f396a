package import LaserOps

extension FrequencyResult.Corpus {
  /// The files, all or the first of them.
  fileprivate var name: String {
    files.prefix(3).joined(separator: ", ")
      + (files.count > 3 ? " and \(files.count - 3) more files" : "")
  }
}

extension FrequencyResult {
  /// The figures and the table of the frequencies.
  ///
  /// - Parameter vocabulary: How score and examples are called.
  /// - Returns: The pieces, in reading order.
  package func report(_ vocabulary: SearchReport.Vocabulary) -> [Markup] {
    let figures = StudyFigures(vocabulary: vocabulary)
    let names = ChartAxis(
      "documents with subject and answer", scale: .names(buckets.map(\.name)))
    func bars(_ value: (Bucket) -> (Double?, [Double]?)) -> [BarChart.Bar?] {
      buckets.map { bucket in
        let (share, interval) = value(bucket)
        return share.map {
          .init(
            100 * $0, interval: ClosedRange(ends: (interval ?? []).map { 100 * $0 }),
            note: "\(bucket.examples) examples")
        }
      }
    }
    var shares: [BarChart.Series] = [
      .init("unedited", bars: bars { ($0.base, $0.baseInterval) })
    ]
    var lines: [LineChart.Series] = [cumulativeLine("unedited") { $0.base }]
    let edit = edit.map(EditName.short)
    if let edit {
      shares.append(.init(edit, bars: bars { ($0.edited, $0.editedInterval) }))
      lines.append(cumulativeLine(edit) { $0.edited })
    }
    var charts: [any Chart] = [BarChart(x: names, y: figures.score, series: shares)]
    if edit != nil {
      charts.append(
        BarChart(
          x: names, y: figures.change,
          series: [.init("boost", bars: bars { ($0.boost, $0.boostInterval) })],
          palette: .distinctAfter(shares.count)))
    }
    return [
      ChartFigure(
        "Facts by how often they occur in \(corpus.name) "
          + "(\(corpus.words) words, \(corpus.documents) documents; Figure 3c of the paper). "
          + "Intervals are 95 % bootstrap, those of the boost paired by example.", charts
      ).markup,
      ChartFigure(
        StudyFigures.sentence(
          "\(vocabulary.score) as ever more frequent facts are taken in (Figure 3b of the paper)."),
        [
          LineChart(
            x: ChartAxis("at most so many documents, plus one", scale: .logarithmic),
            y: figures.score, series: lines)
        ]
      ).markup,
      StudyFigures.note(
        "The subject of \(absentSubjects) of \(base.counted(vocabulary.example)) never occurs."),
      ReportTable(
        headings: ["documents", "examples", "unedited", edit ?? "edited", "boost [95 %]"],
        rows: buckets.map { bucket in
          [
            bucket.name, "\(bucket.examples)",
            bucket.base.map { ReportNumber.percent($0) } ?? "",
            bucket.edited.map { ReportNumber.percent($0) } ?? "",
            bucket.boost.map { boost in
              ReportNumber.signedInterval(
                boost, bucket.boostInterval ?? [], times: 100, digits: 1)
            } ?? "",
          ]
        }
      ).markup,
    ]
  }

  private func cumulativeLine(
    _ name: String, value: (Cumulative) -> Double?
  ) -> LineChart.Series {
    .init(
      name,
      points: cumulative.compactMap { point in
        value(point).map {
          .init(
            x: Double(point.occurrences) + 1, y: 100 * $0,
            place: "at most \(point.occurrences) documents",
            note: "\(point.examples) examples")
        }
      })
  }
}
