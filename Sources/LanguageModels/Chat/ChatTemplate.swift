internal import Numerics
package import Foundation

/// How an instruction-tuned model wants to be asked, as its tokenizer's configuration says.
package struct ChatTemplate: Sendable, Equatable {
  /// What the form is called: ChatML, Llama 3, Gemma …
  package let name: String
  /// What the template says for the system where nobody else does; nil for nothing.
  package let system: String?
  /// The token that ends an answer; nil where that is the end of the text.
  package let end: String?
  /// Whether the text begins with the tokenizer's token for that.
  package let startsText: Bool
  private let form: ChatForm

  /// Reads the template of the model at `url`: a Hugging Face folder, or a GGUF file.
  ///
  /// - Throws: ``ChatTemplateError``: there is none, or none of the usual forms; `StorageError`, ``CheckpointError``.
  package init(contentsOf url: URL) throws {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    let contents =
      isThere && isFolder.boolValue
      ? try Self.contents(ofFolder: url) : try Self.contents(ofFile: url)
    guard let contents else { throw ChatTemplateError.none(model: url.path) }
    try self.init(contents.source, model: url.path, endOfText: contents.endOfText)
  }

  /// Recognises the form of a template.
  ///
  /// - Parameters:
  ///   - source: The Jinja program.
  ///   - model: Whose it is, for messages.
  ///   - endOfText: The tokenizer's end of a text; nil where it is not known.
  /// - Throws: `ChatTemplateError.unknownForm`, `ChatTemplateError.dated`.
  init(_ source: String, model: String, endOfText: String? = nil) throws {
    let forms = ChatForm.known(endOfText: endOfText)
    var names: [String] = []
    for name in forms.map(\.name) where !names.contains(name) { names.append(name) }
    let unknown = ChatTemplateError.unknownForm(model: model, known: names)
    let spelled = ChatForm.spelled(source)
    guard let known = forms.first(where: { $0.marks.allSatisfy(spelled.contains) }) else {
      throw unknown
    }
    let parts = TemplatePart.parts(of: source)
    var form = known.form
    name = known.name
    end = form.end
    startsText =
      source.contains("bos_token") || source.contains("<|begin_of_text|>")
      || source.contains("<bos>")
    if source.contains("Cutting Knowledge Date") {
      // Llama 3.1's date when nobody gives another.
      system = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
    } else if source.contains("Knowledge Cutoff Date") || source.contains("strftime_now") {
      throw ChatTemplateError.dated(model: model)
    } else {
      switch form.system(in: parts) {
      case .none: system = nil
      case .words(let words): system = words
      case .unreadable: throw unknown
      }
    }
    guard let opening = form.opening(in: parts) else { throw unknown }
    form.beforeAnswer = opening
    self.form = form
  }

  /// The text that asks `question`, up to where the answer begins.
  ///
  /// The question is stripped of white space at its ends, as nearly all templates do.
  package func text(asking question: String) -> String {
    let blank: Set<Character> = [" ", "\n", "\t", "\r", "\r\n"]
    let stripped = question.drop { blank.contains($0) }
    let length = stripped.reversed().drop { blank.contains($0) }.count
    return form.text(String(stripped.prefix(length)), system: system)
  }

  /// A template, and the token that it calls `eos_token`; nil where that is not said.
  private typealias Contents = (source: String, endOfText: String?)

  private static func contents(ofFolder url: URL) throws -> Contents? {
    guard let source = try source(inFolder: url) else { return nil }
    return (source, try TokenizerSettings(folder: url).name("eos_token"))
  }

  private static func contents(ofFile url: URL) throws -> Contents? {
    let (template, end) = ("tokenizer.chat_template", "tokenizer.ggml.eos_token_id")
    guard let metadata = try Checkpoint(url).metadata, metadata.contains(template) else {
      return nil
    }
    let source = try metadata.string(template)
    guard metadata.contains(end) else { return (source, nil) }
    let tokens = try metadata.tokens()
    let id = try metadata.integer(end)
    return (source, tokens.indices.contains(id) ? tokens[id] : nil)
  }

  private static func source(inFolder url: URL) throws -> String? {
    let manager = FileManager.default
    let file = url.appendingPathComponent("chat_template.jinja")
    if manager.fileExists(atPath: file.path) {
      return try MappedFile(file).withBytes { String(decoding: $0, as: UTF8.self) }
    }
    for name in ["chat_template.json", "tokenizer_config.json"] {
      let file = url.appendingPathComponent(name)
      guard manager.fileExists(atPath: file.path),
        let value = try JSONValue(contentsOf: file)["chat_template"]
      else { continue }
      if let text = value.string { return text }
      // Several templates with names; the usual one is called default.
      for template in value.elements ?? [] where template["name"]?.string == "default" {
        return template["template"]?.string
      }
    }
    return nil
  }
}

/// Why a model cannot be asked as a chat.
package enum ChatTemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The files of `model` have no template.
  case none(model: String)
  /// The template of `model` has none of the `known` forms, or adds what cannot be told without running it.
  case unknownForm(model: String, known: [String])
  /// The template of `model` writes today's date for the system.
  case dated(model: String)

  /// What is wrong, and what to do.
  package var description: String {
    switch self {
    case .none(let model):
      "\(model) has no chat template; it may not be tuned to chat. Leave --chat out and give the whole prompt"
    case .unknownForm(let model, let known):
      "the chat template of \(model) has none of the forms that are known ("
        + known.joined(separator: ", ") + "), or adds to one what depends on conditions; "
        + "leave --chat out and give the whole prompt"
    case .dated(let model):
      "the chat template of \(model) writes today's date, so that no two days have the same answer; leave --chat out "
        + "and give the whole prompt"
    }
  }
}
