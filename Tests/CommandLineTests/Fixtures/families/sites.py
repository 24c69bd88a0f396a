"""Where each kind of matrix lies in the files of every family, written here on its own: the check does not repeat what
the program believes. `place(...)` gives a tensor and an index into it that is one matrix, or its transpose.
"""

import numpy

LLAMA = {
    "Wq": "layers.{i}.self_attn.q_proj", "Wk": "layers.{i}.self_attn.k_proj", "Wv": "layers.{i}.self_attn.v_proj",
    "Wo": "layers.{i}.self_attn.o_proj", "Uin": "layers.{i}.mlp.gate_proj", "Uup": "layers.{i}.mlp.up_proj",
    "Uout": "layers.{i}.mlp.down_proj",
}
EXPERTS = {
    "Uin": "layers.{i}.mlp.experts.{e}.gate_proj", "Uup": "layers.{i}.mlp.experts.{e}.up_proj",
    "Uout": "layers.{i}.mlp.experts.{e}.down_proj",
}
MIXTRAL = {
    "Uin": "layers.{i}.block_sparse_moe.experts.{e}.w1", "Uup": "layers.{i}.block_sparse_moe.experts.{e}.w3",
    "Uout": "layers.{i}.block_sparse_moe.experts.{e}.w2",
}
NAMES = {
    "gpt2": {
        "Wq": "h.{i}.attn.c_attn", "Wk": "h.{i}.attn.c_attn", "Wv": "h.{i}.attn.c_attn",
        "Wo": "h.{i}.attn.c_proj", "Uin": "h.{i}.mlp.c_fc", "Uout": "h.{i}.mlp.c_proj",
    },
    "gptj": {
        "Wq": "h.{i}.attn.q_proj", "Wk": "h.{i}.attn.k_proj", "Wv": "h.{i}.attn.v_proj",
        "Wo": "h.{i}.attn.out_proj", "Uin": "h.{i}.mlp.fc_in", "Uout": "h.{i}.mlp.fc_out",
    },
    "gpt_neo": {
        "Wq": "h.{i}.attn.attention.q_proj", "Wk": "h.{i}.attn.attention.k_proj",
        "Wv": "h.{i}.attn.attention.v_proj", "Wo": "h.{i}.attn.attention.out_proj",
        "Uin": "h.{i}.mlp.c_fc", "Uout": "h.{i}.mlp.c_proj",
    },
    "gpt_neox": {
        "Wq": "layers.{i}.attention.query_key_value", "Wk": "layers.{i}.attention.query_key_value",
        "Wv": "layers.{i}.attention.query_key_value", "Wo": "layers.{i}.attention.dense",
        "Uin": "layers.{i}.mlp.dense_h_to_4h", "Uout": "layers.{i}.mlp.dense_4h_to_h",
    },
    "bloom": {
        "Wq": "h.{i}.self_attention.query_key_value", "Wk": "h.{i}.self_attention.query_key_value",
        "Wv": "h.{i}.self_attention.query_key_value", "Wo": "h.{i}.self_attention.dense",
        "Uin": "h.{i}.mlp.dense_h_to_4h", "Uout": "h.{i}.mlp.dense_4h_to_h",
    },
    "opt": {
        "Wq": "layers.{i}.self_attn.q_proj", "Wk": "layers.{i}.self_attn.k_proj",
        "Wv": "layers.{i}.self_attn.v_proj", "Wo": "layers.{i}.self_attn.out_proj",
        "Uin": "layers.{i}.fc1", "Uout": "layers.{i}.fc2",
    },
    "phi": {
        "Wq": "layers.{i}.self_attn.q_proj", "Wk": "layers.{i}.self_attn.k_proj",
        "Wv": "layers.{i}.self_attn.v_proj", "Wo": "layers.{i}.self_attn.dense",
        "Uin": "layers.{i}.mlp.fc1", "Uout": "layers.{i}.mlp.fc2",
    },
    "phi3": {
        "Wq": "layers.{i}.self_attn.qkv_proj", "Wk": "layers.{i}.self_attn.qkv_proj",
        "Wv": "layers.{i}.self_attn.qkv_proj", "Wo": "layers.{i}.self_attn.o_proj",
        "Uin": "layers.{i}.mlp.gate_up_proj", "Uup": "layers.{i}.mlp.gate_up_proj",
        "Uout": "layers.{i}.mlp.down_proj",
    },
    "starcoder2": {key: LLAMA[key] for key in ("Wq", "Wk", "Wv", "Wo")} | {
        "Uin": "layers.{i}.mlp.c_fc", "Uout": "layers.{i}.mlp.c_proj",
    },
    "bert": {
        "Wq": "layer.{i}.attention.self.query", "Wk": "layer.{i}.attention.self.key",
        "Wv": "layer.{i}.attention.self.value", "Wo": "layer.{i}.attention.output.dense",
        "Uin": "layer.{i}.intermediate.dense", "Uout": "layer.{i}.output.dense",
    },
    "distilbert": {
        "Wq": "layer.{i}.attention.q_lin", "Wk": "layer.{i}.attention.k_lin",
        "Wv": "layer.{i}.attention.v_lin", "Wo": "layer.{i}.attention.out_lin",
        "Uin": "layer.{i}.ffn.lin1", "Uout": "layer.{i}.ffn.lin2",
    },
    "modernbert": {
        "Wq": "layers.{i}.attn.Wqkv", "Wk": "layers.{i}.attn.Wqkv", "Wv": "layers.{i}.attn.Wqkv",
        "Wo": "layers.{i}.attn.Wo", "Uin": "layers.{i}.mlp.Wi", "Uup": "layers.{i}.mlp.Wi",
        "Uout": "layers.{i}.mlp.Wo",
    },
    "mixtral": LLAMA | MIXTRAL, "qwen3_moe": LLAMA, "qwen2_moe": LLAMA, "olmoe": LLAMA,
}
NAMES["roberta"] = NAMES["bert"]
EXPERT_NAMES = {"mixtral": MIXTRAL, "qwen3_moe": EXPERTS, "qwen2_moe": EXPERTS, "olmoe": EXPERTS}


def kinds(family):
    return list(NAMES.get(family, LLAMA))


def find(tensors, suffix):
    """The tensor whose name ends so, whatever it begins with."""
    found = [name for name in tensors if ("." + name).endswith("." + suffix)]
    return found[0] if len(found) == 1 else None


def expert_count(family, tensors, layer):
    """How many experts a layer has; 0 for none."""
    if family not in EXPERT_NAMES:
        return 0
    stack = find(tensors, f"layers.{layer}.mlp.experts.down_proj")
    if stack:
        return tensors[stack].shape[0]
    count = 0
    while find(tensors, EXPERT_NAMES[family]["Uout"].format(i=layer, e=count) + ".weight"):
        count += 1
    return count


def place(family, config, tensors, kind, layer, expert=None):
    if expert is not None:
        stack = find(tensors, f"layers.{layer}.mlp.experts.{'down' if kind == 'Uout' else 'gate_up'}_proj")
        if stack:
            inner = tensors[stack].shape[1] // 2
            part = {"Uin": slice(0, inner), "Uup": slice(inner, None), "Uout": slice(None)}[kind]
            return stack, (expert, part)
        return find(tensors, EXPERT_NAMES[family][kind].format(i=layer, e=expert) + ".weight"), ...
    name = find(tensors, NAMES.get(family, LLAMA)[kind].format(i=layer) + ".weight")
    shape = tensors[name].shape
    part = "Wq Wk Wv".split().index(kind) if kind in ("Wq", "Wk", "Wv") else None
    if family == "gpt2" and part is not None:
        width = shape[1] // 3
        return name, (slice(None), slice(part * width, (part + 1) * width))
    if family in ("gpt_neox", "bloom") and part is not None:
        count = getattr(config, "num_attention_heads", None) or config.n_head
        width = shape[0] // (3 * count)
        starts = numpy.arange(count) * 3 * width + part * width
        return name, (starts[:, None] + numpy.arange(width)).ravel()
    if family == "phi3" and part is not None:
        head = config.hidden_size // config.num_attention_heads
        edges = numpy.cumsum([0] + [head * count for count in (
            config.num_attention_heads, config.num_key_value_heads, config.num_key_value_heads)])
        return name, slice(edges[part], edges[part + 1])
    if family == "modernbert" and part is not None:
        return name, slice(part * shape[0] // 3, (part + 1) * shape[0] // 3)
    if family in ("phi3", "modernbert") and kind in ("Uin", "Uup"):
        half = shape[0] // 2
        return name, slice(0, half) if kind == "Uin" else slice(half, None)
    return name, ...


def approximate(tensors, where, share):
    """Puts the best approximation in float64 of the matrix in its place, and gives the tensor's new values."""
    name, index = where
    whole = tensors[name].double().numpy().copy()
    left, values, right = numpy.linalg.svd(whole[index], full_matrices=False)
    rank = int(share * len(values) + 1e-9)
    whole[index] = (left[:, :rank] * values[:rank]) @ right[:rank]
    return whole
