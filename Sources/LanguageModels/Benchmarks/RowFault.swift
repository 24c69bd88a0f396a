/// Why a row of a data set gives no example.
package enum RowFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The row lacks a field, or it is null.
  case missingField(String)
  /// A field is empty or white space.
  case emptyField(String)
  /// A field is of another kind.
  case wrongKind(field: String, expected: String)
  /// A field has a value that means nothing to the task.
  case unknownLabel(field: String, expected: String)
  /// A row of a CSV file has more or fewer fields than its header.
  case wrongFieldCount
  /// A CounterFact prompt has no `{}` for the subject.
  case noPlaceForSubject
  /// A user's answer is none of the row's candidates.
  case answerNotACandidate
  /// A user's row has less than two candidates, or one of them twice.
  case unusableCandidates
  /// FEVER: neither true nor false (paper's filter).
  case notEnoughInformation
  /// FEVER: the claim also occurs with the other label (paper's filter).
  case conflictingLabels
  /// FEVER: an earlier row has the same claim and label.
  case repeatedClaim
  /// HotpotQA: the answer has more Llama 2 tokens than `limit` (paper's filter).
  case answerTooLong(limit: Int)
  /// HotpotQA: a training row after as many as there are validation rows (the authors' choice).
  case beyondValidationRows
  /// Bias in Bios: a profession that is not one of the eight (paper's filter).
  case otherProfession
  /// WikidataQA: more or fewer than one target (paper's filter).
  case severalTargets

  /// Whether the row is in order and the benchmark's rules leave it out.
  package var isRule: Bool {
    switch self {
    case .notEnoughInformation, .conflictingLabels, .repeatedClaim, .answerTooLong,
      .beyondValidationRows, .otherProfession, .severalTargets:
      true
    case .missingField, .emptyField, .wrongKind, .unknownLabel, .wrongFieldCount,
      .noPlaceForSubject, .answerNotACandidate, .unusableCandidates:
      false
    }
  }

  /// The reason.
  package var description: String {
    switch self {
    case .missingField(let field): "'\(field)' is missing"
    case .emptyField(let field): "'\(field)' is empty"
    case .wrongKind(let field, let expected): "'\(field)' is not \(expected)"
    case .unknownLabel(let field, let expected): "'\(field)' is none of \(expected)"
    case .wrongFieldCount: "the row has more or fewer fields than the header"
    case .noPlaceForSubject: "the prompt has no {} for the subject"
    case .answerNotACandidate: "the answer is not one of the candidates"
    case .unusableCandidates: "expected at least two candidates, all different"
    case .notEnoughInformation: "labelled NOT ENOUGH INFO"
    case .conflictingLabels: "the claim also has the other label"
    case .repeatedClaim: "the same claim and label as an earlier row"
    case .answerTooLong(let limit): "the answer has more than \(limit) Llama 2 tokens"
    case .beyondValidationRows: "a training row beyond the number of validation rows"
    case .otherProfession: "not one of the eight professions"
    case .severalTargets: "not exactly one target"
    }
  }
}
