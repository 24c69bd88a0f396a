import Numerics
import ArgumentParser
import Foundation
import LanguageModels
import LaserOps

/// Side effects of edits of a language model: other benchmarks, and the perplexity of texts.
struct QuestionSideEffects<Model: LanguageModel>: SideEffectSource {
  let model: Model
  /// Where the model lies.
  let path: String
  let details: TaskDetails
  let limit: Int?
  let memory: Int
  let workers: Workers

  func score(_ also: AlsoArgument, number: Int) throws -> PreparedSideEffects.Score {
    guard let name = BenchmarkTask.Name(rawValue: also.task) else {
      let names = BenchmarkTask.Name.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(also.task)' is not a task for --also; expected one of \(names).")
    }
    let questions = try details.questions(
      name, data: also.files, limit: limit, for: model, at: path, workers: workers)
    let other = try QuestionExperiment(
      model: model, questions: questions,
      split: try DataSplit(undivided: questions.examples.count), memory: memory, workers: workers)
    return { edits, folder, seed in
      let bar = ProgressBar("also \(also.task)")
      defer { bar.finish() }
      var scored = other
      scored.progress = { bar.show($0, of: $1, "answers") }
      let journal: Journal<Trial> = try RunFolder(folder).open(
        "also-\(number)-\(also.task)",
        for: RunHeader(scored.identity.of(.sideEffect), from: .current(data: also.files)))
      return try TrialRunner(
        // Made here, so that one task after the other has the memory.
        model: model, objective: scored.objective, split: scored.split,
        journal: journal
      ).sideEffects(of: edits, named: also.task, seed: seed)
    }
  }

  func perplexity(_ text: String, number: Int) throws -> PreparedSideEffects.Text {
    let url = URL(userPath: text)
    let tokenizer = try Tokenizer(announcing: path)
    let read = try CorpusFile(url).readText()
    guard !read.isEmpty else { throw CorpusError.noText(paths: [url.path]) }
    let tokens = try tokenizer.prefix + tokenizer.encode(read)
    let context = min(1_024, model.shape.contextLength)
    let windows = try SlidingWindows(context: context, stride: context / 2)
    try Inference(model, workers: workers).checkPerplexity(of: tokens, windows: windows)
    var fingerprint = Fingerprint()
    fingerprint.combine("\(tokens)")
    let identity = RunIdentity(
      kind: .sideEffect, model: "\(try model.checkpoint.fingerprint())",
      data: ["text": .init(count: tokens.count, fingerprint: "\(fingerprint)")],
      scoring: .init(
        task: "perplexity",
        rules: ["context": .integer(windows.context), "stride": .integer(windows.stride)]))
    return { edits, folder in
      let journal: Journal<PerplexityTrial> = try RunFolder(folder).open(
        "also-\(number)-perplexity", for: RunHeader(identity, from: .current(data: [text])))
      func trial(_ edits: [Intervention]) throws -> PerplexityTrial {
        if let known = journal[Trial.name(of: edits)] { return known }
        let bar = ProgressBar("perplexity, \(Trial.name(of: edits))")
        defer { bar.finish() }
        let trial = PerplexityTrial(
          edits, tokens: windows.scoredCount(over: tokens.count),
          try finitePerplexity(of: tokens, windows: windows, after: edits) {
            bar.show($0, of: $1, "windows")
          })
        try journal.record(trial)
        return trial
      }
      return try edits.map { edits in
        let base = try trial([])
        let edited = try trial(edits)
        return SideEffects.Text(
          text: url.lastPathComponent, edit: edited.edit, tokens: base.tokens,
          context: windows.context, base: base.perplexity, edited: edited.perplexity)
      }
    }
  }

  /// The perplexity; nil where it is beyond all numbers, as an edit may make it.
  private func finitePerplexity(
    of tokens: [Int], windows: SlidingWindows, after edits: [Intervention],
    progress: (Int, Int) -> Void
  ) throws -> Double? {
    do {
      return try Inference(model.applying(edits), workers: workers)
        .perplexity(of: tokens, windows: windows, progress: progress).value
    } catch LanguageModelError.overflow {
      return nil
    }
  }
}
