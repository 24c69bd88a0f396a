public import LaserOps

extension AnswerCounts {
  /// The commonest answers with their shares of `total`, for a person: `true 73.0 %, false 27.0 %`.
  public func text(of total: Int, limit: Int = 4) -> String {
    let shown = sorted.prefix(limit)
    let rest = Double(total) - shown.reduce(0) { $0 + Double($1.count) }
    let share = { (count: Double) in ReportNumber.percent(count / Double(max(1, total))) }
    return
      (shown.map { "\($0.answer) \(share(Double($0.count)))" }
      + (rest > 0 ? ["others \(share(rest))"] : [])).joined(separator: ", ")
  }
}
