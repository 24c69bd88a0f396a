import LaserOps
import Foundation
import Testing

/// The search of a real model, trial by trial, beside the authors' procedure (Benchmarks/peers/search.py --exact).
@Suite(
  .enabled(if: RealResources.data != nil, "LASER_DATA does not name the folder of real data"),
  .enabled(if: RealResources.smolLM2 != nil, "SmolLM2 is not in the cache; run make model"))
struct SmolLM2SearchTests {
  private struct Expected: Decodable {
    struct Trial: Decodable {
      let edit: String
      let correct: Int
      let loss: Double
    }

    let claims: Int
    let trials: [Trial]
  }

  @Test func `every trial equals a whole forward pass after an exact decomposition`() throws {
    let data = try #require(RealResources.data)
    let model = try #require(RealResources.smolLM2)
    let expected = try JSONDecoder().decode(
      Expected.self,
      from: Data(contentsOf: ReferenceScores.folder.appending(path: "search.json")))
    try CommandRunner.inFolder { runner in
      var found: [String: [String: Any]] = [:]
      // Shards, for a whole search goes on to the test split.
      for shard in 0..<2 {
        let result = try runner.laser(
          "search", "--model", model.path, "--task", "fever", "--data",
          data.appending(path: "fever/paper_dev.jsonl").path, "--limit", "\(5 * expected.claims)",
          "--kinds", "Uin,Uout", "--layers", "0,15,29", "--rhos", "0.8,0.1,0.01", "--shard",
          "\(shard)/2", "-o", "shard\(shard)")
        #expect(result.status == 0, "\(result.errors)")
        let journal = try String(
          contentsOf: runner.folder.appending(path: "shard\(shard)/journal.jsonl"), encoding: .utf8)
        for line in journal.split(separator: "\n") {
          let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
          if let edit = object?["edit"] as? String { found[edit] = object }
        }
      }
      #expect(found.count == expected.trials.count)
      for trial in expected.trials {
        let object = try #require(found[trial.edit], "\(trial.edit)")
        #expect(object["examples"] as? Int == expected.claims)
        let successes = try #require(object["successes"] as? String)
        // Two labels of nearly the same probability may change places in one claim.
        #expect(abs(successes.count { $0 == "1" } - trial.correct) <= 1, "\(trial.edit)")
        let loss = try #require(object["loss"] as? Double)
        #expect(abs(loss - trial.loss) <= 1e-3, "\(trial.edit)")
      }
    }
  }
}
