import LaserOps
import Reports

extension RunIdentity.Scoring {
  /// Whether games are played, not questions answered.
  private var isPlayed: Bool { task == "sokoban" }

  /// The rules in words; folders of laser 0.4.0 and before have no other form.
  var text: String {
    if let options = rules["options"]?.text { return options }
    if isPlayed {
      let choice = rules["actions"]?.text ?? ""
      let seed = rules["seed"]?.text.map { " with seed \($0)" } ?? ""
      return "target return \(rules["target_return"]?.number ?? 0), "
        + "\(rules["maximum_steps"]?.integer ?? 0) steps, \(choice)\(seed)"
    }
    if let limit = rules["top_k"]?.integer {
      return "answer sought among the \(limit) likeliest tokens"
    }
    guard let tokens = rules["new_tokens"]?.integer else { return "labels by their probability" }
    return "up to \(tokens) tokens, answer sought in \(rules["matching"]?.text ?? "")"
  }

  /// The words of the world that was scored.
  var vocabulary: SearchReport.Vocabulary {
    if isPlayed { return .policy }
    if let limit = rules["top_k"]?.integer {
      return SearchReport.Vocabulary(
        score: "top-\(limit) accuracy", example: "questions with one-token answers")
    }
    return .questions
  }
}

extension RunHeader {
  /// The words of what was run.
  ///
  /// Up to version 1 of the format only a sentence said whether an answer may be one of several tokens.
  var vocabulary: SearchReport.Vocabulary {
    let vocabulary = identity.scoring?.vocabulary ?? .questions
    return version == 1 && vocabulary.score == SearchReport.Vocabulary.questions.score
      ? SearchReport.Vocabulary(score: "score", example: vocabulary.example) : vocabulary
  }
}
