import Files
import Foundation
import Testing

@testable import LanguageModels

@Suite struct ChatTemplateTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func template(_ source: String) throws -> ChatTemplate {
    try ChatTemplate(source, model: "m")
  }

  @Test func `ChatML puts the system that the template itself writes before the question`() throws {
    let found = try template(
      """
      {% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}\
      {{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}\
      {{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}\
      {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
      """)
    #expect(found.name == "ChatML" && !found.startsText && found.end == "<|im_end|>")
    #expect(
      found.text(asking: " Why?\n") == """
        <|im_start|>system
        You are a helpful assistant.<|im_end|>
        <|im_start|>user
        Why?<|im_end|>
        <|im_start|>assistant

        """)
  }

  @Test func `a template without a system of its own begins with the question`() throws {
    let found = try template(
      "{{ bos_token }}{% for m in messages %}{{ '<start_of_turn>' + role + '\\n' + m['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}"
    )
    #expect(found.name == "Gemma" && found.startsText && found.system == nil)
    #expect(
      found.text(asking: "Why?")
        == "<start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\n")
  }

  @Test(arguments: [
    ("[INST] {{ x }} [/INST] <<SYS>>", "[INST] Why? [/INST]"),
    ("{{ '[INST] ' + m['content'] + ' [/INST]' }}", "[INST] Why? [/INST]"),
    ("{{ '[INST]' + m['content'] + '[/INST]' }}", "[INST]Why?[/INST]"),
    ("<|user|>\\n <|end|> <|assistant|>", "<|user|>\nWhy?<|end|>\n<|assistant|>\n"),
    (
      "<|start_header_id|> <|eot_id|>",
      "<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|>"
        + "<|start_header_id|>assistant<|end_header_id|>\n\n"
    ),
  ])
  func `each usual form is known by its marks`(source: String, text: String) throws {
    #expect(try template(source).text(asking: "Why?") == text)
  }

  @Test func `another form, a dated one and none are errors that say so`() throws {
    #expect(throws: ChatTemplateError.self) { try template("### Question: {{ x }}") }
    #expect(throws: ChatTemplateError.dated(model: "m")) {
      try template("<|start_of_role|> <|end_of_role|> Knowledge Cutoff Date: {{ strftime_now() }}")
    }
    #expect(throws: ChatTemplateError.none(model: folder.url.path)) {
      try ChatTemplate(contentsOf: folder.url)
    }
  }

  @Test(arguments: [
    #"{"chat_template": "[INST] [/INST] <<SYS>>"}"#,
    #"{"chat_template": [{"name": "tool_use", "template": "x"}, {"name": "default", "template": "[INST] [/INST] <<SYS>>"}]}"#,
  ])
  func `the template stands in the tokenizer's configuration, alone or under a name`(
    configuration: String
  ) throws {
    try AtomicFile.write(configuration, to: folder["tokenizer_config.json"])
    #expect(try ChatTemplate(contentsOf: folder.url).name == "Llama 2")
  }
}
