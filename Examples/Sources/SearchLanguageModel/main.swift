// Which edit of a language model answers more questions? Usage: SearchLanguageModel MODEL FEVER-FILE
import Foundation
import LanguageModels
import LaserOps

func search(_ model: some LanguageModel, at url: URL, claims: URL) throws {
  let experiment = try QuestionExperiment(
    of: model, at: url, task: .fever, data: [claims], limit: 50)
  let search = InterventionSearch(
    of: experiment, space: try SearchSpace(kinds: [.mlpOutput], fractions: [0.1]))
  if let result = try search.run() {
    print("unedited \(result.base.test.score), \(result.best.edit) \(result.best.test.score)")
  }
}

let files = CommandLine.arguments.dropFirst().map(URL.init(fileURLWithPath:))
guard files.count == 2 else {
  print("usage: SearchLanguageModel MODEL FEVER-FILE")
  exit(64)
}
try search(LanguageModelLoader.load(files[0]), at: files[0], claims: files[1])
