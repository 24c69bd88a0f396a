"""Configurations of every family, drawn at random: sizes, heads, biases, windows, rotary scalings, experts.

`draw(family, generator)` gives the keys of one. Sizes are odd on purpose: heads whose widths do not make up the stream's,
vocabularies that no power of two divides, one layer, one key head. Sequences are longer than windows and trained lengths.
"""

TRAINED = 32
LONGEST = 64


def base(g):
    return dict(vocab_size=g.choice([211, 257, 300]), bos_token_id=1, eos_token_id=2, pad_token_id=0)


def heads(g, width=None):
    """Query and key heads, and a width of heads that is the stream's share only when it has to be."""
    count = g.choice([1, 2, 3, 4, 6])
    keys = g.choice([k for k in range(1, count + 1) if count % k == 0])
    head = width or g.choice([8, 12, 16, 20, 24])
    return count, keys, head


def scaled(g, kinds=("default", "linear", "dynamic", "llama3", "yarn")):
    """Rotary positions of one kind, and the length that the model was trained for."""
    kind = g.choice(kinds)
    rope = {"rope_type": kind, "rope_theta": g.choice([100.0, 10000.0, 500000.0])}
    length = LONGEST
    if kind in ("linear", "dynamic"):
        rope["factor"] = g.choice([2.0, 4.0])
        length = TRAINED
    elif kind == "llama3":
        rope |= dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=g.choice([2.0, 4.0]),
                     original_max_position_embeddings=TRAINED)
    elif kind == "yarn":
        rope |= dict(factor=g.choice([2.0, 4.0]), original_max_position_embeddings=TRAINED)
        length = g.choice([LONGEST, TRAINED])
        rope |= g.choice([{}, dict(attention_factor=1.3), dict(mscale=1.0, mscale_all_dim=0.5),
                          dict(beta_fast=8.0, beta_slow=2.0), dict(truncate=False)])
    return rope, length


def plain(g):
    return {"rope_type": "default", "rope_theta": g.choice([100.0, 10000.0, 500000.0])}


def llama(g, own_head=True, kinds=None, biases=("attention_bias", "mlp_bias")):
    count, keys, head = heads(g)
    rope, length = scaled(g) if kinds is None else scaled(g, kinds)
    config = base(g) | dict(
        hidden_size=g.choice([36, 48, 60]) if own_head else count * head,
        num_hidden_layers=g.choice([1, 2, 3]), num_attention_heads=count, num_key_value_heads=keys,
        intermediate_size=g.choice([40, 72, 100]), max_position_embeddings=length,
        tie_word_embeddings=g.random() < 0.5, rope_parameters=rope)
    if own_head:
        config["head_dim"] = head
    for key in biases:
        config[key] = g.random() < 0.5
    return config


def mistral(g):
    return llama(g, biases=()) | dict(sliding_window=g.choice([None, 7, 40]))


def qwen2(g):
    return llama(g, own_head=False, biases=()) | sliding(g)


def sliding(g):
    if g.random() < 0.5:
        return {}
    return dict(use_sliding_window=True, sliding_window=g.choice([5, 17]), max_window_layers=g.choice([0, 1]))


def qwen3(g):
    return llama(g, biases=("attention_bias",)) | sliding(g)


def experts(g):
    count = g.choice([3, 4, 8])
    return dict(num_experts=count, num_experts_per_tok=g.choice([1, 2, count]),
                norm_topk_prob=g.random() < 0.5)


def qwen3_moe(g):
    return llama(g, biases=("attention_bias",)) | experts(g) | dict(
        moe_intermediate_size=g.choice([16, 28]), decoder_sparse_step=g.choice([1, 1, 2]),
        mlp_only_layers=g.choice([[], [0]]))


def qwen2_moe(g):
    return llama(g, own_head=False, biases=()) | experts(g) | dict(
        moe_intermediate_size=g.choice([16, 28]), shared_expert_intermediate_size=g.choice([24, 36]),
        decoder_sparse_step=g.choice([1, 1, 2]), mlp_only_layers=g.choice([[], [0]]))


def mixtral(g):
    count = g.choice([3, 4, 8])
    return llama(g, biases=()) | dict(
        num_local_experts=count, num_experts_per_tok=g.choice([1, 2, count]), tie_word_embeddings=False,
        sliding_window=g.choice([None, 9]))


def olmoe(g):
    return llama(g, own_head=False, biases=("attention_bias",)) | experts(g) | dict(
        intermediate_size=g.choice([20, 32]), clip_qkv=g.choice([None, 1.2]))


def gemma(g):
    return llama(g, kinds=("default",), biases=("attention_bias",)) | dict(
        hidden_activation="gelu_pytorch_tanh", tie_word_embeddings=True)


def gemma2(g):
    return gemma(g) | dict(
        query_pre_attn_scalar=g.choice([10, 24]), sliding_window=g.choice([6, 30]),
        attn_logit_softcapping=g.choice([None, 2.0]), final_logit_softcapping=g.choice([None, 3.0]),
        num_hidden_layers=g.choice([1, 2, 3]))


def gemma3(g):
    full = g.choice([plain(g), plain(g) | dict(rope_type="linear", factor=8.0)])
    return gemma(g) | dict(
        query_pre_attn_scalar=g.choice([10, 24]), sliding_window=g.choice([6, 30]), sliding_window_pattern=2,
        num_hidden_layers=g.choice([2, 3, 5]), final_logit_softcapping=g.choice([None, 3.0]),
        rope_parameters={"full_attention": full, "sliding_attention": plain(g)})


def phi(g):
    return llama(g, own_head=False, kinds=("default", "linear"), biases=()) | dict(
        hidden_act=g.choice(["gelu_new", "gelu"]), qk_layernorm=g.random() < 0.4,
        rope_parameters=plain(g) | dict(partial_rotary_factor=g.choice([0.5, 1.0])),
        max_position_embeddings=LONGEST, tie_word_embeddings=False)


def phi3(g):
    config = llama(g, own_head=False, kinds=("default",), biases=())
    head = config["hidden_size"] // config["num_attention_heads"]
    share = g.choice([0.5, 1.0])
    config |= dict(sliding_window=g.choice([None, 7]), original_max_position_embeddings=LONGEST)
    config["rope_parameters"]["partial_rotary_factor"] = share
    if g.random() < 0.6:
        pairs = int(head * share) // 2
        config["original_max_position_embeddings"] = TRAINED
        config["rope_parameters"] |= dict(
            rope_type="longrope", short_factor=[1 + 0.1 * i for i in range(pairs)],
            long_factor=[1.2 + 0.7 * i for i in range(pairs)])
    return config


def olmo2(g):
    return llama(g, own_head=False, biases=("attention_bias",))


def olmo3(g):
    rope, length = scaled(g, ("default", "yarn"))
    # transformers 5 takes this base for the layers with a window of a file in the older style, whatever its base is;
    # the class that wrote such files took the file's.
    rope["rope_theta"] = 500000.0
    config = olmo2(g) | dict(
        sliding_window=g.choice([6, 20]), num_hidden_layers=g.choice([1, 4, 5]), max_position_embeddings=length)
    config["rope_parameters"] = {
        "full_attention": rope,
        "sliding_attention": {"rope_type": "default", "rope_theta": rope["rope_theta"]}}
    return config


def stablelm(g):
    config = llama(g, own_head=False, kinds=("default",), biases=())
    config["rope_parameters"]["partial_rotary_factor"] = g.choice([0.5, 1.0])
    return config | dict(use_qkv_bias=g.random() < 0.5, qk_layernorm=g.random() < 0.5,
                         use_parallel_residual=g.random() < 0.5)


def granite(g):
    return llama(g, own_head=False) | dict(
        embedding_multiplier=3.0, logits_scaling=g.choice([1.0, 5.0]), residual_multiplier=0.4,
        attention_multiplier=g.choice([0.2, 0.5]))


def smollm3(g):
    config = llama(g, own_head=False, kinds=("default", "yarn"), biases=("attention_bias", "mlp_bias"))
    count = config["num_hidden_layers"]
    return config | dict(no_rope_layers=[g.choice([0, 1]) for _ in range(count)])


def starcoder2(g):
    return llama(g, own_head=False, kinds=("default", "linear"), biases=()) | dict(
        use_bias=g.random() < 0.7, sliding_window=g.choice([None, 9]), hidden_act="gelu_pytorch_tanh")


def cohere(g):
    config = llama(g, own_head=False, kinds=("default",), biases=("attention_bias",))
    return config | dict(tie_word_embeddings=True, logit_scale=g.choice([0.0625, 0.5]),
                         use_qk_norm=g.random() < 0.5)


def gpt2(g):
    count, _, head = heads(g)
    return base(g) | dict(
        n_embd=count * head, n_head=count, n_layer=g.choice([1, 2, 3]), n_positions=LONGEST,
        n_inner=g.choice([None, 52]), activation_function=g.choice(["gelu_new", "gelu", "relu"]),
        scale_attn_by_inverse_layer_idx=g.random() < 0.5, scale_attn_weights=g.random() < 0.7,
        tie_word_embeddings=g.random() < 0.7)


def gptj(g):
    count, _, head = heads(g)
    return base(g) | dict(
        n_embd=count * head, n_head=count, n_layer=g.choice([1, 2, 3]), n_positions=LONGEST,
        n_inner=g.choice([None, 52]), rotary_dim=g.choice([4, 8]), tie_word_embeddings=False,
        activation_function="gelu_new")


def gpt_neox(g):
    count, _, head = heads(g)
    return base(g) | dict(
        hidden_size=count * head, num_attention_heads=count, num_hidden_layers=g.choice([1, 2, 3]),
        intermediate_size=g.choice([40, 100]), max_position_embeddings=LONGEST,
        hidden_act=g.choice(["gelu", "gelu_fast", "gelu_new"]), use_parallel_residual=g.random() < 0.5,
        attention_bias=g.random() < 0.7, tie_word_embeddings=g.random() < 0.3,
        rope_parameters=plain(g) | dict(partial_rotary_factor=g.choice([0.25, 0.5, 1.0]) if head % 8 == 0 else 1.0))


def gpt_neo(g):
    count, _, head = heads(g)
    kinds = g.choice([[[["global", "local"], 1]], [[["local"], 1]], [[["local"], 2], [["global"], 1]]])
    return base(g) | dict(
        hidden_size=count * head, num_heads=count, num_layers=sum(len(k) * n for k, n in kinds),
        attention_types=kinds, window_size=g.choice([3, 16]), intermediate_size=g.choice([None, 52]),
        max_position_embeddings=LONGEST, activation_function=g.choice(["gelu_new", "gelu"]))


def opt(g):
    count, _, head = heads(g)
    before = g.random() < 0.6
    return base(g) | dict(
        hidden_size=count * head, num_attention_heads=count, num_hidden_layers=g.choice([1, 2, 3]),
        ffn_dim=g.choice([40, 72]), max_position_embeddings=LONGEST, pad_token_id=1, bos_token_id=2,
        word_embed_proj_dim=g.choice([count * head, 20]), do_layer_norm_before=before,
        enable_bias=g.random() < 0.8, activation_function=g.choice(["relu", "gelu"]))


def bloom(g):
    count, _, head = heads(g)
    return base(g) | dict(hidden_size=count * head, n_head=count, n_layer=g.choice([1, 2, 3]),
                          apply_residual_connection_post_layernorm=g.random() < 0.3)
