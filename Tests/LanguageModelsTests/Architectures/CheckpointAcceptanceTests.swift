import Files
import Foundation
import LanguageModels
import LaserOps
import Numerics
import Testing

/// A small checkpoint of every family and of its odd features, with logits of transformers in 32 bits.
@Suite(
  .serialized,
  .enabled(if: TestResources.data != nil, "LASER_DATA does not name the folder of real data"))
struct CheckpointAcceptanceTests {
  private struct Expected: Decodable {
    let ids: [Int]
    /// Of the last positions.
    let logits: [[Float]]
  }

  private static func folder(_ name: String) throws -> URL {
    try #require(TestResources.data).appending(path: "models/checkpoints/\(name)")
  }

  private static func goldens() throws -> [String: [Expected]] {
    try JSONDecoder().decode(
      [String: [Expected]].self, from: Data(contentsOf: folder("gold.json")))
  }

  @Test func `logits of every checkpoint are those of transformers`() throws {
    let goldens = try Self.goldens()
    #expect(goldens.count >= 34)
    for (name, cases) in goldens {
      let model = try LanguageModelLoader.load(Self.folder(name))
      for expected in cases { try check(model, expected, name) }
    }
  }

  private func check(_ model: some LanguageModel, _ expected: Expected, _ name: String) throws {
    let logits = try Inference(model).logits(of: expected.ids)
    let largest = expected.logits.joined().map(abs).max() ?? 0
    for (row, golden) in expected.logits.enumerated() {
      let index = logits.rows - expected.logits.count + row
      let worst = golden.indices.map { abs(logits[index, $0] - golden[$0]) }.max() ?? .infinity
      #expect(worst <= 1e-4 * largest, "\(name)")
    }
  }

  @Test func `an edit of any site of any checkpoint is written and read again`() throws {
    for (name, cases) in try Self.goldens() {
      try checkEdits(of: LanguageModelLoader.load(Self.folder(name)), cases[0].ids, name)
    }
  }

  /// One edit of every kind, in different layers: whole matrices, parts of fused ones, experts.
  private func checkEdits(of model: some LanguageModel, _ ids: [Int], _ name: String) throws {
    let folder = try TemporaryFolder()
    let kinds = WeightKind.allCases.filter { kind in model.weightSites.contains { $0.kind == kind }
    }
    let edits = try kinds.enumerated().flatMap { index, kind in
      try Intervention.list(parsing: "\(kind.rawValue):\(index % model.shape.layerCount):0.3")
    }
    let edited = try model.applying(edits)
    _ = try ModelExport(edited, to: folder["out"])
    let expected = try Inference(edited).logits(of: ids)
    let found = try logits(LanguageModelLoader.load(folder["out"]), ids)
    let unedited = try Inference(model).logits(of: ids)
    #expect(found.relativeDifference(from: expected) <= 1e-5, "\(name)")
    #expect(unedited.relativeDifference(from: expected) > 1e-3, "\(name)")
    try checkNothingElseChanged(in: folder["out"], from: model, edits, name)
  }

  private func checkNothingElseChanged(
    in folder: URL, from model: some LanguageModel, _ edits: [Intervention], _ name: String
  ) throws {
    let changed = Set(try edits.flatMap(model.sites(of:)).map { model.place(of: $0).tensor })
    let before = try SafetensorsFolder(Self.folder(name))
    let after = try SafetensorsFolder(folder)
    #expect(before.tensors.count == after.tensors.count, "\(name)")
    for (key, tensor) in before.tensors where !changed.contains(key) {
      let same = try after.tensor(key).withBytes { new in tensor.withBytes { new.elementsEqual($0) }
      }
      #expect(same, "\(name) \(key)")
    }
  }

  private func logits(_ model: some LanguageModel, _ ids: [Int]) throws -> Matrix {
    try Inference(model).logits(of: ids)
  }
}
