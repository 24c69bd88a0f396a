// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors where the Makefile and CI ask for it, never for somebody who depends on us.
let warnings: [SwiftSetting] =
  Context.environment["LASER_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// Which commit is being built, where the Makefile says so; SwiftPM's own answer is that of an earlier build.
let commit = Context.environment["LASER_COMMIT", default: ""].filter {
  $0.isLetter || $0.isNumber || $0 == "-"
}

let settings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + warnings

let package = Package(
  name: "laser",
  products: [
    .executable(name: "laser", targets: ["laser"]),
    .library(name: "Numerics", targets: ["Numerics"]),
    .library(name: "LaserOps", targets: ["LaserOps"]),
    .library(name: "Reports", targets: ["Reports"]),
    .library(name: "Sokoban", targets: ["Sokoban"]),
    .library(name: "DecisionTransformer", targets: ["DecisionTransformer"]),
    .library(name: "LanguageModels", targets: ["LanguageModels"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    // libpng brings it along; a text corpus may be gzipped.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .target(name: "CCommit", cSettings: [.define("LASER_COMMIT", to: "\"\(commit)\"")]),
    .systemLibrary(name: "CProcessor"),
    // OpenMPI, found when it is wanted.
    .target(name: "CMPI"),
    .target(name: "Files", swiftSettings: settings),
    .target(
      name: "Numerics", dependencies: ["Files", "COpenBLAS", "CLAPACKE", "CMalloc", "CProcessor"],
      swiftSettings: settings),
    .target(name: "LaserOps", dependencies: ["Files", "Numerics"], swiftSettings: settings),
    .target(name: "Reports", dependencies: ["LaserOps"], swiftSettings: settings),
    .target(
      name: "Sokoban",
      dependencies: ["Files", "CPNG"],
      swiftSettings: settings),
    .target(
      name: "DecisionTransformer",
      dependencies: ["Files", "Numerics", "LaserOps", "Sokoban", "CMPI"],
      swiftSettings: settings),
    .target(
      name: "LanguageModels",
      dependencies: [
        "Files", "Numerics", "LaserOps", "CZlib",
        .product(name: "HeapModule", package: "swift-collections"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "laser",
      dependencies: [
        "Files", "Numerics", "LaserOps", "Reports", "Sokoban", "DecisionTransformer",
        "LanguageModels",
        "CCommit",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Demo/counterfact.json"], swiftSettings: settings),
    .testTarget(
      name: "NumericsTests", dependencies: ["Numerics", "CProcessor"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "LaserOpsTests", dependencies: ["LaserOps", "Reports"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "SokobanTests", dependencies: ["Sokoban", "Numerics"], resources: [.copy("Fixtures")],
      swiftSettings: settings),
    .testTarget(
      name: "DecisionTransformerTests", dependencies: ["DecisionTransformer"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "LanguageModelsTests", dependencies: ["LanguageModels"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["laser", "Numerics", "LaserOps", "Sokoban", "DecisionTransformer"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
