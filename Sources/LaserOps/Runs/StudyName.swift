/// The studies, as they are called on the command line, in journals and in results.
package enum StudyName: String, CaseIterable, Codable, Sendable {
  /// Score against layer for every kind and every amount removed (Figs. 2, 9 and 10).
  case layers
  /// Score against the amount removed at one site (Fig. 8).
  case depth
  /// Validation and test as edits are added (Fig. 4).
  case compose
  /// Score against how often a fact occurs in a text (Fig. 3).
  case frequency
  /// What the smallest components alone say (Fig. 5).
  case tail
  /// Effective rank by layer and kind (Fig. 7).
  case rank
  /// What one gradient predicts of every edit (arXiv:2510.20800).
  case gradient
  /// Results beside those of the paper (Tables 1 to 3).
  case tables
}
