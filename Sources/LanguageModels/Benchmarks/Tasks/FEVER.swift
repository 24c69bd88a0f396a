extension BenchmarkTask {
  /// FEVER (Thorne et al. 2018): claims that are true or false.
  ///
  /// The first file's claims come first: paper_dev before paper_test. A claim counts once over all files, at its first
  /// place, and not at all if it occurs with both labels.
  static let fever = BenchmarkTask(
    .fever, version: 1,
    layouts: [RowLayout(fields: ["claim", "label"])],
    scoring: { _, _ in .classification },
    collect: { files, _, collector in
      var claims: [(record: DatasetRecord, claim: String, isTrue: Bool)] = []
      // By bytes: claims that are only canonically equivalent are two.
      var labels: [[UInt8]: Set<Bool>] = [:]
      try collector.forEach(files.flatMap(\.records)) { record, _ in
        let claim = try record.text("claim")
        let isTrue = try truth(of: record)
        claims.append((record, claim, isTrue))
        labels[Array(claim.utf8), default: []].insert(isTrue)
      }
      var used = Set<[UInt8]>()
      for (record, claim, isTrue) in claims {
        let key = Array(claim.utf8)
        if labels[key]?.count != 1 {
          collector.leaveOut(record, because: .conflictingLabels)
        } else if !used.insert(key).inserted {
          collector.leaveOut(record, because: .repeatedClaim)
        } else {
          collector.append([question(claim, isTrue: isTrue)])
        }
      }
    })

  private static func truth(of record: DatasetRecord) throws -> Bool {
    switch try record.text("label") {
    case "SUPPORTS": true
    case "REFUTES": false
    case "NOT ENOUGH INFO": throw RowFault.notEnoughInformation
    default:
      throw RowFault.unknownLabel(field: "label", expected: "SUPPORTS, REFUTES, NOT ENOUGH INFO")
    }
  }

  private static func question(_ claim: String, isTrue: Bool) -> BenchmarkExample {
    BenchmarkExample(
      prompt: "Consider the following claim: \(claim.closedAsSentence)"
        + " Is this claim true or false. The claim is",
      answer: isTrue ? " true" : " false", candidates: [" true", " false"])
  }
}
