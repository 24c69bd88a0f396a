import Numerics
import LaserOps
import Testing

/// Two layers with a 6 × 4 `Uin` and a 4 × 6 `Uout` each.
struct ToyModel: EditableModel, Equatable {
  var weights: [WeightSite: Weight] = [:]

  init(seed: UInt64 = 1) {
    var generator = SplitMix64(seed: seed)
    for layer in 0..<2 {
      weights[WeightSite(.mlpInput, layer: layer)] =
        .dense(Matrix.random(rows: 6, columns: 4, using: &generator))
      weights[WeightSite(.mlpOutput, layer: layer)] =
        .dense(Matrix.random(rows: 4, columns: 6, using: &generator))
    }
  }

  var weightSites: [WeightSite] {
    (0..<2).flatMap { [WeightSite(.mlpInput, layer: $0), WeightSite(.mlpOutput, layer: $0)] }
  }
  func weight(at site: WeightSite) -> Weight {
    weights[site] ?? .dense(Matrix(rows: 0, columns: 0))
  }
  func replacing(_ site: WeightSite, with weight: Weight) -> ToyModel {
    var edited = self
    edited.weights[site] = weight
    return edited
  }
}

@Suite struct InterventionTests {
  @Test(arguments: [
    ("Uin:27:0.01", "Uin:27:0.01"), ("fc_in:3:.5", "Uin:3:0.5"), ("k_proj:*:1", "Wk:*:1"),
    ("prune:Uout:0:0.9", "prune:Uout:0:0.9"), ("tail:Wq:1:0.250", "tail:Wq:1:0.25"),
    ("zero:out_proj:5", "zero:Wo:5"), ("rank:Uup:2:0", "Uup:2:0"), (" Wv:0:0.1 ", "Wv:0:0.1"),
  ])
  func `an edit reads and prints in one spelling`(text: String, spelling: String) throws {
    let edit = try Intervention(parsing: text)
    #expect(edit.description == spelling)
    #expect(try Intervention(parsing: spelling) == edit)
  }

  @Test(arguments: [
    "", "Uin", "Uin:1", "Uin:1:0.5:7", "Uin:-1:0.5", "Uin:x:0.5", "Uin:1:1.5", "Uin:1:-0.1",
    "Uin:1:nan", "Uin:1:", "mlp:1:0.5", "zero:Uin:1:0.5", "prune:Uin:1",
    "Uin:99999999999999999999:0.1",
    ":::", "Uin:1:0.5,", ",",
  ])
  func `an edit that makes no sense is refused`(text: String) {
    #expect(throws: InterventionError.self) { try Intervention.list(parsing: text) }
  }

  @Test func `the rank is what decimal arithmetic gives`() throws {
    #expect(try Fraction(0.29).count(of: 100) == 29)
    #expect(try Fraction(0.01).count(of: 1600) == 16)
    #expect(try Fraction(0.999).count(of: 10) == 9)
    #expect(try Fraction(0).count(of: 10) == 0)
    #expect(try Fraction(1).count(of: 10) == 10)
    for whole in 1...400 {
      for hundredth in 0...100 {
        let share = try Fraction(parsing: "\(Double(hundredth) / 100)")
        #expect(share.count(of: whole) == hundredth * whole / 100)
      }
    }
  }

  @Test func `an edit of one site leaves every other matrix as it was`() throws {
    let model = ToyModel()
    let edited = try model.applying(Intervention.list(parsing: "Uin:1:0.25"))
    let site = WeightSite(.mlpInput, layer: 1)
    #expect(edited.weight(at: site) != model.weight(at: site))
    for other in model.weightSites where other != site {
      #expect(edited.weight(at: other) == model.weight(at: other))
    }
  }

  @Test func `a star edits the kind in every layer`() throws {
    let edited = try ToyModel().applying(Intervention.list(parsing: "zero:Uout:*"))
    for layer in 0..<2 {
      #expect(
        edited.weight(at: WeightSite(.mlpOutput, layer: layer)).matrix
          == Matrix(rows: 4, columns: 6))
    }
  }

  @Test func `a site that the model lacks is named with those that it has`() {
    #expect(throws: InterventionError.layerNotInModel(2, kind: .mlpInput, available: [0, 1])) {
      try ToyModel().applying(Intervention.list(parsing: "Uin:2:0.5"))
    }
    #expect(
      throws: InterventionError.kindNotInModel(.query, available: [.mlpInput, .mlpOutput])
    ) {
      try ToyModel().applying(Intervention.list(parsing: "Wq:0:0.5"))
    }
  }
}
