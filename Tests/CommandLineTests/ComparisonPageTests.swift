import Foundation
import LaserOps
import Numerics
import Reports
import Sokoban
import Testing

@testable import DecisionTransformer
@testable import laser

/// The pages of policies that are compared.
@Suite struct ComparisonPageTests {
  private static func rollouts(_ solved: Int, of count: Int) -> [Rollout] {
    (0..<count).map { index in
      var rollout = Rollout()
      rollout.isSolved = index < solved
      rollout.totalReturn = index < solved ? 10 : -12
      rollout.boxesOnTarget = index < solved ? 1 : 0
      return rollout
    }
  }

  /// The ends of the intervals that hovering over values in per cent shows.
  private static func intervals(_ source: String) throws -> [(low: Double, high: Double)] {
    try source.matches(of: /[0-9.]+ % \[95 %: (-?[0-9.]+) to (-?[0-9.]+)\]/).map {
      (try #require(Double($0.1)), try #require(Double($0.2)))
    }
  }

  @Test(arguments: [(6, 6), (10, 12)])
  func `intervals of solve rates have a width and lie within 0 and 100 %`(
    solved: Int, count: Int
  ) throws {
    let levels = [Level](repeating: try Level(xsb: "#####\n#@$.#\n#####"), count: count)
    let games = Self.rollouts(solved, of: count)
    let page = PolicyComparison([("a", games), ("b", games)], on: levels, seed: 1).page.html
    let curves = try GameCurves(
      levels, numbers: Array(levels.indices), games: [games], workers: Workers(count: 1))
    for source in [page, curves.figure(players: ["a"]).source] {
      let found = try Self.intervals(source)
      #expect(!found.isEmpty)
      for (low, high) in found { #expect(0 <= low && low < high && high <= 100) }
    }
    #expect(try Self.intervals(page).allSatisfy { $0.low < 100 * Double(solved) / Double(count) })
  }

  @Test func `every way to make a policy is named in the legend, the first beside nothing`() throws
  {
    let names = ["runs/a-long-name-of-a-folder", "runs/a-long-name-of-a-folder=Uin:3:0.1", "other"]
    let comparison = SeedComparison(
      names.enumerated().map { place, name in
        // Only the first two have policies of the same names.
        let seeds = place < 2 ? ["0", "1"] : ["a", "b"]
        return SeedComparison.Contender(
          name: name,
          policies: seeds.enumerated().map { seed, policy in
            (name: policy, rollouts: Self.rollouts(2 + seed + place, of: 6))
          })
      }, seed: 1)
    let page = comparison.page.html
    for (place, name) in names.enumerated() {
      #expect(page.contains("<li class=\"distinct-\(place)\" data-series=\"\(name)\">"))
    }
    // What the first way's change, and its probability of improvement, would be.
    for interval in ["[0.0, 0.0]", "[+0.0, +0.0]", "[50, 50]"] {
      #expect(!page.contains(interval))
    }
    #expect(page.components(separatedBy: "not paired").count == 2)
  }
}
