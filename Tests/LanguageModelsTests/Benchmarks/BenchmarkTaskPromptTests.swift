import Foundation
import LanguageModels
import Testing

/// Every prompt is written out by hand from the paper and from what the authors' scripts do.
@Suite struct BenchmarkTaskPromptTests {
  private static let all = ModelFamily.allCases
  private static let causal = [ModelFamily.gptJ, .llama]
  private static let variants = BenchmarkOptions.Variant.allCases

  private func shown(_ set: BenchmarkSet) -> [String] { set.examples.map(set.shownPrompt) }

  // MARK: - CounterFact

  private static let counterFact = """
    [{"case_id": 0, "requested_rewrite": {"prompt": "The mother tongue of {} is",
      "target_new": {"str": "English"}, "target_true": {"str": "French"},
      "subject": "Danielle Darrieux"},
      "paraphrase_prompts": ["Shayna does this. Danielle Darrieux, a native ",
                             "Danielle Darrieux spoke the language"]}]
    """

  @Test(arguments: variants, causal)
  func `CounterFact asks the prompt and then its paraphrases`(
    variant: BenchmarkOptions.Variant, family: ModelFamily
  ) throws {
    let set = try BenchmarkFiles(Self.counterFact).load(.counterFact, variant, family)
    #expect(
      shown(set) == [
        "The mother tongue of Danielle Darrieux is",
        "Shayna does this. Danielle Darrieux, a native ",
        "Danielle Darrieux spoke the language",
      ])
    #expect(set.examples.allSatisfy { $0.answer == " French" && $0.candidates.isEmpty })
    #expect(set.groups == [0, 0, 0])
    #expect(set.hasParaphrases)
  }

  @Test(arguments: variants)
  func `CounterFact for RoBERTa ends with a mask and a full stop`(
    variant: BenchmarkOptions.Variant
  ) throws {
    let set = try BenchmarkFiles(Self.counterFact).load(.counterFact, variant, .roberta)
    #expect(
      shown(set) == [
        "The mother tongue of Danielle Darrieux is <mask>.",
        "Shayna does this. Danielle Darrieux, a native <mask>.",
        "Danielle Darrieux spoke the language <mask>.",
      ])
  }

  // MARK: - HotpotQA

  private static let hotpot = """
    [{"question": " Were Scott Derrickson and Ed Wood of the same nationality? ",
      "answer": " yes "},
     {"question": "Name the river.", "answer": "Ganges"},
     {"question": "Which of the two is older", "answer": "Arthur's Magazine"},
     {"question": "Who wrote \\"Animorphs\\"", "answer": "K. A. Applegate"}]
    """

  @Test(arguments: variants, causal)
  func `HotpotQA adds a question mark where there is no end`(
    variant: BenchmarkOptions.Variant, family: ModelFamily
  ) throws {
    let set = try BenchmarkFiles(Self.hotpot).load(.hotpotQA, variant, family)
    #expect(
      shown(set) == [
        "Were Scott Derrickson and Ed Wood of the same nationality? The answer is",
        "Name the river. The answer is",
        "Which of the two is older? The answer is",
        "Who wrote \"Animorphs\"? The answer is",
      ])
    #expect(
      set.examples.map(\.answer) == [" yes", " Ganges", " Arthur's Magazine", " K. A. Applegate"])
    #expect(set.groups == [0, 1, 2, 3])
    #expect(!set.hasParaphrases)
  }

  @Test(arguments: variants)
  func `HotpotQA for RoBERTa has five masks`(variant: BenchmarkOptions.Variant) throws {
    let set = try BenchmarkFiles(Self.hotpot).load(.hotpotQA, variant, .roberta)
    #expect(
      shown(set)[1] == "Name the river. The answer is <mask> <mask> <mask> <mask> <mask>")
  }

  // MARK: - FEVER

  private static let fever = """
    {"id": 1, "label": "SUPPORTS", "claim": "Fox 2000 Pictures released the film Soul Food."}
    {"id": 2, "label": "REFUTES", "claim": "Tilda Swinton is a vegan"}
    {"id": 3, "label": "REFUTES", "claim": "Is this a claim?"}
    """

  @Test(arguments: variants, all)
  func `FEVER closes the claim and asks whether it is true`(
    variant: BenchmarkOptions.Variant, family: ModelFamily
  ) throws {
    let set = try BenchmarkFiles(Self.fever).load(.fever, variant, family)
    let mask = family == .roberta ? " <mask>" : ""
    #expect(
      shown(set) == [
        "Consider the following claim: Fox 2000 Pictures released the film Soul Food. "
          + "Is this claim true or false. The claim is" + mask,
        "Consider the following claim: Tilda Swinton is a vegan. "
          + "Is this claim true or false. The claim is" + mask,
        "Consider the following claim: Is this a claim? "
          + "Is this claim true or false. The claim is" + mask,
      ])
    #expect(set.examples.map(\.answer) == [" true", " false", " false"])
    #expect(set.examples.allSatisfy { $0.candidates == [" true", " false"] })
  }

  // MARK: - Bias in Bios

  private static let bios = """
    hard_text,profession,gender
    "She has published two albums, both of poetry.",poet,Female
    He studied at the University of Lagos,professor,Male

    """
  private static let bio = "She has published two albums, both of poetry."

  @Test(arguments: [
    (
      BenchmarkOptions.Variant.paper, ModelFamily.gptJ,
      " Is the person in this text male or female? The person is"
    ),
    (.paper, .llama, " Is the person in this text male or female? The person is"),
    (.paper, .roberta, " Is the person in this text male or female? The person is <mask>."),
    (
      .authors, .gptJ,
      " Is the person in this text a male or female? The gender of this person is"
    ),
    (
      .authors, .llama,
      " Is the person in this text a male or female? The gender of this person is"
    ),
    (.authors, .roberta, " Is the person in this text a male or female? This person is <mask>."),
  ])
  func `Bios Gender asks in the paper's or in the authors' words`(
    variant: BenchmarkOptions.Variant, family: ModelFamily, question: String
  ) throws {
    let set = try BenchmarkFiles(Self.bios).load(
      .biosGender, variant, family, tokenizer: try Self.smallTokenizer)
    #expect(
      shown(set) == [
        "Consider the following text: \(Self.bio)\(question)",
        "Consider the following text: He studied at the University of Lagos.\(question)",
      ])
    #expect(set.examples.map(\.answer) == [" female", " male"])
    #expect(set.examples.allSatisfy { $0.candidates == [" male", " female"] })
  }

  @Test(arguments: variants, all)
  func `Bios Profession asks for one of eight`(
    variant: BenchmarkOptions.Variant, family: ModelFamily
  ) throws {
    let set = try BenchmarkFiles(Self.bios).load(
      .biosProfession, variant, family, tokenizer: try Self.smallTokenizer)
    let question =
      family == .roberta
      ? " The profession of the person in the text is called <mask>."
      : " What is the profession of the person in this text? The profession of this person is"
    #expect(
      shown(set) == [
        "Consider the following text: \(Self.bio)\(question)",
        "Consider the following text: He studied at the University of Lagos.\(question)",
      ])
    #expect(set.examples.map(\.answer) == [" poet", " professor"])
    #expect(
      set.examples[0].candidates == [
        " journalist", " poet", " composer", " model", " teacher", " architect", " painter",
        " professor",
      ])
  }

  /// Byte-level, so that texts of up to 50 bytes have no more tokens than that.
  private static var smallTokenizer: Tokenizer {
    get throws {
      try Tokenizer(contentsOf: TestResources.fixture("tokenizers/roberta.json"))
    }
  }

  @Test func `RoBERTa sees the last 50 tokens of a biography`() throws {
    let tokenizer = try Self.smallTokenizer
    let words = "a" + String(repeating: " a", count: 59)
    try #require(tokenizer.encode(words).count == 60)
    let set = try BenchmarkFiles("hard_text,gender\n\(words),0\n").load(
      .biosGender, .authors, .roberta, tokenizer: tokenizer)
    #expect(
      shown(set) == [
        "Consider the following text: " + String(repeating: " a", count: 50)
          + ". Is the person in this text a male or female? This person is <mask>."
      ])
  }

  // MARK: - TruthfulQA

  private static let truthful = """
    [{"question": "What happens if you eat watermelon seeds?",
      "mc1_targets": {"Nothing happens.": 1, "You grow watermelons": 0},
      "mc2_targets": {"Nothing happens.": 1, "You grow watermelons": 0}}]
    """

  @Test(arguments: [
    (BenchmarkOptions.Variant.paper, " Is this statement true or false. This statement is"),
    (.authors, "Is this statement true or false? This statement is"),
  ])
  func `TruthfulQA asks in the paper's words, or in the authors' without a space before them`(
    variant: BenchmarkOptions.Variant, question: String
  ) throws {
    for family in Self.all {
      let set = try BenchmarkFiles(Self.truthful).load(.truthfulQA, variant, family)
      let mask = family == .roberta ? " <mask>" : ""
      #expect(
        shown(set) == [
          "What happens if you eat watermelon seeds? Nothing happens." + question + mask,
          "What happens if you eat watermelon seeds? You grow watermelons." + question + mask,
        ])
      #expect(set.examples.map(\.answer) == [" true", " false"])
      #expect(set.examples.allSatisfy { $0.candidates == [" true", " false"] })
      // Kept together by a shuffled split, yet no paraphrases.
      #expect(set.groups == [0, 0])
      #expect(!set.hasParaphrases)
    }
  }

  // MARK: - BIG-bench

  private static let epistemic = """
    {"name": "epistemic_reasoning", "example_input_prefix": "\\n",
     "task_prefix": "Identify the relation between the following premises and hypotheses, \
    choosing from the options 'entailment' or 'non-entailment'.\\n",
     "example_output_prefix": "\\nRelation: ",
     "examples": [
       {"input": "Premise: Amelia assumes that Joseph knows that a dog runs. \
    Hypothesis: Joseph knows that a dog runs.",
        "target_scores": {"entailment": 0, "non-entailment": 1}},
       {"input": "Premise: Charles assumes that he runs. Hypothesis: Charles assumes that.",
        "target_scores": {"non-entailment": 0, "entailment": 1}}]}
    """

  @Test(arguments: variants, causal)
  func `Epistemic Reasoning is BIG-bench's text up to the relation`(
    variant: BenchmarkOptions.Variant, family: ModelFamily
  ) throws {
    let set = try BenchmarkFiles(Self.epistemic).load(.epistemic, variant, family)
    #expect(
      shown(set)[0] == """
        Identify the relation between the following premises and hypotheses, choosing from the \
        options 'entailment' or 'non-entailment'.

        Premise: Amelia assumes that Joseph knows that a dog runs. Hypothesis: Joseph knows that \
        a dog runs.
        Relation:
        """)
    #expect(set.examples.map(\.answer) == [" non-entailment", " entailment"])
    #expect(set.examples.allSatisfy { $0.candidates == [" entailment", " non-entailment"] })
  }

  private static let wikidata = """
    {"name": "qa_wikidata", "example_input_prefix": "\\n", "example_output_prefix": " ",
     "examples": [{"input": "The language of 1984 is", "target": "English"},
                  {"input": "The country of Summer Olympics is ", "target": [" France "]},
                  {"input": "The genre of Al is", "target": ["comedy", "parody"]}]}
    """

  @Test(arguments: variants, all)
  func `WikidataQA is the text itself, where there is one target`(
    variant: BenchmarkOptions.Variant, family: ModelFamily
  ) throws {
    let set = try BenchmarkFiles(Self.wikidata).load(.wikidata, variant, family)
    let masks = family == .roberta ? " <mask> <mask> <mask> <mask> <mask>" : ""
    #expect(
      shown(set) == [
        "The language of 1984 is" + masks, "The country of Summer Olympics is" + masks,
      ])
    #expect(set.examples.map(\.answer) == [" English", " France"])
    #expect(set.leftOut.map(\.reason) == [.severalTargets])
  }

  // MARK: - Own questions

  @Test(arguments: variants, all)
  func `a user's prompts and answers stay as written`(
    variant: BenchmarkOptions.Variant, family: ModelFamily
  ) throws {
    let set = try BenchmarkFiles(
      """
      {"prompt": "2 + 2 =", "answer": " 4", "candidates": [" 3", " 4"], "group": "sum"}
      {"prompt": "5 - 4:", "answer": "1", "candidates": ["1", " 4"]}
      {"prompt": "Two and two is", "answer": " 4", "candidates": [" 3", " 4"], "group": "sum"}
      """
    ).load(.jsonl, variant, family)
    let mask = family == .roberta ? " <mask>" : ""
    #expect(shown(set) == ["2 + 2 =" + mask, "5 - 4:" + mask, "Two and two is" + mask])
    #expect(set.examples.map(\.answer) == [" 4", "1", " 4"])
    #expect(set.examples[1].candidates == ["1", " 4"])
    #expect(set.groups == [0, 1, 0])
    #expect(set.hasParaphrases)
    #expect(set.scoring.metric == .classification)
  }

  @Test func `a group of 1 and one of 1.0 are the same`() throws {
    let set = try BenchmarkFiles(
      """
      {"prompt": "A", "answer": " 4", "group": 1.0}
      {"prompt": "B", "answer": " 4", "group": null}
      {"prompt": "C", "answer": " 4", "group": 1}
      {"prompt": "D", "answer": " 4", "group": 1.5}
      """
    ).load(.jsonl)
    #expect(set.groups == [0, 1, 0])
    #expect(set.leftOut.map(\.count) == [1])
  }

  // MARK: - Scoring

  @Test(arguments: [
    (BenchmarkTask.Name.counterFact, counterFact, [1, 10, 1]),
    (.hotpotQA, hotpot, [15, 15, 5]),
    (.fever, fever, [0, 0, 0]),
    (.truthfulQA, truthful, [0, 0, 0]),
    (.epistemic, epistemic, [0, 0, 0]),
    (.wikidata, wikidata, [10, 10, 5]),
  ])
  func `GPT-J, Llama and RoBERTa get the paper's numbers of new tokens`(
    task: BenchmarkTask.Name, content: String, tokens: [Int]
  ) throws {
    let files = try BenchmarkFiles(content)
    let scorings = try Self.all.map { try files.load(task, .paper, $0).scoring }
    #expect(scorings.map(\.maximumNewTokens) == tokens)
    #expect(scorings.allSatisfy { $0.metric == (tokens[0] == 0 ? .classification : .generation) })
    #expect(scorings.allSatisfy { $0.matching == .continuation })
  }

  @Test func `the authors search prompt and continuation, or ask for the token itself`() throws {
    func matching(_ task: BenchmarkTask.Name, _ content: String) throws -> [String] {
      let files = try BenchmarkFiles(content)
      return try Self.all.map { try files.load(task, .authors, $0).scoring.matching.rawValue }
    }
    let inText = "prompt-and-continuation"
    #expect(try matching(.counterFact, Self.counterFact) == ["token", inText, "token"])
    #expect(try matching(.hotpotQA, Self.hotpot) == [inText, inText, "continuation"])
    #expect(try matching(.wikidata, Self.wikidata) == [inText, inText, "continuation"])
  }
}
