/// A set of characters, as the brackets and properties of a pattern write it.
indirect enum ScalarSet: Equatable, Sendable {
  /// All with one of these `ScalarTraits`.
  case traits(UInt32)
  /// Code points, both ends included.
  case range(ClosedRange<UInt32>)
  case union([ScalarSet])
  case intersection([ScalarSet])
  case complement(ScalarSet)
  /// What any form of which, by case, is in the set.
  case foldingCase(ScalarSet)

  static func scalar(_ scalar: UInt32) -> ScalarSet { .range(scalar...scalar) }
  static let none = ScalarSet.union([])
  static let newline = ScalarSet.scalar(0x0A)
  static let all = ScalarSet.complement(.none)
  static let alphabetic = ScalarSet.traits(ScalarTraits.alphabetic)
  /// `\w` inside brackets.
  static let word = ScalarSet.traits(ScalarTraits.word)
  /// `\w` outside of brackets, where Oniguruma has ² ³ ¹ ¼ ½ ¾ too.
  static let bareWord = ScalarSet.union([
    .word, .range(0xB2...0xB3), .scalar(0xB9), .range(0xBC...0xBE),
  ])
  /// `\w` of Rust's regular expressions, which count joiners.
  static let joinedWord = ScalarSet.union([.word, .range(0x200C...0x200D)])
  static let space = ScalarSet.traits(ScalarTraits.whitespace)
  /// What the references call punctuation: all that ASCII has, and Unicode's.
  static let punctuation = ScalarSet.union([
    .traits(ScalarTraits.punctuation), .range(0x21...0x2F), .range(0x3A...0x40),
    .range(0x5B...0x60), .range(0x7B...0x7E),
  ])

  func contains(_ scalar: UInt32, traits: UInt32) -> Bool {
    switch self {
    case .traits(let mask): traits & mask != 0
    case .range(let range): range.contains(scalar)
    case .union(let sets): sets.contains { $0.contains(scalar, traits: traits) }
    case .intersection(let sets): sets.allSatisfy { $0.contains(scalar, traits: traits) }
    case .complement(let set): !set.contains(scalar, traits: traits)
    case .foldingCase(let set):
      CaseFolding.forms(of: scalar).contains { form in
        guard let form = Unicode.Scalar(form) else { return false }
        return set.contains(form.value, traits: ScalarTraits.of(form))
      }
    }
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    contains(scalar.value, traits: ScalarTraits.of(scalar))
  }
}

/// Which characters are the same but for their case, one to one.
enum CaseFolding {
  /// `scalar` and all that fold to what it folds to.
  static func forms(of scalar: UInt32) -> [UInt32] {
    forms[folded(scalar)] ?? [scalar]
  }

  private static func folded(_ value: UInt32) -> UInt32 {
    guard let scalar = Unicode.Scalar(value) else { return value }
    // Through the capital, so that the long s meets s and final sigma meets sigma.
    return single(single(scalar, \.uppercaseMapping), \.lowercaseMapping).value
  }

  private static func single(
    _ scalar: Unicode.Scalar, _ mapping: KeyPath<Unicode.Scalar.Properties, String>
  ) -> Unicode.Scalar {
    let mapped = scalar.properties[keyPath: mapping].unicodeScalars
    return mapped.count == 1 ? mapped.first ?? scalar : scalar
  }

  /// Of each folded character that has several forms, all of them.
  private static let forms: [UInt32: [UInt32]] = {
    var forms: [UInt32: [UInt32]] = [:]
    // No character beyond the supplementary multilingual plane has cases.
    for value in UInt32(0)..<0x20000 {
      guard let scalar = Unicode.Scalar(value), scalar.properties.isCased else { continue }
      forms[folded(value), default: []].append(value)
    }
    return forms.filter { $0.value.count > 1 }
  }()
}

/// A ``ScalarSet`` made ready to be asked often.
struct CompiledScalarSet: Sendable {
  private let low: UInt64
  private let high: UInt64
  private let set: ScalarSet
  private let mask: UInt32
  /// Ascending, without overlaps, beyond ASCII.
  private let ranges: [ClosedRange<UInt32>]
  private let isInverted: Bool
  /// Whether beyond ASCII `mask` and `ranges`, inverted or not, say it all.
  private let isFlat: Bool

  init(_ set: ScalarSet) {
    self.set = set
    var bits: (low: UInt64, high: UInt64) = (0, 0)
    for value in UInt32(0)..<0x80
    where set.contains(value, traits: ScalarTraits.ascii[Int(value)]) {
      if value < 64 { bits.low |= 1 << UInt64(value) } else { bits.high |= 1 << UInt64(value - 64) }
    }
    (low, high) = bits
    var inner = set
    if case .complement(let set) = set { inner = set }
    var mask: UInt32 = 0
    var ranges: [ClosedRange<UInt32>] = []
    isFlat = Self.flatten(inner, &mask, &ranges)
    isInverted = inner != set
    self.mask = mask
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, last.upperBound >= range.lowerBound {
        merged[merged.count - 1] =
          last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.ranges = merged
  }

  /// Adds what makes up `set` beyond ASCII; false when it is more than traits and ranges.
  private static func flatten(
    _ set: ScalarSet, _ mask: inout UInt32, _ ranges: inout [ClosedRange<UInt32>]
  ) -> Bool {
    switch set {
    case .traits(let traits): mask |= traits
    case .range(let range): if range.upperBound >= 0x80 { ranges.append(range) }
    case .union(let sets):
      for set in sets where !flatten(set, &mask, &ranges) { return false }
    default: return false
    }
    return true
  }

  @inline(__always)
  func contains(_ scalar: UInt32, traits: UInt32) -> Bool {
    if scalar < 64 { return low >> UInt64(scalar) & 1 != 0 }
    if scalar < 128 { return high >> UInt64(scalar - 64) & 1 != 0 }
    guard isFlat else { return set.contains(scalar, traits: traits) }
    return (traits & mask != 0 || !ranges.isEmpty && isInRanges(scalar)) != isInverted
  }

  private func isInRanges(_ scalar: UInt32) -> Bool {
    var (start, end) = (0, ranges.count)
    while start < end {
      let middle = (start + end) / 2
      if ranges[middle].upperBound < scalar { start = middle + 1 } else { end = middle }
    }
    return start < ranges.count && ranges[start].contains(scalar)
  }
}
