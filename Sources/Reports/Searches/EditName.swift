internal import LaserOps

/// Edits as reports show them.
package enum EditName {
  /// The edits with sets of components told by their number: `keep:Uout:28:255 of 576`. Journals and results have them whole.
  package static func short(_ edits: String) -> String {
    guard edits.contains("keep:"), let interventions = try? Intervention.list(parsing: edits) else {
      return edits
    }
    return interventions.map { edit in
      guard case .keep(let mask) = edit.method else { return edit.description }
      let place = edit.description.split(separator: ":").dropLast().joined(separator: ":")
      return "\(place):\(mask.isKept.count - mask.removedCount) of \(mask.isKept.count)"
    }.joined(separator: ", ")
  }
}
