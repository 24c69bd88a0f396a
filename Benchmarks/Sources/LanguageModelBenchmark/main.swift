// Prefill and greedy decoding of a language model, the shapes of peers/language_model.py.
//
//     LanguageModelBenchmark MODEL [--threads N] [--length N]
//
// Prefill computes the last position's logits over the whole vocabulary. "once" scores a single prompt of --length
// tokens, for models that are too large for the rest.

import BenchmarkSupport
import Foundation
import LanguageModels
import LaserOps
import Numerics

struct LanguageModelBenchmark<Model: LanguageModel> {
  let inference: Inference<Model>

  func prompts(_ count: Int, length: Int) -> [[Int]] {
    let vocabulary = inference.model.shape.vocabularySize
    return (0..<count).map { prompt in
      (0..<length).map { (prompt * 7919 + $0 * 104_729 + 3) % vocabulary }
    }
  }

  func prefill(_ count: Int, length: Int) throws -> Timing {
    let prompts = prompts(count, length: length)
    return try Timing(of: count * length) { _ = try inference.lastLogits(of: prompts) }
  }

  /// The time of the tokens after the first, which ends the prompt's.
  func decode(_ count: Int, tokens: Int) throws -> Timing {
    let prompts = prompts(count, length: 16)
    let first = try Timing(of: 0) { _ = try inference.continuations(of: prompts, count: 1) }
    var all = try Timing(of: count * tokens) {
      _ = try inference.continuations(of: prompts, count: tokens + 1)
    }
    all.seconds -= first.seconds
    return all
  }
}

let arguments = Arguments()
guard let path = arguments.plain.first else {
  print("usage: LanguageModelBenchmark MODEL [--threads N] [--length N]")
  exit(64)
}

func serve(_ model: some LanguageModel, _ arguments: Arguments) throws {
  let benchmark = LanguageModelBenchmark(inference: Inference(model, workers: arguments.workers))
  var process = MeasuringProcess()
  process.measurements["prefill 64 × 16"] = { try benchmark.prefill(64, length: 16) }
  process.measurements["prefill 32 × 64"] = { try benchmark.prefill(32, length: 64) }
  process.measurements["prefill 1 × 512"] = { try benchmark.prefill(1, length: 512) }
  process.measurements["decoding 1"] = { try benchmark.decode(1, tokens: 32) }
  process.measurements["decoding 32"] = { try benchmark.decode(32, tokens: 16) }
  process.measurements["once"] = {
    try benchmark.prefill(1, length: arguments.number("length", 16))
  }
  try process.serve()
}
try serve(try LanguageModelLoader.load(URL(fileURLWithPath: path)), arguments)
