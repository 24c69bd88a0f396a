// swift-tools-version: 6.2
import PackageDescription

func benchmark(_ name: String, _ modules: [String], _ more: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: name,
    dependencies: modules.map { .product(name: $0, package: "laser") } + ["BenchmarkSupport"] + more
  )
}

/// Measurements, in a package of their own so that users of the library never build them.
let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "laser", path: ".."),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    .target(
      name: "BenchmarkSupport", dependencies: [.product(name: "Numerics", package: "laser")]),
    benchmark("SokobanBenchmark", ["LaserOps", "Numerics", "Sokoban"]),
    benchmark(
      "PlainSolverBenchmark", ["LaserOps", "Numerics", "Sokoban"],
      [.product(name: "HeapModule", package: "swift-collections")]),
    benchmark("TrainingBenchmark", ["DecisionTransformer", "LaserOps", "Numerics", "Sokoban"]),
    benchmark("RolloutBenchmark", ["DecisionTransformer", "LaserOps", "Numerics", "Sokoban"]),
    benchmark("ReductionBenchmark", ["LaserOps", "Numerics"]),
    benchmark("SelectionRules", ["LanguageModels", "LaserOps", "Numerics"]),
    benchmark("LanguageModelBenchmark", ["LanguageModels", "LaserOps", "Numerics"]),
  ]
)
