/// What is known of keys of a `config.json` that no model asks for.
enum ConfigurationKeys {
  /// Whether `key` changes no logit, whatever its value is.
  static func isNeutral(_ key: String) -> Bool {
    neutral.contains(key) || key.hasPrefix("_") || key.hasSuffix("_token_id")
      || key.hasSuffix("dropout") || key.hasSuffix("_pdrop") || key.hasPrefix("summary_")
      || key.hasSuffix("_token_index") || key.hasPrefix("router_") || key.hasSuffix("dropout_prob")
  }

  /// The one of `absent` keys that `key` looks like a slip of the pen for; nil when there is none.
  static func meant(by key: String, among absent: Set<String>) -> String? {
    absent.sorted().first { isSlip(Array(plain(key).utf8), of: Array(plain($0).utf8)) }
  }

  private static func plain(_ key: String) -> String {
    key.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// Whether two words are the same but for one letter too many, too few, another, or two that have changed places.
  private static func isSlip(_ word: [UInt8], of other: [UInt8]) -> Bool {
    guard min(word.count, other.count) > 3, abs(word.count - other.count) <= 1 else {
      return word == other
    }
    let start = zip(word, other).prefix { $0 == $1 }.count
    let (rest, otherRest) = (word[start...], other[start...])
    if rest.dropFirst().elementsEqual(otherRest.dropFirst()) { return true }
    if rest.dropFirst().elementsEqual(otherRest) || rest.elementsEqual(otherRest.dropFirst()) {
      return true
    }
    return rest.count == otherRest.count
      && rest.prefix(2).reversed().elementsEqual(otherRest.prefix(2))
      && rest.dropFirst(2).elementsEqual(otherRest.dropFirst(2))
  }

  private static let neutral: Set<String> = [
    // Where a model comes from and how it is loaded and run.
    "architectures", "auto_map", "dtype", "torch_dtype", "transformers_version", "model_type",
    "pretraining_tp",
    "use_cache", "output_attentions", "output_hidden_states", "output_router_logits", "return_dict",
    "return_dict_in_generate", "torchscript", "use_bfloat16", "low_cpu_mem_usage",
    "attn_implementation",
    "use_flash_attn", "use_flash_attention", "deterministic_flash_attn", "reference_compile",
    "repad_logits_with_grad",
    "reorder_and_upcast_attn", "slow_but_exact", "gradient_checkpointing",
    "chunk_size_feed_forward",
    "transformers.js_config", "quantization", "unsloth_fixed", "unsloth_version", "is_llama_config",
    "cache_implementation",
    "tokenizer_class", "tokenizer_model_type", "bos_token", "eos_token", "suppress_tokens",
    "begin_suppress_tokens",
    "forced_bos_token", "vocab_padding", "pad_vocab_size_multiple",
    // Training.
    "initializer_range", "initializer_cutoff_factor", "init_std", "layerdrop",
    "seq_classif_dropout",
    "attention_layers", "sparse_prediction", "sparse_pred_ignore_index", "torch_compile",
    "keys_to_ignore_at_inference",
    "output_past", "use_mrope", "tie_encoder_decoder", "is_composition", "prefix", "pruned_heads",
    "finetuning_task", "task_specific_params", "skip_bias_add", "skip_bias_add_qkv",
    "mup_base_shape",
    // Heads for other tasks, and what lies around a text model that sees pictures.
    "id2label", "label2id", "num_labels", "problem_type", "classifier_pooling",
    "classifier_activation",
    "classifier_bias", "vision_config", "mm_tokens_per_image", "image_token_index", "text_config",
    // Defaults of generation.
    "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups",
    "diversity_penalty", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty",
    "length_penalty",
    "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences",
    "output_scores", "exponential_decay_length_penalty", "remove_invalid_values",
    // Said by the weights themselves, or without a meaning where a model has not asked: windows that are switched off,
    // the trained length of a scaling that is not there.
    "sinusoidal_pos_embds", "norm_bias", "mlp_bias", "attention_bias", "use_qkv_bias", "qkv_bias",
    "sliding_window", "max_window_layers", "sliding_window_pattern", "layer_types",
    "original_max_position_embeddings", "rope_scaling", "n_ctx", "use_sliding_window",
    "no_rope_layer_interval", "rope_local_base_freq", "type_vocab_size",
  ]
}
