internal import LaserOps

extension AnswerJudge {
  /// Loss and margin of a question as sums of weighted log-probabilities, which is what has a gradient.
  struct Functions {
    /// The two numbers.
    let measure: ExampleMeasure
    /// What the log-probabilities are weighted with in the loss.
    let loss: [Term]
    /// What they are weighted with in the margin; empty where there is none.
    let margin: [Term]

    /// The log-probability of a token at a place, and its weight.
    struct Term {
      let place: Question.Place
      let token: Int
      let weight: Double
    }
  }

  /// Loss and margin of question `number`: those of ``answer(to:_:continuation:)``, which needs no text for either.
  ///
  /// The margin is that to the likeliest other candidate, which stays the same in a small neighbourhood.
  func functions(of number: Int, _ readings: QuestionReadings) -> Functions {
    let question = questions.questions[number]
    let right = question.right
    let sums = readings.answers.map { $0.reduce(0, +) }
    let divisor = lossDivisor(tokens: readings.answers[right].count)
    func terms(_ answer: Int, weight: Double) -> [Functions.Term] {
      let answer = question.answers[answer]
      return zip(answer.tokens, answer.places).map {
        Functions.Term(place: $1, token: $0, weight: weight)
      }
    }
    let loss = terms(right, weight: -1 / divisor)
    var margin: (value: Double, terms: [Functions.Term])?
    if scoring.metric == .generation {
      if let other = outdone(by: question, readings),
        let place = question.answers[right].places.first
      {
        margin = (
          sums[right] - other.logProbability,
          terms(right, weight: 1) + [.init(place: place, token: other.token, weight: -1)]
        )
      }
    } else {
      var best: Int?
      for index in sums.indices where index != right {
        if best.map({ sums[index] > sums[$0] }) ?? true { best = index }
      }
      margin = best.map {
        (sums[right] - sums[$0], terms(right, weight: 1) + terms($0, weight: -1))
      }
    }
    return Functions(
      measure: ExampleMeasure(loss: -sums[right] / divisor, margin: margin?.value), loss: loss,
      margin: margin?.terms ?? [])
  }
}
