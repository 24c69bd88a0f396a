import Reports
import Numerics
import LaserOps
import Testing

@Suite struct RankStudyTests {
  let model = ToyModel()

  @Test func `the ranks are those of each matrix' decomposition`() throws {
    let result = try RankStudy(of: model).run(journal: Journal())
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
    let journal = Journal<RankResult.Site>()
    let first = try RankStudy(of: model, kinds: [.mlpInput]).run(journal: journal)
    #expect(journal.count == 2)
    // Another model's matrices would give other ranks: these come from the journal.
    let other = try RankStudy(of: ToyModel(seed: 9), kinds: [.mlpInput]).run(journal: journal)
    #expect(first == other)
    #expect(
      throws: InterventionError.kindNotInModel(.query, available: [.mlpInput, .mlpOutput])
    ) { try RankStudy(of: model, kinds: [.query]).run(journal: Journal()) }
  }

  @Test func `the rank that is kept is that of a site's best trial`() throws {
    func trial(_ edit: String, right: Int, loss: Double, on part: DataSplit.Part = .validation)
      throws -> Trial
    {
      Trial(
        edit.isEmpty ? [] : try Intervention.list(parsing: edit), split: part,
        outcomes: (0..<10).map { Outcome(isSuccess: $0 < right, measure: loss) }, measure: .loss,
        seconds: 0)
    }
    let kept = try model.keptRanks(
      in: [
        trial("", right: 5, loss: 1), trial("Uin:0:0.5", right: 6, loss: 1),
        trial("Uin:0:0.25", right: 6, loss: 1), trial("Uin:0:0.75", right: 6, loss: 2),
        trial("Uin:1:0.5", right: 2, loss: 1), trial("prune:Uin:1:0.5", right: 9, loss: 1),
        trial("Uin:0:1", right: 9, loss: 1, on: .test),
      ], of: "run")
    // Of equally good edits the one that removes more; nothing of pruning, nothing of the test part, and nothing of a
    // matrix that is best whole.
    #expect(kept.map(\.edit) == ["Uin:0:0.25"])
    #expect(kept.first?.rank == 1)
    #expect(abs((kept.first?.change ?? 0) - 0.1) < 1e-12)
  }

  @Test func `the ranks of two tasks are two lines, each against its own unedited model`() throws {
    func kept(_ run: String, base: Int, edited: Int) throws -> [RankResult.Kept] {
      func trial(_ edit: [Intervention], right: Int) -> Trial {
        Trial(
          edit, split: .validation,
          outcomes: (0..<10).map { Outcome(isSuccess: $0 < right, measure: 1) }, measure: .loss,
          seconds: 0)
      }
      return try model.keptRanks(
        in: [
          trial([], right: base), trial(Intervention.list(parsing: "Uin:0:0.5"), right: edited),
        ], of: run)
    }
    let ranks = try kept("easy", base: 8, edited: 9) + kept("hard", base: 1, edited: 2)
    let result = try RankStudy(of: model).run(journal: Journal(), kept: ranks)
    #expect(result.kept.map(\.run) == ["easy", "hard"])
    #expect(result.kept.allSatisfy { abs($0.change - 0.1) < 1e-12 })
    let page = result.report.map(\.source).joined()
    #expect(page.contains("kept in easy") && page.contains("kept in hard"))
  }
}
