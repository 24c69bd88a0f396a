import Numerics
import Foundation
import LanguageModels
import LaserOps
import Testing

@Suite struct AcceptanceTests {
  private struct Expected: Decodable {
    let prompts: [[Int]]
    let step: Int
    let largest: [Float]
    let greedy: [Int]
  }

  @Test(.enabled(if: TestResources.smolLM2 != nil, "SmolLM2 is not in the cache; run make model"))
  func `SmolLM2 in GGUF and in a converted folder equals transformers' dequantised model`() throws {
    let file = try #require(TestResources.smolLM2)
    let folder = try TemporaryFolder()
    let gguf = try LanguageModelLoader.load(file)
    try export(gguf, to: folder["converted"])
    let converted = try LanguageModelLoader.load(folder["converted"])
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: TestResources.fixture("smollm2/golden.json")))
    let goldens = try SafetensorsFile(TestResources.fixture("smollm2/golden.safetensors"))
    for (index, prompt) in expected.prompts.enumerated() {
      let tensor = try goldens.tensor("logits.\(index)")
      let golden = try tensor.matrix(rows: tensor.shape[0], columns: tensor.shape[1])
      let found = try logits(gguf, prompt)
      // The same floats multiplied in the same order.
      #expect(try logits(converted, prompt) == found)
      let picked = (0..<found.rows).flatMap { row in
        stride(from: 0, to: found.columns, by: expected.step).map { found[row, $0] }
      }
      let difference = zip(picked, golden.values).map { abs($0 - $1) }.max() ?? .infinity
      #expect(difference <= 1e-4 * expected.largest[index])
    }
    let continuation = try continuations(gguf, expected.prompts[0], count: expected.greedy.count)
    #expect(continuation == expected.greedy)
    for place in [file, folder["converted"]] {
      let tokenizer = try Tokenizer(contentsOf: place)
      #expect(try tokenizer.encode("The capital of France is") == expected.prompts[0])
      #expect(try tokenizer.decode(Array(continuation.prefix(1))) == " Paris")
    }
  }

  @Test(.enabled(if: TestResources.data != nil, "LASER_DATA does not name the folder of real data"))
  func `stories260K tells its story`() throws {
    let source = try #require(TestResources.data).appendingPathComponent("stories260K")
    let folder = try TemporaryFolder()
    let python = Process()
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    python.arguments = [
      "python3", TestResources.fixture("convert_llama2c.py").path,
      source.appendingPathComponent("stories260K.bin").path, folder["model"].path,
    ]
    try python.run()
    python.waitUntilExit()
    try #require(python.terminationStatus == 0)
    let model = try LanguageModelLoader.load(folder["model"])
    // llama2.c starts with token 1, the start of a text, and does not print it.
    let ids = try continuations(model, [1], count: 200)
    let pieces = try pieces(source.appendingPathComponent("tok512.bin"))
    let story = String(decoding: ids.flatMap { pieces[$0] }, as: UTF8.self)
    let expected = try String(
      contentsOf: source.appendingPathComponent("expected_stdout_t0_n200.txt"), encoding: .utf8)
    #expect(
      story.trimmingCharacters(in: .whitespacesAndNewlines)
        == expected.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// llama2.c's vocabulary: the longest length, then score, length and bytes of every token; `<0x0A>` is a byte.
  private func pieces(_ file: URL) throws -> [[UInt8]] {
    let bytes = [UInt8](try Data(contentsOf: file))
    func length(at place: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    var pieces: [[UInt8]] = []
    var place = 4
    while place < bytes.count {
      let count = length(at: place + 4)
      let piece = Array(bytes[place + 8..<place + 8 + count])
      let text = String(decoding: piece, as: UTF8.self)
      let byte =
        text.hasPrefix("<0x") && text.count == 6
        ? UInt8(text.dropFirst(3).prefix(2), radix: 16) : nil
      pieces.append(byte.map { [$0] } ?? piece)
      place += 8 + count
    }
    return pieces
  }

  /// A Python with transformers, named by the environment variable `LASER_PYTHON`.
  private static let python = ProcessInfo.processInfo.environment["LASER_PYTHON"]

  @Test(
    .enabled(if: python != nil, "LASER_PYTHON does not name a Python with transformers"),
    arguments: ["gptj-partial-rotary", "llama-grouped-biased-tied", "qwen2", "roberta"])
  func `transformers loads an exported folder and computes the same`(name: String) throws {
    try checkExport(try Golden.load(name).model, name)
  }

  private func checkExport(_ model: some LanguageModel, _ name: String) throws {
    let folder = try TemporaryFolder()
    let site = WeightSite(.mlpOutput, layer: 1)
    let edit = try Intervention(parsing: "Uout:1:0.2")
    let edited = try model.applying([edit])
    try export(edited, to: folder["edited"])
    let ids = [4, 9, 2, 17, 5]
    try SafetensorsFile.write(
      [SafetensorsEntry("logits", try logits(edited, ids))], to: folder["logits.safetensors"])
    let weight = model.weight(at: site)
    let rank = try Fraction(0.2).count(of: min(weight.rows, weight.columns))
    let python = Process()
    python.executableURL = URL(fileURLWithPath: try #require(Self.python))
    python.arguments = [
      TestResources.fixture("check_export.py").path,
      Golden.folder.appendingPathComponent(name).path, folder["edited"].path,
      folder["logits.safetensors"].path, "\(model.place(of: site).name).weight", "\(rank)",
      ids.map(String.init).joined(separator: ","),
    ]
    try python.run()
    python.waitUntilExit()
    #expect(python.terminationStatus == 0)
  }

  private func export(_ model: some LanguageModel, to folder: URL) throws {
    _ = try ModelExport(model, to: folder)
  }

  private func logits(_ model: some LanguageModel, _ prompt: [Int]) throws -> Matrix {
    try Inference(model).logits(of: prompt)
  }

  private func continuations(
    _ model: some LanguageModel, _ prompt: [Int], count: Int
  ) throws -> [Int] {
    try Inference(model).continuations(of: [prompt], count: count)[0]
  }
}
