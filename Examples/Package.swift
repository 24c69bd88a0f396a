// swift-tools-version: 6.2
import PackageDescription

func example(_ name: String, _ modules: [String]) -> Target {
  .executableTarget(
    name: name, dependencies: modules.map { .product(name: $0, package: "laser") })
}

/// What a program of one's own looks like: each uses the library's public products alone.
let package = Package(
  name: "examples",
  dependencies: [.package(name: "laser", path: "..")],
  targets: [
    example("SearchPolicy", ["DecisionTransformer", "LaserOps", "Sokoban"]),
    example("SearchLanguageModel", ["LanguageModels", "LaserOps"]),
    example("OwnObjective", ["LaserOps", "Numerics", "Reports"]),
  ]
)
