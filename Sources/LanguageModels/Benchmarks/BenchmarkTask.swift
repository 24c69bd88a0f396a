package import Foundation

/// One of the paper's benchmarks, or a user's own: which files it reads, which rows it keeps, what it asks.
///
/// A task is a value; `version` grows whenever its examples change, so that results can say what they are of.
/// Source: paper §5.1 and App. E.1; the authors' scripts where the paper is silent.
public struct BenchmarkTask: Sendable {
  /// The name.
  package let name: Name
  /// Which revision of the filters and prompts this is, from 1.
  package let version: Int
  /// Whether the examples of one group say the same in other words, so that paraphrase accuracy has a meaning.
  let groupsAreParaphrases: Bool
  /// The forms that the set's rows come in.
  let layouts: [RowLayout]
  /// How answers are judged; some tasks look at their examples to know.
  let scoring: @Sendable (BenchmarkOptions, [BenchmarkExample]) -> BenchmarkScoring
  /// Filters the rows of all files and makes examples of them.
  let collect: @Sendable ([DatasetFile], BenchmarkOptions, inout ExampleCollector) throws -> Void

  /// What the tasks are called on the command line and in results.
  public enum Name: String, CaseIterable, Sendable {
    /// Facts with paraphrases (Meng et al. 2022).
    case counterFact = "counterfact"
    /// Questions that need two articles (Yang et al. 2018).
    case hotpotQA = "hotpotqa"
    /// Claims that are true or false (Thorne et al. 2018).
    case fever
    /// The gender of a biography's subject (De-Arteaga et al. 2019).
    case biosGender = "bios-gender"
    /// The profession of a biography's subject.
    case biosProfession = "bios-profession"
    /// Answers that are true or repeat a misconception (Lin et al. 2022).
    case truthfulQA = "truthfulqa"
    /// BIG-bench: what follows from what somebody believes.
    case epistemic
    /// BIG-bench: facts of Wikidata.
    case wikidata
    /// A user's own questions.
    case jsonl
  }

  /// The task called `name`.
  package init(_ name: Name) {
    self =
      switch name {
      case .counterFact: .counterFact
      case .hotpotQA: .hotpotQA
      case .fever: .fever
      case .biosGender: .biosGender
      case .biosProfession: .biosProfession
      case .truthfulQA: .truthfulQA
      case .epistemic: .epistemic
      case .wikidata: .wikidata
      case .jsonl: .ownQuestions
      }
  }

  init(
    _ name: Name, version: Int, groupsAreParaphrases: Bool = false, layouts: [RowLayout],
    scoring: @escaping @Sendable (BenchmarkOptions, [BenchmarkExample]) -> BenchmarkScoring,
    collect:
      @escaping @Sendable ([DatasetFile], BenchmarkOptions, inout ExampleCollector) throws -> Void
  ) {
    self.name = name
    self.version = version
    self.groupsAreParaphrases = groupsAreParaphrases
    self.layouts = layouts
    self.scoring = scoring
    self.collect = collect
  }

  /// Reads the set's original files and makes the examples.
  ///
  /// - Parameters:
  ///   - files: The files, in the order that their examples shall have.
  ///   - options: Whose prompts, and for which models.
  /// - Returns: The examples, and what became of the rows that are none.
  /// - Throws: ``BenchmarkError``, `StorageError`.
  package func load(
    _ files: [URL], options: BenchmarkOptions = BenchmarkOptions()
  ) throws -> BenchmarkSet {
    guard !files.isEmpty else { throw BenchmarkError.noFiles(task: name) }
    let files = try files.map(DatasetFile.init)
    for file in files { try check(file) }
    var collector = ExampleCollector()
    try collect(files, options, &collector)
    let rows = files.map(\.records.count).reduce(0, +)
    guard !collector.examples.isEmpty else {
      throw BenchmarkError.nothingUsable(task: name, rows: rows, leftOut: collector.leftOut)
    }
    return BenchmarkSet(self, options: options, rows: rows, collector: collector)
  }

  /// - Throws: ``BenchmarkError/wrongSet(file:task:expected:found:looksLike:)`` if no row has the fields.
  private func check(_ file: DatasetFile) throws {
    let fits = file.records.contains { record in layouts.contains { $0.fits(record) } }
    guard !fits, let first = file.records.first else { return }
    let others = Name.allCases.filter { other in
      BenchmarkTask(other).layouts.contains { $0.fits(first) }
    }
    throw BenchmarkError.wrongSet(
      file: file.path, task: name, expected: layouts.map(\.description),
      found: first.fieldNames, looksLike: others)
  }
}
