import Foundation
import Testing

/// The gradients of every family against PyTorch's, by the script that also a person runs.
@Suite(
  .enabled(if: RealResources.data != nil, "LASER_DATA does not name the folder of real data"),
  .enabled(
    if: RealResources.python != nil, "LASER_PYTHON does not name a Python with transformers"))
struct GradientAcceptanceTests {
  @Test func `The gradient of every matrix of every given checkpoint is PyTorch's`() throws {
    let folder = try #require(RealResources.data).appending(path: "models/checkpoints")
    let checkpoints = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil
    ).map(\.path).filter { FileManager.default.fileExists(atPath: $0 + "/config.json") }.sorted()
    #expect(checkpoints.count >= 34)
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../LanguageModelsTests/Fixtures/check_gradients.py").standardized
    let python = Process()
    python.executableURL = URL(fileURLWithPath: try #require(RealResources.python))
    python.arguments = [script.path, CommandRunner.binary.path] + checkpoints
    try python.run()
    python.waitUntilExit()
    #expect(python.terminationStatus == 0)
  }
}
