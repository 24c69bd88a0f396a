// Which edit of a language model answers more questions? A guided search, and the edited model as a folder for transformers.
// Usage: SearchLanguageModel MODEL FEVER-FILE OUTPUT
import Foundation
import LanguageModels
import LaserOps

func search(_ model: some LanguageModel, at url: URL, claims: URL, output: URL) throws {
  let experiment = try QuestionExperiment(
    of: model, at: url, task: .fever, data: [claims], limit: 50)
  let search = InterventionSearch(
    of: experiment, space: try SearchSpace(kinds: [.mlpOutput]),
    options: .init(guide: try Guide(trials: 4)))
  guard let result = try search.run() else { return }
  print("unedited \(result.base.test.score), \(result.best.edit) \(result.best.test.score)")
  _ = try ModelExport(model.applying(result.best.interventions()), to: output)
}

let files = CommandLine.arguments.dropFirst().map(URL.init(fileURLWithPath:))
guard files.count == 3 else {
  print("usage: SearchLanguageModel MODEL FEVER-FILE OUTPUT")
  exit(64)
}
try search(LanguageModelLoader.load(files[0]), at: files[0], claims: files[1], output: files[2])
