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
      A folder loads in transformers. With --factored a matrix of low rank is stored as NAME.left \
      and NAME.right, which is smaller and which this program alone reads; a matrix that shares \
      its tensor with others (GPT-2, GPT-NeoX, Phi-3, BLOOM, ModernBERT) stays dense.

      From a GGUF file also a GGUF file is written, when the output ends with .gguf: all that was \
      not edited is the same, byte for byte, and llama.cpp loads it. Edited matrices become the \
      smallest of f32, f16, bf16 and q8_0 that rounds them no more than their type in the file \
      does, or keep that type where it loses nothing; --type names another, or, as 'same', that type.
      """)

  @OptionGroup var source: ModelSource
  @OptionGroup var edit: EditOptions
  @Flag(help: "Store matrices of low rank as their two factors.")
  var factored = false
  @Option(help: "How edited matrices are stored in a .gguf file: f32, f16, bf16, q8_0 or same.")
  var type: StoredType?
  @Option(
    name: .shortAndLong, help: "The folder to write, new or empty, or a file that ends with .gguf.",
    completion: .file())
  var output: String
  @OptionGroup var format: OutputOptions

  /// The type of edited matrices in a GGUF file.
  enum StoredType: String, ExpressibleByArgument, CaseIterable {
    case f32, f16, bf16, same
    case q80 = "q8_0"

    var storage: GGUFExport.Storage {
      switch self {
      case .f32: .type(.float32)
      case .f16: .type(.float16)
      case .bf16: .type(.bfloat16)
      case .q80: .type(.q80)
      case .same: .same
      }
    }
  }

  private var isGGUF: Bool { output.lowercased().hasSuffix(".gguf") }

  func validate() throws {
    guard !factored || source.model != nil else {
      throw ValidationError("--factored goes with --model; a policy is small as it is.")
    }
    guard !factored || !isGGUF else {
      throw ValidationError(
        "--factored: GGUF cannot hold the two factors of a matrix; write a folder instead.")
    }
    guard source.model != nil || !isGGUF else {
      throw ValidationError("A policy is written as a folder, not as a .gguf file.")
    }
    guard !["safetensors", "bin", "pt"].contains(URL(userPath: output).pathExtension) else {
      throw ValidationError(
        "\(output): a model is written as a folder or as a .gguf file; name one of them.")
    }
    guard type == nil || isGGUF else {
      throw ValidationError("--type goes with an output that ends with .gguf.")
    }
  }

  func run() throws {
    // What cannot be written is said before a model is read.
    if isGGUF {
      try OutputPath.checkFile(output, isModel: true)
    } else {
      try OutputPath.checkFolder(output)
    }
    let result: Applied
    switch try source.load() {
    case .policy(let policy): result = try write(policy)
    case .language(let model): result = try isGGUF ? writeGGUF(model) : write(model)
    }
    if format.isJSON { try Output.json(result) } else { print(result.text(output: output)) }
  }

  private func write(_ model: some LanguageModel) throws -> Applied {
    let edited = try model.applying(edit.interventions)
    let export = try ModelExport(edited, to: URL(userPath: output), isFactored: factored)
    if !export.hasTokenizer {
      Output.note("\(output) has no tokenizer: there was none that could be copied or converted")
    }
    return Applied(
      sites: try sites(of: model), bytesBefore: export.bytesBefore, bytesAfter: export.bytesAfter)
  }

  private func writeGGUF(_ model: some LanguageModel) throws -> Applied {
    let export = try GGUFExport(
      try model.applying(edit.interventions), to: URL(userPath: output),
      storage: type?.storage ?? .fitting)
    return Applied(
      sites: try sites(of: model), bytesBefore: export.bytesBefore, bytesAfter: export.bytesAfter,
      tensors: export.edited.map(Applied.Tensor.init))
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
  /// How edited tensors are stored in a GGUF file; nil for a folder.
  var tensors: [Tensor]?

  /// One of them; errors are shares of the tensor's norm.
  struct Tensor: Encodable {
    let name: String
    let from: String
    let type: String
    let error: Double
    let originalError: Double

    init(_ tensor: GGUFExport.EditedTensor) {
      name = tensor.name
      from = tensor.original.description
      type = tensor.type.description
      error = tensor.error
      originalError = tensor.originalError
    }

    enum CodingKeys: String, CodingKey {
      case name, from, type, error
      case originalError = "original_error"
    }

    var text: String {
      "\(name): \(from) before, \(type) now, whose rounding changes it by \(percent(error))"
        + (type == from ? "" : " (\(from) by \(percent(originalError)))")
    }

    /// Two digits, as a person writes them.
    private func percent(_ share: Double) -> String {
      switch 100 * share {
      case 0: "0 %"
      case ..<0.0001: "less than 0.0001 %"
      case ..<99.5: String(format: "%.2g %%", 100 * share)
      default: String(format: "%.0f %%", 100 * share)
      }
    }
  }

  enum CodingKeys: String, CodingKey {
    case sites, tensors
    case bytesBefore = "bytes_before"
    case bytesAfter = "bytes_after"
  }

  func text(output: String) -> String {
    let change = sites.isEmpty ? "unedited" : "edited at \(sites.joined(separator: ", "))"
    let megabytes = { (bytes: Int) in String(format: "%.1f MB", Double(bytes) / 1e6) }
    let summary =
      "\(output): \(change), weights \(megabytes(bytesBefore)) before, "
      + "\(megabytes(bytesAfter)) now"
    return ([summary] + (tensors ?? []).map { "  \($0.text)" }).joined(separator: "\n")
  }
}
