import Foundation
import Testing

/// Checkpoints of every family that transformers writes with random shapes, and damaged copies of some; the Python in
/// `Fixtures/families` does the work.
@Suite(.serialized, .enabled(if: RealResources.python != nil, "LASER_PYTHON names no Python"))
struct FamilyTests {
  @Test func `logits, edits of every kind and what apply writes are those of transformers`() throws
  {
    try check("--seed", "1", "--variants", "2")
  }

  @Test func `every site of four families is cut as numpy cuts it`() throws {
    try check("--seed", "3", "--every-site", "--only", "gpt2,gpt_neox,phi3,qwen2_moe")
  }

  @Test func `2,004 damaged files of six families end with an error that has a name, or in logits`()
    throws
  {
    try check("--damaged", "334", "--only", "gpt2,llama,qwen3_moe,gemma3,phi3,modernbert")
  }

  @Test(.enabled(if: RealResources.data != nil, "LASER_DATA does not name the folder of real data"))
  func `damaged tokenizers end with an error that has a name, or in ids`() throws {
    let data = try #require(RealResources.data)
    let folder = data.appending(path: "models/tokenizers").path
    try run("damaged_tokenizers.py", [folder, "--damaged", "12"])
  }

  private func check(_ arguments: String...) throws { try run("check.py", arguments) }

  private func run(_ script: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(RealResources.python))
    let file = Bundle.module.bundleURL.appending(path: "Fixtures/families/\(script)")
    process.arguments = [file.path, CommandRunner.binary.path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"]
    ) { $1 }
    process.standardError = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    // The lines of what passed say nothing new.
    let failures = output.split(separator: "\n").filter { !$0.contains("edits") }
    #expect(process.terminationStatus == 0, "\(failures.joined(separator: "\n"))")
  }
}
