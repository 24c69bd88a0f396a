import Numerics
import ArgumentParser
import DecisionTransformer
import Foundation
import LanguageModels
import LaserOps

/// `laser apply` — writes an edited model; without an edit it converts GGUF to a Hugging Face folder.
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Writes the edited, or just converted, model.",
    discussion: """
      The folder loads in transformers. With --factored a matrix of low rank is stored as NAME.left \
      and NAME.right, which is smaller and which this program reads.
      """)

  @OptionGroup var source: ModelSource
  @OptionGroup var edit: EditOptions
  @Flag(help: "Store matrices of low rank as their two factors.")
  var factored = false
  @Option(name: .shortAndLong, help: "The folder to write; it is new or empty.")
  var output: String
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard !factored || source.model != nil else {
      throw ValidationError("--factored goes with --model; a policy is small as it is.")
    }
  }

  func run() throws {
    let result: Applied
    switch try source.load() {
    case .policy(let policy): result = try write(policy)
    case .language(let model): result = try write(model)
    }
    if format.isJSON { try Output.json(result) } else { print(result.text(folder: output)) }
  }

  private func write(_ model: some LanguageModel) throws -> Applied {
    let edited = try model.applying(edit.interventions)
    let export = try ModelExport(edited, to: URL(userPath: output), isFactored: factored)
    if !export.files.contains(where: { $0.hasPrefix("tokenizer") || $0 == "vocab.json" }) {
      Output.note("\(output) has no tokenizer: there was none that could be copied or converted")
    }
    return Applied(
      sites: try sites(of: model), bytesBefore: export.bytesBefore, bytesAfter: export.bytesAfter)
  }

  private func write(_ policy: Policy) throws -> Applied {
    let folder = URL(userPath: output)
    if let content = try? FileManager.default.contentsOfDirectory(atPath: folder.path),
      !content.isEmpty
    {
      throw OutputError.notEmpty(output)
    }
    _ = try OutputPath.makeFolder(output)
    try policy.applying(edit.interventions).save(to: folder)
    return Applied(
      sites: try sites(of: policy), bytesBefore: try weightBytes(source.policy ?? ""),
      bytesAfter: try weightBytes(output))
  }

  private func sites(of model: some EditableModel) throws -> [String] {
    try edit.interventions.flatMap(model.sites(of:)).map(\.description)
  }

  private func weightBytes(_ folder: String) throws -> Int {
    try SafetensorsFile(URL(userPath: folder).appendingPathComponent("model.safetensors"))
      .tensors.values.reduce(0) { $0 + $1.byteCount }
  }
}

/// What `laser apply --json` prints.
private struct Applied: Encodable {
  let sites: [String]
  let bytesBefore: Int
  let bytesAfter: Int

  enum CodingKeys: String, CodingKey {
    case sites
    case bytesBefore = "bytes_before"
    case bytesAfter = "bytes_after"
  }

  func text(folder: String) -> String {
    let change = sites.isEmpty ? "unedited" : "edited at \(sites.joined(separator: ", "))"
    let megabytes = { (bytes: Int) in String(format: "%.1f MB", Double(bytes) / 1e6) }
    return "\(folder): \(change), weights \(megabytes(bytesBefore)) before, "
      + "\(megabytes(bytesAfter)) now"
  }
}
