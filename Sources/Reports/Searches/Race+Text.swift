public import LaserOps

extension Race.Summary {
  /// A sentence for reports.
  public var text: String {
    let reason = stopped > 0 ? " (\(guarantee))" : ""
    return "raced: \(finished) of \(finished + stopped) edited models were asked everything, "
      + "\(stopped) were stopped\(reason); \(ReportNumber.percent(asked)) of the answers were asked for"
  }
}
