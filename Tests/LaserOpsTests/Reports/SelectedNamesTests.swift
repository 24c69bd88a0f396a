import Foundation
import Testing

@testable import LaserOps
@testable import Reports

/// Sets of components in tables, where nobody can read which of hundreds they are.
@Suite struct SelectedNamesTests {
  private static let edit = "keep:Uin:1:4-b-0123456789abcdef"

  @Test func `what an edit does to other tasks and texts is told under its short name`() throws {
    func trial(_ edits: [Intervention]) -> Trial {
      Trial(
        edits, split: .all,
        outcomes: (0..<4).map { Outcome(isSuccess: $0 < 2, measure: 1) }, measure: .loss, seconds: 0
      )
    }
    let score = SideEffects.Score(
      task: "fever", base: trial([]), edited: trial(try Intervention.list(parsing: Self.edit)),
      facts: PartFacts(), seed: 0)
    let text = SideEffects.Text(
      text: "a.txt", edit: Self.edit, tokens: 9, context: 4, base: 2, edited: 3)
    let source = SideEffects(scores: [score], perplexities: [text]).report.joined.source
    #expect(source.components(separatedBy: "keep:Uin:1:3 of 4").count == 3)
    #expect(!source.contains(/[-][0-9a-f]{16}/))
  }

  private func source(_ search: InterventionSearch<some Objective>) throws -> String {
    try withTemporaryFolder { url in
      let folder = RunFolder(url)
      _ = try folder.run(search, of: RunIdentity(model: "toy"))
      // As a search of sets of components would have it.
      let result = try String(contentsOf: folder.result, encoding: .utf8)
      try Data(
        result.replacing(/"edit" : "[^"]*"/, with: "\"edit\" : \"\(Self.edit)\"").utf8
      ).write(to: folder.result)
      return try TablesResult(of: [folder], scoredBy: \.task).report.joined.source
    }
  }

  @Test func `the tables beside the paper have short names of policies' and of models' edits`()
    throws
  {
    let model = ToyModel()
    let split = try DataSplit(exampleCount: 20)
    let space = try SearchSpace(fractions: [0.5])
    let sources = [
      try source(
        InterventionSearch(
          model: model, objective: ToyObjective(target: model), split: split, space: space)),
      try source(
        InterventionSearch(
          model: model, objective: IndifferentObjective(), split: split, space: space)),
    ]
    for source in sources {
      #expect(source.contains("keep:Uin:1:3 of 4") && !source.contains(/[-][0-9a-f]{16}/))
    }
  }
}
