public import Numerics

/// Which components of one matrix' singular value decomposition an edit keeps.
///
/// It means something for this one matrix alone, whose fingerprint it carries: components are numbered by their singular
/// values. As text it is `COUNT-BITS-MATRIX`: the number of components, four of them a hexadecimal digit with the first one
/// as its highest bit, and the fingerprint.
public struct ComponentMask: Hashable, Sendable, CustomStringConvertible {
  /// Whether each component is kept, that of the largest singular value first.
  public let isKept: [Bool]
  /// The fingerprint of the matrix.
  public let matrix: String

  /// No matrix has more components: a text or a file that says so is damaged.
  static let largestCount = 1 << 20

  /// Keeps these components of the matrix with this fingerprint.
  public init(_ isKept: [Bool], of matrix: String) {
    self.isKept = isKept
    self.matrix = matrix
  }

  /// Reads `COUNT-BITS-MATRIX`.
  ///
  /// - Throws: `InterventionError.malformedMask`.
  public init(parsing text: String) throws {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let count = Int(parts[0]), (1...Self.largestCount).contains(count),
      parts[1].utf8.count == (count + 3) / 4, parts[2].utf8.count == 16,
      parts[2].allSatisfy(\.isHexDigit)
    else { throw InterventionError.malformedMask(text) }
    var isKept: [Bool] = []
    for digit in parts[1] {
      guard let value = digit.hexDigitValue else { throw InterventionError.malformedMask(text) }
      isKept += [8, 4, 2, 1].map { value & $0 != 0 }
    }
    guard !isKept[count...].contains(true) else { throw InterventionError.malformedMask(text) }
    self.init(Array(isKept.prefix(count)), of: parts[2].lowercased())
  }

  /// The numbers of the components that are kept, ascending.
  public var kept: [Int] { isKept.indices.filter { isKept[$0] } }

  /// How many components are removed.
  public var removedCount: Int { isKept.count { !$0 } }

  public var description: String {
    let digits = stride(from: 0, to: isKept.count, by: 4).map { start in
      let value = (0..<4).reduce(0) { value, place in
        2 * value + (start + place < isKept.count && isKept[start + place] ? 1 : 0)
      }
      return String(value, radix: 16)
    }
    return "\(isKept.count)-\(digits.joined())-\(matrix)"
  }

  /// The fingerprint of a matrix, by the bits of its elements.
  public static func fingerprint(of matrix: Matrix) -> String {
    var fingerprint = Fingerprint()
    fingerprint.combine("\(matrix.rows) × \(matrix.columns)")
    fingerprint.combine(matrix)
    return "\(fingerprint)"
  }
}
