/// One question of a benchmark.
package struct BenchmarkExample: Sendable, Equatable {
  /// The text before the answer.
  package let prompt: String
  /// The text after the answer; empty but in some prompts for masked models.
  package let ending: String
  /// What is to be appended to the prompt as written, its first space included.
  package let answer: String
  /// The answers to choose from, written like ``answer``, which is one of them; empty for open questions.
  package let candidates: [String]
  /// What the question is about, such as `Danielle Darrieux`; nil where the set does not say.
  package let subject: String?
  /// What is asked of the subject, by the set's own name, such as `P103`; nil where the set does not say.
  package let relation: String?
  /// The record that the example came from, from 0: what paraphrases of each other share.
  package internal(set) var group = 0

  init(
    prompt: String, ending: String = "", answer: String, candidates: [String] = [],
    subject: String? = nil, relation: String? = nil
  ) {
    self.prompt = prompt
    self.ending = ending
    self.answer = answer
    self.candidates = candidates
    self.subject = subject
    self.relation = relation
  }

  /// The whole text for a model that fills masks, with masks in place of the answer.
  ///
  /// - Parameters:
  ///   - count: How many tokens are asked for.
  ///   - mask: The mask's name; a space comes before each unless the prompt ends with one.
  /// - Returns: The text.
  package func text(masks count: Int, mask: String = "<mask>") -> String {
    let masks = Array(repeating: mask, count: count).joined(separator: " ")
    let space = prompt.isEmpty || prompt.utf8.last == UInt8(ascii: " ") ? "" : " "
    return prompt + space + masks + ending
  }
}
