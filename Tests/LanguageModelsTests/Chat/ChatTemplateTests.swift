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
    ("{{- ' [INST] ' + m['content'] + ' [/INST]' }}", " [INST] Why? [/INST]"),
    ("{{ '[INST]' + m['content'] + '[/INST]' }}", "[INST]Why?[/INST]"),
    (#"{{- "[INST] " + m["content"] + "[/INST]" }}"#, "[INST] Why?[/INST]"),
    (#"{{- "[INST] " + m["content"] + " [/INST]" }}"#, "[INST] Why? [/INST]"),
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

  private static let turns = "{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}"

  @Test(arguments: [
    (#"{{- '<|im_start|>assistant\n<think>\n' }}"#, "<think>\n"),
    (#"{{- '<|im_start|>assistant\n' }}{{- '<think>' }}"#, "<think>"),
    (
      #"{{- '<|im_start|>assistant\n' }}{%- if thinking is false %}{{- '<think>\n' }}{%- endif %}"#,
      ""
    ),
  ])
  func `an answer begins with what the template adds without a condition`(
    prompt: String, added: String
  ) throws {
    let found = try template(Self.turns + "{% if add_generation_prompt %}\(prompt){% endif %}")
    #expect(
      found.text(asking: "Why?")
        == "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n" + added)
  }

  @Test func `an answer that begins one way or another is an unknown form`() {
    #expect(throws: ChatTemplateError.self) {
      try template(
        Self.turns + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
          + "{% if brief %}{{ '</think>' }}{% else %}{{ '<think>' }}{% endif %}{% endif %}")
    }
  }

  @Test(
    arguments: [
      (#"{{ '<|im_start|>system\nYou\'re {kind}.<|im_end|>\n' }}"#, "You're {kind}."),
      (#"{{ '<|im_start|>system\nYou ' + "are." }}{{- '<|im_end|>\n' }}"#, "You are."),
      (#"{% if tools %}{{ '<|im_start|>system\nUse ' }}{{ tools }}{% endif %}"#, nil),
      (#"{% if tools is not none %}<|im_start|>system\nUse.<|im_end|>\n{% endif %}"#, nil),
      (
        #"{% if not tools %}{{ 'a' }}{% else %}{{ '<|im_start|>system\nUse.<|im_end|>' }}{% endif %}"#,
        nil
      ),
      (
        #"{% set system_message = 'Be kind.' %}{{ '<|im_start|>system\n' + system_message + '<|im_end|>' }}"#,
        "Be kind."
      ),
      (
        #"{% if false == true %}{% set system_message = 'Be.' %}{% endif %}{{ '<|im_start|>system\n' + m }}"#,
        nil
      ),
      (#"{{ '<|im_start|>system\n' + m.content + '<|im_end|>\n' }}"#, nil),
    ] as [(String, String?)])
  func `the template's own words for the system are read as it writes them`(
    source: String, system: String?
  ) throws {
    #expect(try template(source + Self.turns).system == system)
  }

  @Test func `words for the system that end with a line may have several`() throws {
    let found = try template(
      #"{{ bos_token }}{{ '<|system|>\nYou are.\nBe kind.\n' }}{{ '<|user|>\n' + q }}{{ '<|assistant|>\n' }}"#
    )
    #expect(found.name == "OLMo" && found.system == "You are.\nBe kind.")
  }

  @Test func `words for the system that go on after a condition are an unknown form`() {
    #expect(throws: ChatTemplateError.self) {
      try template(
        #"{{ '<|im_start|>system\nYou are. ' }}{% if kind %}{{ 'Be.<|im_end|>' }}{% endif %}"#
          + Self.turns)
    }
  }

  @Test(arguments: [
    ("Zephyr", "{{ '<|user|>\n' + message['content'] + eos_token }}{{ '<|assistant|>' }}"),
    ("Zephyr", #"{{ '<|user|>\n' + message['content'] + eos_token }}{{ '<|assistant|>' }}"#),
    ("StableLM", "{{ '<|user|>\n' + m + '<|endoftext|>\n' }}{{ '<|assistant|>' }}"),
    ("OLMo", "{{ bos_token }}{{ '<|user|>\n' + m + '\n' }}{{ '<|assistant|>\n' }}"),
  ])
  func `a form is known however its line ends are written`(name: String, source: String) throws {
    #expect(try template(source).name == name)
  }

  @Test func `eos_token is the tokenizer's own`() throws {
    try AtomicFile.write(
      #"""
      {"eos_token": {"content": "<|end|>"}, "chat_template":
       "{{ '<|user|>\n' + message['content'] + eos_token }}{{ '<|assistant|>' }}"}
      """#, to: folder["tokenizer_config.json"])
    let found = try ChatTemplate(contentsOf: folder.url)
    #expect(found.end == "<|end|>")
    #expect(found.text(asking: "Why?") == "<|user|>\nWhy?<|end|>\n<|assistant|>\n")
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
