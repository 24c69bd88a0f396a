import LaserOps
import Testing

@Suite struct RankStudyTests {
  let model = ToyModel()

  @Test func `the ranks are those of each matrix' decomposition`() throws {
    let result = try RankStudy(of: model).run(journal: Journal(identity: [:]))
    #expect(result.sites.map(\.key) == model.weightSites)
    for site in result.sites {
      let decomposition = try SingularValueDecomposition(of: model.weight(at: site.key).matrix)
      // The values without the vectors come from another path of the same algorithm.
      #expect(abs(site.effectiveRank - decomposition.effectiveRank) < 1e-10)
      #expect(site.rankAboveNoise == decomposition.rankAboveNoise)
    }
  }

  @Test(arguments: [(1, 1), (7, 3), (3, 7), (40, 40), (0, 3)])
  func `singular values alone are those of the decomposition`(rows: Int, columns: Int) throws {
    var generator = SplitMix64(seed: 4)
    let matrix = Matrix.random(rows: rows, columns: columns, using: &generator)
    let alone = try SingularValueDecomposition.singularValues(of: matrix)
    let whole = try SingularValueDecomposition(of: matrix).singularValues
    #expect(alone.count == whole.count)
    // Both are backward stable in double precision.
    let bound = 100 * Double(max(rows, columns)) * .ulpOfOne * (whole.first ?? 0)
    #expect(zip(alone, whole).allSatisfy { abs($0 - $1) <= bound })
  }

  @Test func `what is in the journal is not decomposed again, and a lacking kind is an error`()
    throws
  {
    let journal = Journal<RankResult.Site>(identity: [:])
    let first = try RankStudy(of: model, kinds: [.mlpInput]).run(journal: journal)
    #expect(journal.count == 2)
    // Another model's matrices would give other ranks: these come from the journal.
    let other = try RankStudy(of: ToyModel(seed: 9), kinds: [.mlpInput]).run(journal: journal)
    #expect(first == other)
    #expect(
      throws: InterventionError.kindNotInModel(.query, available: [.mlpInput, .mlpOutput])
    ) { try RankStudy(of: model, kinds: [.query]).run(journal: Journal(identity: [:])) }
  }

  @Test func `the rank that is kept is that of a site's best trial`() throws {
    func trial(_ edit: String, right: Int, loss: Float, on part: DataSplit.Part = .validation)
      throws -> Trial
    {
      Trial(
        edit.isEmpty ? [] : try Intervention.list(parsing: edit), split: part,
        outcomes: (0..<10).map { Outcome(isSuccess: $0 < right, measure: loss) }, measure: .loss,
        seconds: 0)
    }
    let kept = try model.keptRanks(in: [
      trial("", right: 5, loss: 1), trial("Uin:0:0.5", right: 6, loss: 1),
      trial("Uin:0:0.25", right: 6, loss: 1), trial("Uin:0:0.75", right: 6, loss: 2),
      trial("Uin:1:0.5", right: 2, loss: 1), trial("prune:Uin:1:0.5", right: 9, loss: 1),
      trial("Uin:0:1", right: 9, loss: 1, on: .test),
    ])
    // Of equally good edits the one that removes more; nothing of pruning, nothing of the test part.
    #expect(kept[WeightSite(.mlpInput, layer: 0)]?.rank == 1)
    #expect(abs((kept[WeightSite(.mlpInput, layer: 0)]?.change ?? 0) - 0.1) < 1e-12)
    #expect(kept[WeightSite(.mlpInput, layer: 1)]?.edit == "Uin:1:0.5")
    let result = try RankStudy(of: model).run(journal: Journal(identity: [:]), kept: kept)
    #expect(result.kept.count == 2)
    #expect(result.report.map(\.source).joined().contains("kept by LASER"))
  }
}
