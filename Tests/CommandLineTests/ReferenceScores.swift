import Foundation
import Testing

/// What plain PyTorch and transformers made of a model (Fixtures/reference).
struct ReferenceScores: Decodable {
  /// A benchmark's first examples.
  struct Task: Decodable {
    let file: String
    let results: [Result]
  }

  /// One of them.
  struct Result: Decodable {
    /// The text that the model reads, or a hash of it.
    let prompt: String
    /// −log p of the right answer, the mean over its tokens.
    let loss: Double
    let correct: Bool
    let predicted: String?
    let generated: String?
  }

  /// The perplexity of a text.
  struct Text: Decodable {
    /// How much of the file is read; nil for all.
    let bytes: Int?
    let context: Int
    let stride: Int
    let tokens: Int
    let nll: Double
  }

  let tasks: [String: Task]
  let perplexity: Text?

  static let folder = Bundle.module.bundleURL.appending(path: "Fixtures/reference")

  /// Checks the perplexity that `laser` prints of `text` with `model`.
  func checkPerplexity(of text: String, model: String, runner: CommandRunner) throws {
    let expected = try #require(perplexity)
    let result = try runner.laser(
      "perplexity", "--model", model, "--text", text, "--context", "\(expected.context)",
      "--stride", "\(expected.stride)", "--json")
    let found = try #require(try result.objects().first, "\(result.errors)")
    #expect(found["tokens"] as? Int == expected.tokens)
    let nll = try #require(found["nll"] as? Double)
    #expect(abs(nll - expected.nll) <= 1e-4 * expected.nll)
    let perplexity = try #require(found["perplexity"] as? Double)
    #expect(abs(perplexity - exp(nll)) <= 1e-9 * perplexity)
  }

  /// Checks what `laser qa` says of every example of `task` with `model`, and in summary.
  ///
  /// - Parameters:
  ///   - task: The benchmark.
  ///   - file: Its data.
  ///   - model: The model.
  ///   - tolerance: How far a loss may be from the reference's, as a share of it or, below 1, in nats.
  ///   - runner: The command line.
  ///   - form: What the reference keeps of a prompt.
  /// - Throws: What running the command throws.
  func checkAnswers(
    _ task: String, file: String, model: String, tolerance: Double, runner: CommandRunner,
    form: (String) -> String = { $0 }
  ) throws {
    let expected = try #require(tasks[task]?.results)
    let result = try runner.laser(
      "qa", "--model", model, "--task", task, "--data", file, "--limit", "\(expected.count)",
      "--predictions", "predictions.jsonl", "--json")
    let score = try #require(try result.objects().first, "\(result.errors)")
    #expect(score["examples"] as? Int == expected.count)
    let share = Double(expected.count { $0.correct }) / Double(expected.count)
    let accuracy = try #require(score["accuracy"] as? Double)
    #expect(abs(accuracy - share) < 1e-9)
    let mean = expected.reduce(0) { $0 + $1.loss } / Double(expected.count)
    let loss = try #require(score["loss"] as? Double)
    #expect(abs(loss - mean) <= tolerance * max(1, mean))

    let lines = try String(
      contentsOf: runner.folder.appending(path: "predictions.jsonl"), encoding: .utf8
    ).split(separator: "\n")
    try #require(lines.count == expected.count)
    for (line, expected) in zip(lines, expected) {
      let found = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let prompt = try #require(found["prompt"] as? String)
      #expect(form(prompt) == expected.prompt, "\(prompt)")
      #expect(found["correct"] as? Bool == expected.correct, "\(prompt)")
      #expect(found["generated"] as? String == expected.generated, "\(prompt)")
      if let predicted = expected.predicted {
        #expect(found["predicted"] as? String == predicted, "\(prompt)")
      }
      let loss = try #require(found["loss"] as? Double)
      #expect(abs(loss - expected.loss) <= tolerance * max(1, expected.loss), "\(prompt)")
    }
  }
}
