/// An edit that cannot be read, or that a model cannot undergo.
package enum InterventionError: Error, Equatable, CustomStringConvertible {
  /// A kind of matrix that no model has.
  case unknownKind(String)
  /// Something other than a number in [0, 1].
  case fractionOutOfRange(String)
  /// A layer that is neither a number from 0 nor `*`.
  case malformedLayer(String)
  /// What stands behind `#` and is no number from 0.
  case malformedExpert(String)
  /// Text that does not have the form of an edit.
  case malformed(String)
  /// Text that is not a set of components.
  case malformedMask(String)
  /// A set of components of another matrix.
  case otherMatrix(expected: String, found: String)
  /// A set of components of a matrix that has another number of them.
  case maskLength(expected: Int, found: Int)
  /// A kind that this model's layers do not have.
  case kindNotInModel(WeightKind, available: [WeightKind])
  /// A layer beyond the model's last.
  case layerNotInModel(Int, kind: WeightKind, available: [Int])
  /// An expert that the layers named do not have; `available` is how many they have, 0 without experts.
  case expertNotInModel(Int, kind: WeightKind, available: Int)
  /// An element of the matrix is infinite or not a number.
  case notFinite(matrix: String, row: Int, column: Int)

  /// What is wrong, what was expected, and what to do.
  package var description: String {
    switch self {
    case .unknownKind(let name):
      "unknown kind of weight '\(name)'; expected one of "
        + WeightKind.allCases.map(\.rawValue).joined(separator: ", ")
        + " (or q_proj, k_proj, v_proj, o_proj, out_proj, fc_in, fc_up, fc_out, gate_proj, "
        + "up_proj, down_proj)"
        + (WeightKind.similar(to: name).map { "; did you mean \($0.rawValue)?" } ?? "")
    case .fractionOutOfRange(let text):
      "'\(text)' is not a fraction; expected a number from 0 to 1, for example 0.01"
    case .notFinite(let matrix, let row, let column):
      "\(matrix) has an element at row \(row), column \(column) that is not a finite number; "
        + "the checkpoint is damaged or its training diverged"
    case .malformedLayer(let text):
      "'\(text)' is not a layer; expected a number from 0, or * for all layers"
    case .malformedExpert(let text):
      "'\(text)' is not an expert; expected a number from 0 behind #, for example Uin:3#5:0.1"
    case .malformed(let text):
      "'\(text)' is not an edit; expected KIND:LAYER:RHO (Uin:3:0.1), prune:KIND:LAYER:FRACTION, "
        + "tail:KIND:LAYER:RHO or zero:KIND:LAYER, several separated by commas"
        + (text.allSatisfy(\.isNumber) && !text.isEmpty
          ? "; a fraction is written with a point, such as 0.\(text)" : "")
    case .malformedMask(let text):
      "'\(text.prefix(60))' is not a set of components; expected COUNT-BITS-MATRIX: a number, a hexadecimal digit for "
        + "every four components, and the sixteen of the matrix' fingerprint"
    case .otherMatrix(let expected, let found):
      "the edit keeps components of a matrix with the fingerprint \(expected), and this model's has \(found); "
        + "apply it to the model that it was chosen for, before any other edit of the same matrix"
    case .maskLength(let expected, let found):
      "the edit tells of \(found) components, and the matrix has \(expected); "
        + "apply it to the model that it was chosen for"
    case .kindNotInModel(let kind, let available):
      "this model has no \(kind.rawValue) matrices; it has "
        + available.map(\.rawValue).joined(separator: ", ")
    case .layerNotInModel(let layer, let kind, let available):
      "this model has no \(kind.rawValue) in layer \(layer); expected a layer from "
        + "\(available.min() ?? 0) to \(available.max() ?? 0)"
    case .expertNotInModel(let expert, let kind, let available):
      available == 0
        ? "this model has no experts in its \(kind.rawValue) there; leave #\(expert) out"
        : "this model has no expert \(expert) in its \(kind.rawValue); expected 0 to "
          + "\(available - 1)"
    }
  }
}
