import ArgumentParser
import Foundation
import LanguageModels
import LaserOps

/// `laser search` — the edits that most improve a model.
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Tries every kind, layer and fraction, and reports the best edit on unseen data.",
    discussion: """
      The first fifth of the data picks the edit (validation), the rest reports on it (test). Killed
      and started again with the same arguments it goes on where it was. The folder then has
      journal.jsonl (every trial), result.json and report.html.
      """)

  @OptionGroup(title: "A policy") var policy: PolicySearchOptions
  @OptionGroup(title: "A language model") var questions: QuestionSearchOptions
  @Option(help: "Only the first so many levels or examples.")
  var limit: Int?
  @OptionGroup(title: "Search space") var space: SearchSpaceOptions
  @Flag(help: "Also compose edits greedily, from the last layer to the first.")
  var compose = false
  @Option(help: "Choose the validation part at random with this seed instead of the first fifth.")
  var splitSeed: UInt64?
  @Option(help: "Try only the i-th of n shares of the sites: i/n, i from 0.")
  var shard = ShardArgument.whole
  @Option(name: .shortAndLong, help: "The folder of the journal, the result and the report.")
  var output: String
  @OptionGroup var seed: SeedOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try CountLimit.check(limit, option: "--limit")
    switch (policy.policy, questions.model) {
    case (nil, nil), (_?, _?):
      throw ValidationError(
        "Give either --policy DIR --levels FILE or --model PATH --task TASK --data FILE…")
    case (_?, nil):
      guard policy.levels != nil else { throw ValidationError("--policy needs --levels FILE.") }
      if let option = questions.firstGiven {
        throw ValidationError("\(option) goes with --model, not with --policy.")
      }
    case (nil, _?):
      guard questions.task != nil, !questions.data.isEmpty else {
        throw ValidationError("--model needs --task TASK and --data FILE…")
      }
      if let option = policy.firstGiven {
        throw ValidationError("\(option) goes with --policy, not with --model.")
      }
    }
  }

  func run() throws {
    if let path = questions.model {
      try run(LanguageModelLoader.load(URL(userPath: path)))
    } else {
      let task = try policy.task(limit: limit, splitSeed: splitSeed, seed: seed.value)
      try run(
        task.search(try space.space(), options: try options(), workers: threads.workers),
        identity: task.identity, remarks: policy.remarks, bar: SearchBar())
    }
  }

  private func run(_ model: some LanguageModel) throws {
    let space = try space.space()
    let task = try questions.task(
      of: model, limit: limit, splitSeed: splitSeed, workers: threads.workers)
    let bar = SearchBar()
    let search = task.search(space, options: try options(), workers: threads.workers) {
      bar.show(answers: $0, of: $1)
    }
    try run(search, identity: try task.identity(), remarks: questions.remarks, bar: bar)
  }

  private func options<Task>() throws -> InterventionSearch<Task>.Options {
    .init(
      composes: compose, shard: try .init(index: shard.index, of: shard.count), seed: seed.value)
  }

  private func run(
    _ search: InterventionSearch<some Objective>, identity: [String: String],
    remarks: [String: String], bar: SearchBar
  ) throws {
    let folder = SearchFolder(URL(userPath: output))
    let result = try folder.run(
      search, identity: identity, remarks: remarks, progress: bar.show)
    guard let result else {
      bar.finish("shard \(shard.index) of \(shard.count) is done; concatenate the journals")
      return
    }
    try SearchReportWriter(folders: [folder]).write(to: folder.report)
    bar.finish("report in \(folder.report.path)")
    if format.isJSON { try Output.json(result) } else { print(result.text) }
  }
}

/// The grid of a search.
struct SearchSpaceOptions: ParsableArguments {
  @Option(parsing: .upToNextOption, help: "Kinds of matrices: Wq, Wk, Wv, Wo, Uin, Uup, Uout.")
  var kinds: [CommaList<WeightKind>] = []
  @Option(parsing: .upToNextOption, help: "Layers, for example 0-3,5.")
  var layers: [CommaList<IndexRange>] = []
  @Option(parsing: .upToNextOption, help: "Fractions to try at each matrix (the paper's rho).")
  var rhos: [CommaList<Double>] = []
  @Option(
    help: """
      rank keeps that fraction of the rank, tail only the smallest components, prune sets that \
      fraction of the elements to zero.
      """, transform: SearchSpace.Method.init(argument:))
  var method = SearchSpace.Method.rank

  func space() throws -> SearchSpace {
    try SearchSpace(
      kinds: kinds.isEmpty ? nil : kinds.kinds, layers: layers.isEmpty ? nil : layers.indexes,
      fractions: rhos.isEmpty ? SearchSpace.paperFractions : rhos.numbers, method: method)
  }
}

extension SearchSpace.Method {
  /// - Throws: A validation error for another word.
  fileprivate init(argument: String) throws {
    guard let method = Self(rawValue: argument) else {
      let words = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(argument)' is not a method; expected one of \(words).")
    }
    self = method
  }
}

/// `i/n`.
struct ShardArgument: ExpressibleByArgument {
  let index: Int
  let count: Int

  static let whole = ShardArgument(index: 0, count: 1)

  private init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count > 0,
      (0..<count).contains(index)
    else { return nil }
    self.init(index: index, count: count)
  }

  var defaultValueDescription: String { "\(index)/\(count)" }
}
