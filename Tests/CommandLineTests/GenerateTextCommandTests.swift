import Foundation
import Testing

/// `laser generate` as a user runs it, on random weights.
@Suite struct GenerateTextCommandTests {
  private static let arguments = ["generate", "--model", "llama-deep", "--prompt", "a"]

  @Test func `the unedited model speaks first, then the edited one`() throws {
    try QuestionCommandTests.inFolder("llama-deep") { runner in
      let more = ["--tokens", "3", "--edit", "Uin:0:0.5", "--json"]
      let result = try runner.laser(Self.arguments + more)
      try #require(result.status == 0, "\(result.errors)")
      let answers = try #require(try result.objects().first?["answers"] as? [[String: Any]])
      #expect(answers.map { $0["edit"] as? String } == [nil, "Uin:0:0.5"])
      for answer in answers {
        let tokens = try #require(answer["tokens"] as? [[String: Any]])
        #expect((1...3).contains(tokens.count))
        #expect(tokens.allSatisfy { ($0["log_probability"] as? Double ?? 1) <= 0 })
      }
      let text = try runner.laser(Self.arguments + more.dropLast())
      #expect(text.output.contains("unedited: a") && text.output.contains("Uin:0:0.5: a"))
    }
  }

  @Test(arguments: [
    (["--edit", "Uin:99:0.5"], "no Uin in layer 99"), (["--chat"], "no chat template"),
    (["--tokens", "0"], "--tokens"),
  ])
  func `what cannot be done is an error before anything is said`(
    more: [String], message: String
  ) throws {
    try QuestionCommandTests.inFolder("llama-deep") { runner in
      let result = try runner.laser(Self.arguments + more)
      #expect(result.status != 0 && result.output.isEmpty && result.errors.contains(message))
    }
  }
}
