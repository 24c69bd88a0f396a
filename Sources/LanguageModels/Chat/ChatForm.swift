/// One of the usual forms in which instruction-tuned models are asked: what stands around the words of either side.
///
/// Templates are programs in Jinja. Nearly all of them are one of these forms with rules for tools and for several turns
/// around it; a question and its answer need the form alone.
struct ChatForm: Sendable, Equatable {
  /// What stands before the words of the system, where there are any.
  var beforeSystem = ""
  /// What stands after them.
  var afterSystem = ""
  /// What stands before the question.
  let beforeUser: String
  /// What stands after it.
  let afterUser: String
  /// What begins the answer; empty where nothing does.
  var beforeAnswer = ""
  /// The token that ends an answer; nil where that is the end of the text.
  var end: String?

  /// The question in this form.
  func text(_ question: String, system: String?) -> String {
    (system.map { beforeSystem + $0 + afterSystem } ?? "") + beforeUser + question + afterUser
      + beforeAnswer
  }
}

extension ChatForm {
  /// A form, and how a template of it is known.
  struct Known: Sendable {
    /// What the form is called in messages.
    let name: String
    /// The template has all of these, as ``ChatForm/spelled(_:)`` writes them.
    let marks: [String]
    /// The form.
    let form: ChatForm
  }

  /// A template with one spelling of line ends and quotation marks, so that it can be compared with marks.
  static func spelled(_ source: String) -> String {
    source.replacing("\r\n", with: "\n").replacing("\\n", with: "\n").replacing("\"", with: "'")
  }

  /// The forms, the more particular ones first.
  ///
  /// - Parameter endOfText: The tokenizer's end of a text; nil where it is not known.
  /// - Returns: The forms.
  static func known(endOfText: String?) -> [Known] {
    [
      Known(
        name: "Phi-4", marks: ["<|im_start|>", "<|im_sep|>"],
        form: ChatForm(
          beforeSystem: "<|im_start|>system<|im_sep|>", afterSystem: "<|im_end|>",
          beforeUser: "<|im_start|>user<|im_sep|>",
          afterUser: "<|im_end|>", beforeAnswer: "<|im_start|>assistant<|im_sep|>",
          end: "<|im_end|>")),
      Known(
        name: "ChatML", marks: ["<|im_start|>", "<|im_end|>"],
        form: ChatForm(
          beforeSystem: "<|im_start|>system\n", afterSystem: "<|im_end|>\n",
          beforeUser: "<|im_start|>user\n",
          afterUser: "<|im_end|>\n", beforeAnswer: "<|im_start|>assistant\n", end: "<|im_end|>")),
      Known(
        name: "Llama 3", marks: ["<|start_header_id|>", "<|eot_id|>"],
        form: ChatForm(
          beforeSystem: "<|start_header_id|>system<|end_header_id|>\n\n", afterSystem: "<|eot_id|>",
          beforeUser: "<|start_header_id|>user<|end_header_id|>\n\n",
          afterUser: "<|eot_id|>",
          beforeAnswer: "<|start_header_id|>assistant<|end_header_id|>\n\n",
          end: "<|eot_id|>")),
      Known(
        name: "Gemma", marks: ["<start_of_turn>", "<end_of_turn>"],
        form: ChatForm(
          beforeUser: "<start_of_turn>user\n",
          afterUser: "<end_of_turn>\n", beforeAnswer: "<start_of_turn>model\n", end: "<end_of_turn>"
        )),
      Known(
        name: "Granite", marks: ["<|start_of_role|>", "<|end_of_role|>"],
        form: ChatForm(
          beforeSystem: "<|start_of_role|>system<|end_of_role|>", afterSystem: "<|end_of_text|>\n",
          beforeUser: "<|start_of_role|>user<|end_of_role|>",
          afterUser: "<|end_of_text|>\n", beforeAnswer: "<|start_of_role|>assistant<|end_of_role|>",
          end: "<|end_of_text|>")),
      Known(
        name: "Command R", marks: ["<|START_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"],
        form: ChatForm(
          beforeSystem: "<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>",
          afterSystem: "<|END_OF_TURN_TOKEN|>",
          beforeUser: "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>",
          afterUser: "<|END_OF_TURN_TOKEN|>",
          beforeAnswer: "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
          end: "<|END_OF_TURN_TOKEN|>")),
      Known(
        name: "Phi-3", marks: ["<|user|>", "<|assistant|>", "<|end|>"],
        form: ChatForm(
          beforeSystem: "<|system|>\n", afterSystem: "<|end|>\n", beforeUser: "<|user|>\n",
          afterUser: "<|end|>\n", beforeAnswer: "<|assistant|>\n", end: "<|end|>")),
      Known(
        name: "Zephyr",
        marks: ["<|user|>", "<|assistant|>", "'<|user|>\n' + message['content'] + eos_token"],
        form: zephyr(endOfText ?? "</s>")),
      Known(
        name: "StableLM", marks: ["<|user|>", "<|assistant|>", "<|endoftext|>\n"],
        form: zephyr("<|endoftext|>")),
      Known(
        name: "OLMo", marks: ["<|user|>\n", "<|assistant|>\n", "bos_token"],
        form: ChatForm(
          beforeSystem: "<|system|>\n", afterSystem: "\n", beforeUser: "<|user|>\n",
          afterUser: "\n", beforeAnswer: "<|assistant|>\n")),
      Known(
        name: "Llama 2", marks: ["[INST]", "<<SYS>>"],
        form: ChatForm(beforeUser: "[INST] ", afterUser: " [/INST]")),
      // Its spaces are those of the tokenizer's version: before the mark too, on both sides of the
      // question, before it alone, none.
      Known(
        name: "Mistral", marks: ["' [INST] '", "' [/INST"],
        form: ChatForm(beforeUser: " [INST] ", afterUser: " [/INST]")),
      Known(
        name: "Mistral", marks: ["'[INST] '", "' [/INST"],
        form: ChatForm(beforeUser: "[INST] ", afterUser: " [/INST]")),
      Known(
        name: "Mistral", marks: ["'[INST] '", "'[/INST]"],
        form: ChatForm(beforeUser: "[INST] ", afterUser: "[/INST]")),
      Known(
        name: "Mistral", marks: ["'[INST] '", "[/INST]"],
        form: ChatForm(beforeUser: "[INST] ", afterUser: " [/INST]")),
      Known(
        name: "Mistral", marks: ["[INST]", "[/INST]"],
        form: ChatForm(beforeUser: "[INST]", afterUser: "[/INST]")),
    ]
  }

  private static func zephyr(_ end: String) -> ChatForm {
    ChatForm(
      beforeSystem: "<|system|>\n", afterSystem: "\(end)\n", beforeUser: "<|user|>\n",
      afterUser: "\(end)\n", beforeAnswer: "<|assistant|>\n", end: end)
  }
}
