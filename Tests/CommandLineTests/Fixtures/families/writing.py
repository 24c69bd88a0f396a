"""Writes a random checkpoint as files are found: either style of config.json, default keys left out or not, 16 bits,
shards with an index or without, experts one by one or stacked, names with a prefix or without."""

import json

import torch
import transformers
from safetensors.torch import load_file, save_file

import masked
import shapes

MASKED = ("bert", "roberta", "distilbert", "modernbert")
CLASSES = {
    "llama": "Llama", "mistral": "Mistral", "qwen2": "Qwen2", "qwen3": "Qwen3", "qwen3_moe": "Qwen3Moe",
    "qwen2_moe": "Qwen2Moe", "mixtral": "Mixtral", "olmoe": "Olmoe", "gemma": "Gemma", "gemma2": "Gemma2",
    "gemma3": "Gemma3", "phi": "Phi", "phi3": "Phi3", "olmo2": "Olmo2", "olmo3": "Olmo3", "stablelm": "StableLm",
    "granite": "Granite", "smollm3": "SmolLM3", "starcoder2": "Starcoder2", "cohere": "Cohere", "gpt2": "GPT2",
    "gptj": "GPTJ", "gpt_neox": "GPTNeoX", "gpt_neo": "GPTNeo", "opt": "OPT", "bloom": "Bloom", "bert": "Bert",
    "roberta": "Roberta", "distilbert": "DistilBert", "modernbert": "ModernBert",
}
ENDINGS = {"gpt2": "LMHeadModel", **{family: "ForMaskedLM" for family in MASKED}}


def model_class(family):
    return getattr(transformers, CLASSES[family] + ENDINGS.get(family, "ForCausalLM"))


def config_class(family):
    return transformers.Gemma3TextConfig if family == "gemma3" else model_class(family).config_class


def draw(family, generator):
    return getattr(masked if family in MASKED else shapes, family)(generator)


def randomise(model, seed):
    """Weights so large that attention is far from uniform and every bias and gain matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() >= 2 and "norm" not in name.lower():
                is_table = "embed" in name or ".wte" in name or ".wpe" in name
                parameter.copy_(noise * (0.5 if is_table else 1.3 / parameter.shape[-1] ** 0.5))
            else:
                is_gain = name.endswith("weight") and "gemma" not in type(model).__name__.lower()
                parameter.copy_(noise * 0.3 + (1 if is_gain else 0))
    model.tie_weights()


def older(config, family):
    """config.json as transformers 4 wrote it."""
    config = dict(config)
    if "dtype" in config:
        config["torch_dtype"] = config.pop("dtype")
    rope = config.pop("rope_parameters", None)
    if rope and "full_attention" in rope:
        full, local = dict(rope["full_attention"]), rope["sliding_attention"]
        if family == "modernbert":
            config |= dict(global_rope_theta=full["rope_theta"], local_rope_theta=local["rope_theta"])
        else:
            config["rope_theta"] = full.pop("rope_theta")
            if family == "gemma3":
                config["rope_local_base_freq"] = local["rope_theta"]
            config["rope_scaling"] = full if full["rope_type"] != "default" else None
    elif rope:
        rope = dict(rope)
        theta, share = rope.pop("rope_theta"), rope.pop("partial_rotary_factor", None)
        names = ("rotary_emb_base", "rotary_pct") if family == "gpt_neox" else ("rope_theta", "partial_rotary_factor")
        config[names[0]] = theta
        if share is not None:
            config[names[1]] = share
        if family == "phi3":
            rope.pop("original_max_position_embeddings", None)
            rope.pop("factor", None)
        if rope["rope_type"] in ("linear", "dynamic", "yarn", "longrope"):
            rope["type"] = rope.pop("rope_type")
        config["rope_scaling"] = rope if rope.get("rope_type") != "default" else None
    return config


def stacked(tensors, family):
    """Experts as transformers 5 has them in memory."""
    result, experts = {}, {}
    for name, tensor in tensors.items():
        before, found, after = name.partition(".mlp.experts.")
        if found:
            number, matrix, _ = after.split(".")
            experts.setdefault(before, {})[int(number), matrix] = tensor
        else:
            result[name] = tensor
    for before, parts in experts.items():
        count = 1 + max(number for number, _ in parts)
        both = [torch.cat([parts[e, "gate_proj"], parts[e, "up_proj"]]) for e in range(count)]
        result[before + ".mlp.experts.gate_up_proj"] = torch.stack(both)
        result[before + ".mlp.experts.down_proj"] = torch.stack([parts[e, "down_proj"] for e in range(count)])
    return result


def wrapped(config, tensors):
    """Gemma 3 inside of its vision model's files, without the vision tower."""
    tensors = {"language_model." + name: tensor for name, tensor in tensors.items()}
    config = {"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"], "text_config": config,
              "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 16, "num_attention_heads": 2}}
    return config, tensors


def save(folder, tensors, parts, has_index):
    names = sorted(tensors)
    if parts == 1:
        files = {"model.safetensors": names}
    else:
        files = {f"model-{i + 1:05}-of-{parts:05}.safetensors": names[i::parts] for i in range(parts)}
    for file, own in files.items():
        save_file({name: tensors[name].contiguous() for name in own}, folder / file, metadata={"format": "pt"})
    if has_index:
        index = {"metadata": {"total_size": sum(t.numel() * t.element_size() for t in tensors.values())},
                 "weight_map": {name: file for file, own in files.items() for name in own}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def write(folder, family, generator, seed):
    """A checkpoint of `family`, and what is particular about its files."""
    keys = draw(family, generator)
    model = model_class(family)(config_class(family)(**keys))
    randomise(model, seed)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    file, path = folder / "model.safetensors", folder / "config.json"
    tensors, config = load_file(file), json.loads(path.read_text())
    file.unlink()
    told = []
    kind = generator.choice(["float32", "float32", "bfloat16", "float16"])
    if kind != "float32":
        tensors = {name: tensor.to(getattr(torch, kind)) for name, tensor in tensors.items()}
        config["dtype"] = kind
        told.append(kind)
    if generator.random() < 0.5:
        config = older(config, family)
        told.append("transformers 4")
    if generator.random() < 0.5:
        defaults = config_class(family)().to_dict()
        needed = {"model_type", "architectures", "vocab_size", "hidden_size", "num_hidden_layers",
                  "num_attention_heads", "intermediate_size"}
        config = {key: value for key, value in config.items() if key in needed or key not in defaults or defaults[key] != value}
        told.append("short")
    if family in ("qwen3_moe", "qwen2_moe", "olmoe") and generator.random() < 0.4:
        tensors = stacked(tensors, family)
        told.append("stacked experts")
    if family in ("gpt2", "bloom") and generator.random() < 0.4:
        tensors = {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}
        told.append("no prefix")
    parts, has_index = generator.choice([(1, False), (1, False), (3, True), (2, False)])
    if parts > 1:
        told.append(f"{parts} parts" + (" with an index" if has_index else ""))
    save(folder, tensors, parts, has_index or parts > 1)
    path.write_text(json.dumps(config, indent=1))
    if parts > 1 and not has_index:
        # transformers wants an index; the program does not.
        (folder / "model.safetensors.index.json").rename(folder / "index.kept")
    return tensors, told, keys


def load(family, folder):
    """The model of transformers in 32 bits, whatever the files hold."""
    kept = folder / "index.kept"
    if kept.exists():
        (folder / "model.safetensors.index.json").write_bytes(kept.read_bytes())
    try:
        model, told = model_class(family).from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    finally:
        if kept.exists():
            (folder / "model.safetensors.index.json").unlink()
    missing = sorted(map(str, [*told["missing_keys"], *told["mismatched_keys"]]))
    if missing:
        raise ValueError(f"transformers misses {missing[:3]}")
    return model.float().eval()


def logits(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0].numpy()
