import Numerics
import Reports
import ArgumentParser
import DecisionTransformer
import Foundation
import LanguageModels
import LaserOps

/// `laser spectrum` — singular values and effective rank of every matrix.
struct SpectrumCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spectrum", abstract: "Prints the singular values and the effective rank.")

  @OptionGroup var source: ModelSource
  @Option(parsing: .upToNextOption, help: "Only these kinds: Wq, Wk, Wv, Wo, Uin, Uup, Uout.")
  var kinds: [CommaList<WeightKind>] = []
  @OptionGroup var edit: EditOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    switch try source.load() {
    case .policy(let policy): try printSpectra(of: policy.applying(edit.interventions))
    case .language(let model): try printSpectra(of: model.applying(edit.interventions))
    }
  }

  private func printSpectra(of model: some EditableModel) throws {
    for kind in kinds.kinds {
      _ = try model.sites(of: Intervention(kind, layers: .all, method: .zero))
    }
    for site in model.weightSites where kinds.isEmpty || kinds.kinds.contains(site.kind) {
      let line = SpectrumLine(site, try model.reading(site, Spectrum.init(of:)))
      if output.isJSON { try Output.json(line) } else { print(line.text) }
    }
  }
}

/// A line of `laser spectrum --json`.
private struct SpectrumLine: Encodable {
  let kind: String
  let layer: Int
  /// Absent where the layer has no experts.
  let expert: Int?
  let rows: Int
  let columns: Int
  let effectiveRank: Double
  let rankAboveNoise: Int
  let singularValues: [Double]

  enum CodingKeys: String, CodingKey {
    case kind, layer, expert, rows, columns
    case effectiveRank = "effective_rank"
    case rankAboveNoise = "rank_above_noise"
    case singularValues = "singular_values"
  }

  init(_ site: WeightSite, _ spectrum: Spectrum) {
    kind = site.kind.rawValue
    layer = site.layer
    expert = site.expert
    rows = spectrum.rows
    columns = spectrum.columns
    effectiveRank = spectrum.effectiveRank
    rankAboveNoise = spectrum.rankAboveNoise
    singularValues = spectrum.singularValues
  }

  var text: String {
    let largest = singularValues.first ?? 0
    let smallest = singularValues.last ?? 0
    let place = expert.map { "\(layer)#\($0)" } ?? "\(layer)"
    return "\(kind):\(place)  \(rows) × \(columns)  effective rank "
      + "\(ReportNumber.fixed(effectiveRank, digits: 1)) of \(singularValues.count), "
      + "\(rankAboveNoise) above the noise, "
      + "singular values \(significant(largest)) to \(significant(smallest))"
  }

  private func significant(_ value: Double) -> String { String(format: "%.4g", value) }
}
