import Testing

@testable import LaserOps
@testable import Reports

@Suite struct GradientReportTests {
  @Test func `the map of a gradient says what was predicted, also of harm beyond the colour's end`()
    throws
  {
    let edits = [
      PredictedEdit("Uin:0:0.5", lossChanges: [-0.1], margins: nil),
      PredictedEdit("Uin:0:0.25", lossChanges: [3], margins: nil),
    ]
    let site = SitePrediction(
      after: Trial.baseName, site: WeightSite(.mlpInput, layer: 0), examples: 1, edits: edits)
    let source = try GradientResult(sites: [site], components: nil, measured: [])
      .report(.questions).joined.source
    let shown = source.matches(of: /: ([+−][0-9.]+) nats</).map { String($0.1) }
    let predicted = edits.map { ReportNumber.signed(-$0.cautiousLoss, digits: 4) }
    #expect(predicted == ["+0.0990", "−3.9000"])
    #expect(Set(shown) == Set(predicted))
  }
}
