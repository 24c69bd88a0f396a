/// One edit of one kind of matrix: the paper's step (tau, l, rho) and its relatives.
public struct Intervention: Hashable, Sendable {
  /// What is done to a matrix.
  public enum Method: Hashable, Sendable {
    /// Keep the components with the largest singular values: rank ⌊rho · min(m, n)⌋ (§3).
    case rank(keeping: Fraction)
    /// Keep only the components with the smallest singular values: ⌊rho · min(m, n)⌋ of them (Fig. 5).
    case tail(keeping: Fraction)
    /// Set that fraction of the elements, those of smallest magnitude, to zero (App. D).
    case prune(removing: Fraction)
    /// Set the whole matrix to zero (App. C.2).
    case zero
    /// Keep some components, whichever they are (arXiv:2404.03147).
    case keep(ComponentMask)
  }

  /// Where it is done.
  public enum Layers: Hashable, Sendable {
    /// In one layer, counted from 0.
    case one(Int)
    /// In every layer that has the kind.
    case all
  }

  /// The kind of matrix that is edited.
  public let kind: WeightKind
  /// The layer, or all of them.
  public let layers: Layers
  /// The expert of a mixture, nil for every one that the layer has.
  public let expert: Int?
  /// What is done.
  public let method: Method

  /// An edit of `kind` in `layers`, of every expert there or of one, by `method`.
  public init(_ kind: WeightKind, layers: Layers, expert: Int? = nil, method: Method) {
    self.kind = kind
    self.layers = layers
    self.expert = expert
    self.method = method
  }

  /// An edit of one site; without an expert, of all that the layer has.
  public init(at site: WeightSite, method: Method) {
    self.init(site.kind, layers: .one(site.layer), expert: site.expert, method: method)
  }
}

/// A share in [0, 1], such as the paper's rho.
public struct Fraction: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The share itself.
  public let value: Double

  /// - Throws: `InterventionError.fractionOutOfRange` outside [0, 1] and for what is not a number.
  public init(_ value: Double) throws {
    guard value >= 0, value <= 1 else { throw InterventionError.fractionOutOfRange("\(value)") }
    // -0 is 0: equal edits have one spelling.
    self.value = value == 0 ? 0 : value
  }

  /// Reads a decimal number.
  ///
  /// - Throws: `InterventionError.fractionOutOfRange` for anything but a number in [0, 1].
  public init(parsing text: some StringProtocol) throws {
    guard let value = Double(text), value >= 0, value <= 1 else {
      throw InterventionError.fractionOutOfRange(String(text))
    }
    try self.init(value)
  }

  /// The shortest decimal share that keeps `count` of `whole`: for example 0.018 for 10 of 576.
  ///
  /// - Precondition: `0 <= count <= whole`, `whole > 0`.
  public init(keeping count: Int, of whole: Int) {
    precondition(whole > 0 && (0...whole).contains(count), "\(count) of \(whole) is no share")
    var scale = 1.0
    while true {
      let numerator = (Double(count) * scale / Double(whole)).rounded(.up)
      // Dividing by a power of ten gives the number nearest to the decimal.
      let share = Fraction(unchecked: min(1, numerator / scale))
      if share.count(of: whole) == count {
        self = share
        return
      }
      scale *= 10
    }
  }

  private init(unchecked value: Double) { self.value = value }

  /// ⌊share · whole⌋ as decimal arithmetic has it: 0.29 of 100 is 29 although 0.29 · 100 < 29 in binary.
  public func count(of whole: Int) -> Int {
    let product = value * Double(whole)
    let nearest = product.rounded()
    // A decimal share is at most half an ulp off and the product rounds once more.
    let isWhole = abs(product - nearest) <= 2 * product.ulp
    return min(whole, Int(isWhole ? nearest : product.rounded(.down)))
  }

  public static func < (left: Fraction, right: Fraction) -> Bool { left.value < right.value }

  /// The shortest decimal that reads back as the same number, without a needless `.0`.
  public var description: String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
