import Foundation
import LanguageModels
import Numerics
import Testing

/// A small Llama in every quantised type of GGUF, with decoded values and logits of reference implementations.
@Suite(.enabled(if: TestResources.data != nil, "LASER_DATA does not name the folder of real data"))
struct GGUFTypesAcceptanceTests {
  private struct Expected: Decodable {
    let ids: [Int]
    /// Of the last positions.
    let logits: [[Float]]
  }

  private static let types = [
    "F16", "Q4_K", "Q2_K", "Q3_K", "IQ4_NL", "IQ4_XS", "IQ3_S", "IQ3_XXS", "IQ2_S", "IQ2_XS",
    "IQ2_XXS", "IQ1_S", "IQ1_M", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4", "Q1_0",
  ]

  private func folder() throws -> URL {
    try #require(TestResources.data).appending(path: "models/gguf-types")
  }

  @Test(arguments: types)
  func `a matrix decodes to the bits of the reference`(type: String) throws {
    let file = try GGUFFile(try folder().appending(path: "\(type).gguf"))
    let tensor = try file.tensor("blk.0.ffn_down.weight")
    #expect(tensor.type.description == type)
    let matrix = try tensor.matrix(rows: 256, columns: 256)
    let array = try Data(contentsOf: try folder().appending(path: "\(type).blk.0.ffn_down.npy"))
    // The header of NumPy's format ends where the values begin; there are no others.
    let values = array.suffix(4 * matrix.count).withUnsafeBytes { bytes in
      (0..<matrix.count).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
    }
    #expect(zip(matrix.values, values).allSatisfy { $0.bitPattern == $1 })
  }

  @Test(arguments: types) func `logits are those of the reference`(type: String) throws {
    let goldens = try JSONDecoder().decode(
      [String: [Expected]].self,
      from: Data(contentsOf: try folder().appending(path: "gold.json")))
    let model = try LanguageModelLoader.load(try folder().appending(path: "\(type).gguf"))
    for expected in try #require(goldens[type]) {
      let logits = try logits(model, expected.ids)
      let largest = expected.logits.joined().map(abs).max() ?? 0
      for (row, golden) in expected.logits.enumerated() {
        let found = (0..<golden.count).map {
          logits[logits.rows - expected.logits.count + row, $0]
        }
        #expect(zip(found, golden).allSatisfy { abs($0 - $1) <= 1e-4 * largest })
      }
    }
  }

  private func logits(_ model: some LanguageModel, _ ids: [Int]) throws -> Matrix {
    try Inference(model).logits(of: ids)
  }
}
