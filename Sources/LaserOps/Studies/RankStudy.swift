internal import Numerics

/// Effective rank by layer and kind, beside the rank above the noise and the rank that LASER keeps (Fig. 7).
package struct RankStudy<Model: EditableModel>: Sendable {
  /// The model.
  package let model: Model
  /// The kinds to look at; nil for all that the model has.
  package let kinds: [WeightKind]?

  /// A study of the matrices of `model`.
  package init(of model: Model, kinds: [WeightKind]? = nil) {
    self.model = model
    self.kinds = kinds
  }

  /// Decomposes what `journal` does not have yet.
  ///
  /// - Parameters:
  ///   - journal: Where finished matrices are, and go.
  ///   - kept: The ranks that LASER keeps, of every search or study that says so.
  ///   - progress: Called with the number of matrices so far and of all.
  /// - Returns: The ranks.
  /// - Throws: ``InterventionError`` for a kind that the model lacks, `LinearAlgebraError`, ``RunError``.
  package func run(
    journal: Journal<RankResult.Site>, kept: [RankResult.Kept] = [],
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> RankResult {
    for kind in kinds ?? [] {
      _ = try model.sites(of: Intervention(kind, layers: .all, method: .zero))
    }
    let sites = model.weightSites.filter { kinds?.contains($0.kind) ?? true }
    var found: [RankResult.Site] = []
    for site in sites {
      if let known = journal[site] {
        found.append(known)
      } else {
        let ranks = RankResult.Site(site, try Spectrum(of: model.weight(at: site).matrix))
        try journal.record(ranks)
        found.append(ranks)
      }
      progress(found.count, sites.count)
    }
    return RankResult(
      sites: found, kept: kept.filter { sites.contains($0.site) })
  }
}

/// The ranks of a model's matrices.
package struct RankResult: Codable, Equatable, Sendable {
  /// One matrix.
  package struct Site: JournalLine, Equatable {
    /// The kind.
    package let kind: WeightKind
    /// The layer, counted from 0.
    package let layer: Int
    /// The expert of a mixture, counted from 0; nil for the only matrix of its kind in the layer.
    package let expert: Int?
    /// The number of output features.
    package let rows: Int
    /// The number of input features.
    package let columns: Int
    /// The exponential of the entropy of the normalised singular values.
    package let effectiveRank: Double
    /// The number of components that stick out of the matrix' own noise.
    package let rankAboveNoise: Int

    enum CodingKeys: String, CodingKey {
      case kind, layer, expert, rows, columns
      case effectiveRank = "effective_rank"
      case rankAboveNoise = "rank_above_noise"
    }

    init(_ site: WeightSite, _ spectrum: Spectrum) {
      kind = site.kind
      layer = site.layer
      expert = site.expert
      rows = spectrum.rows
      columns = spectrum.columns
      effectiveRank = spectrum.effectiveRank
      rankAboveNoise = spectrum.rankAboveNoise
    }

    /// The site.
    package var key: WeightSite { WeightSite(kind, layer: layer, expert: expert) }

    /// What journals call it.
    package static let noun = "spectrum"
  }

  /// The rank at which a matrix did best in a search or a study, better than whole.
  package struct Kept: Codable, Equatable, Sendable {
    /// The search or the study, by its folder.
    package let run: String
    /// The edit as written on the command line.
    package let edit: String
    /// The kind.
    package let kind: WeightKind
    /// The layer, counted from 0.
    package let layer: Int
    /// The expert of a mixture, counted from 0; nil for the only matrix of its kind in the layer.
    package let expert: Int?
    /// The components that the edit keeps.
    package let rank: Int
    /// Its score minus the unedited model's, on the examples that picked it.
    package let change: Double

    /// The matrix.
    package var site: WeightSite { WeightSite(kind, layer: layer, expert: expert) }
  }

  /// Which study it is.
  package let study: StudyName
  /// The matrices, layer by layer.
  package let sites: [Site]
  /// The ranks that LASER keeps, run by run, where searches or studies of the model were given; nothing of a matrix that
  /// no reduction made better.
  package let kept: [Kept]
  /// The file that has every matrix.
  package let trials: String

  /// The ranks of these matrices, which may be some of the model's only.
  package init(sites: [Site], kept: [Kept] = []) {
    study = .rank
    self.sites = sites
    self.kept = kept
    trials = RunFolder.journalFile
  }
}

extension EditableModel {
  /// The best single rank reduction of every site that beats the unedited model, on the examples that pick or on all
  /// of them.
  ///
  /// - Parameters:
  ///   - trials: The trials of one search or study, whose scores can be compared.
  ///   - run: What it is called.
  /// - Returns: The reductions in the order of ``weightSites``.
  /// - Throws: ``InterventionError`` if a trial's edit was changed by hand.
  package func keptRanks(in trials: [Trial], of run: String) throws -> [RankResult.Kept] {
    var bases: [DataSplit.Part: Trial] = [:]
    for trial in trials where trial.edit == Trial.baseName { bases[trial.split] = trial }
    var best: [WeightSite: (standing: Standing, kept: RankResult.Kept)] = [:]
    for trial in trials where trial.split != .test {
      let edits = try trial.interventions()
      guard edits.count == 1, let edit = edits.first, case .rank = edit.method,
        case .one = edit.layers, let base = bases[trial.split], trial.score > base.score
      else { continue }
      for site in try sites(of: edit) {
        let weight = weight(at: site)
        let fullRank = min(weight.rows, weight.columns)
        guard let rank = edit.method.rank(of: fullRank) else { continue }
        let standing = Standing(trial: trial, removed: fullRank - rank)
        if let known = best[site], !(known.standing < standing) { continue }
        best[site] = (
          standing,
          RankResult.Kept(
            run: run, edit: edit.description, kind: site.kind, layer: site.layer,
            expert: site.expert, rank: rank,
            change: trial.score - base.score)
        )
      }
    }
    return weightSites.compactMap { best[$0]?.kept }
  }
}
