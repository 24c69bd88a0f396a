"""Small random checkpoints of seven families in many shapes: laser against transformers and numpy.

Run:  python check_families.py LASER [--seed N] [--only WORD] [--damaged N]
For each model LASER must give the logits of transformers; for an edit of each kind of site those of transformers with
numpy's best approximation in its place; and `laser apply` a folder that transformers loads with the same logits. The
bound is 1e-4 of the largest logit. With --damaged, N damaged copies of each model must each give an error or logits.
Written for transformers 5.24.0; needs torch, numpy and safetensors.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import tempfile

import numpy
import torch
import transformers
from safetensors.torch import load_file, save_file

BOUND = 1e-4
TOKENS = 47
VOCABULARY = 211


# What each family is tried with: its class, the sizes that are common, and the variants by name.

MODELS = {
    "bert": (
        "BertForMaskedLM",
        dict(hidden_size=40, num_hidden_layers=2, num_attention_heads=5, intermediate_size=72,
             max_position_embeddings=64, pad_token_id=0),
        {
            "plain": {},
            "tanh, one type": dict(hidden_act="gelu_new", type_vocab_size=1),
            "old names": dict(_names="old"),
            "no decoder tensors": dict(_names="no decoder"),
            "decoder tensors": dict(_names="decoder"),
            "untied": dict(tie_word_embeddings=False),
            "two biases": dict(_names="two biases"),
            "relu, wide epsilon": dict(hidden_act="relu", layer_norm_eps=1e-3),
        },
    ),
    "distilbert": (
        "DistilBertForMaskedLM",
        dict(dim=48, n_layers=2, n_heads=3, hidden_dim=56, max_position_embeddings=64),
        {
            "plain": {},
            "relu": dict(activation="relu"),
            "sinusoidal": dict(sinusoidal_pos_embds=True),
            "decoder tensors": dict(_names="decoder"),
        },
    ),
    "modernbert": (
        "ModernBertForMaskedLM",
        dict(hidden_size=48, num_hidden_layers=4, num_attention_heads=3, intermediate_size=40,
             max_position_embeddings=96, local_attention=12, pad_token_id=0, bos_token_id=1,
             eos_token_id=2, cls_token_id=1, sep_token_id=2),
        {
            "plain": {},
            "biases": dict(attention_bias=True, mlp_bias=True, norm_bias=True),
            "classifier bias": dict(classifier_bias=True),
            "no decoder bias": dict(decoder_bias=False),
            "every second": dict(global_attn_every_n_layers=2),
            "all global": dict(global_attn_every_n_layers=1),
            "transformers 4": dict(_style=4, global_attn_every_n_layers=2, _local=300.0),
            "tanh": dict(hidden_activation="gelu_new"),
        },
    ),
    "bloom": (
        "BloomForCausalLM",
        dict(hidden_size=48, n_layer=2, n_head=4),
        {
            "plain": {},
            "six heads": dict(n_head=6),
            "three heads": dict(n_head=3),
            "twelve heads": dict(n_head=12),
            "one head": dict(n_head=1),
            "residual after the norm": dict(apply_residual_connection_post_layernorm=True),
            "no prefix, old keys": dict(_names="no prefix", _keys={
                "hidden_size": "n_embed", "n_head": "num_attention_heads"}),
        },
    ),
    "cohere": (
        "CohereForCausalLM",
        dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4,
             intermediate_size=72, max_position_embeddings=96, pad_token_id=0, bos_token_id=1,
             eos_token_id=2),
        {
            "plain": {},
            "head norms": dict(use_qk_norm=True),
            "grouped": dict(num_key_value_heads=2),
            "one key head, head norms": dict(num_key_value_heads=1, use_qk_norm=True),
            "biases": dict(attention_bias=True, logit_scale=0.5),
            "transformers 4": dict(_style=4, _base=750.0),
        },
    ),
    "opt": (
        "OPTForCausalLM",
        dict(hidden_size=48, num_hidden_layers=2, num_attention_heads=4, ffn_dim=56,
             max_position_embeddings=64, word_embed_proj_dim=48),
        {
            "norm before": {},
            "norm after": dict(do_layer_norm_before=False),
            "norm before, projected": dict(word_embed_proj_dim=20),
            "norm after, projected": dict(do_layer_norm_before=False, word_embed_proj_dim=20),
            "no last norm": dict(_remove_final_layer_norm=True),
            "no biases": dict(enable_bias=False),
            "norms without weights": dict(layer_norm_elementwise_affine=False),
            "no prefix, exact gelu": dict(_names="no prefix", activation_function="gelu"),
        },
    ),
    "gpt_neo": (
        "GPTNeoForCausalLM",
        dict(hidden_size=48, num_layers=4, num_heads=4, max_position_embeddings=64, window_size=9,
             attention_types=[[["global", "local"], 2]]),
        {
            "plain": {},
            "window of two": dict(window_size=2),
            "local first": dict(num_layers=3, attention_types=[[["local"], 2], [["global"], 1]]),
            "inner width, exact gelu": dict(intermediate_size=80, activation_function="gelu"),
            "no prefix": dict(_names="no prefix"),
        },
    ),
}

# Where each kind of matrix lies: the tensor of layer {i}, and which part of it. Written here on its own, so that the
# check does not repeat what the program believes.


def rows(first, last):
    """Rows as fractions of the tensor's height."""
    return lambda t: list(range(t.shape[0] * first[0] // first[1], t.shape[0] * last[0] // last[1]))


def interleaved(part):
    """The rows of queries, keys or values that lie head by head."""

    def find(tensor, heads):
        width = tensor.shape[0] // (3 * heads)
        return [3 * width * h + part * width + j for h in range(heads) for j in range(width)]

    return find


BERT = "bert.encoder.layer.{i}."
DISTIL = "distilbert.transformer.layer.{i}."
MODERN = "model.layers.{i}."
BLOOM = "transformer.h.{i}."
COHERE = "model.layers.{i}."
OPT = "model.decoder.layers.{i}."
NEO = "transformer.h.{i}."
SITES = {
    "bert": {
        "Wq": BERT + "attention.self.query", "Wk": BERT + "attention.self.key",
        "Wv": BERT + "attention.self.value", "Wo": BERT + "attention.output.dense",
        "Uin": BERT + "intermediate.dense", "Uout": BERT + "output.dense",
    },
    "distilbert": {
        "Wq": DISTIL + "attention.q_lin", "Wk": DISTIL + "attention.k_lin",
        "Wv": DISTIL + "attention.v_lin", "Wo": DISTIL + "attention.out_lin",
        "Uin": DISTIL + "ffn.lin1", "Uout": DISTIL + "ffn.lin2",
    },
    "modernbert": {
        "Wq": (MODERN + "attn.Wqkv", rows((0, 3), (1, 3))),
        "Wk": (MODERN + "attn.Wqkv", rows((1, 3), (2, 3))),
        "Wv": (MODERN + "attn.Wqkv", rows((2, 3), (3, 3))),
        "Wo": MODERN + "attn.Wo",
        "Uin": (MODERN + "mlp.Wi", rows((0, 2), (1, 2))),
        "Uup": (MODERN + "mlp.Wi", rows((1, 2), (2, 2))),
        "Uout": MODERN + "mlp.Wo",
    },
    "bloom": {
        "Wq": (BLOOM + "self_attention.query_key_value", interleaved(0)),
        "Wk": (BLOOM + "self_attention.query_key_value", interleaved(1)),
        "Wv": (BLOOM + "self_attention.query_key_value", interleaved(2)),
        "Wo": BLOOM + "self_attention.dense",
        "Uin": BLOOM + "mlp.dense_h_to_4h", "Uout": BLOOM + "mlp.dense_4h_to_h",
    },
    "cohere": {
        "Wq": COHERE + "self_attn.q_proj", "Wk": COHERE + "self_attn.k_proj",
        "Wv": COHERE + "self_attn.v_proj", "Wo": COHERE + "self_attn.o_proj",
        "Uin": COHERE + "mlp.gate_proj", "Uup": COHERE + "mlp.up_proj",
        "Uout": COHERE + "mlp.down_proj",
    },
    "opt": {
        "Wq": OPT + "self_attn.q_proj", "Wk": OPT + "self_attn.k_proj",
        "Wv": OPT + "self_attn.v_proj", "Wo": OPT + "self_attn.out_proj",
        "Uin": OPT + "fc1", "Uout": OPT + "fc2",
    },
    "gpt_neo": {
        "Wq": NEO + "attn.attention.q_proj", "Wk": NEO + "attn.attention.k_proj",
        "Wv": NEO + "attn.attention.v_proj", "Wo": NEO + "attn.attention.out_proj",
        "Uin": NEO + "mlp.c_fc", "Uout": NEO + "mlp.c_proj",
    },
}


# Writing checkpoints


def randomise(model, seed):
    """Weights so large that attention is far from uniform and every bias and gain matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 2 and "norm" not in name.lower():
                is_table = "embed" in name or ".wte" in name or ".wpe" in name
                parameter.copy_(noise * (0.5 if is_table else 1.3 / parameter.shape[1] ** 0.5))
            else:
                is_gain = name.endswith("weight")
                parameter.copy_(noise * 0.3 + (1 if is_gain else 0))
    model.tie_weights()


def renamed(tensors, names):
    """The tensors as other versions of the library, or the hub's own files, have them."""
    result = {}
    for name, tensor in tensors.items():
        if names == "old":
            name = name.replace("LayerNorm.weight", "LayerNorm.gamma")
            name = name.replace("LayerNorm.bias", "LayerNorm.beta")
        if names in ("old", "no decoder") and ".decoder." in name:
            continue
        if names == "no prefix":
            name = name.removeprefix("transformer.").removeprefix("model.")
        result[name] = tensor.contiguous()
    if names == "two biases":
        bias = tensors["cls.predictions.bias"]
        result["cls.predictions.decoder.bias"] = bias.flip(0).contiguous()
    if names == "decoder":
        if "bert.embeddings.word_embeddings.weight" in tensors:
            result["cls.predictions.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"].clone()
            result["cls.predictions.decoder.bias"] = tensors["cls.predictions.bias"].clone()
        else:
            result["vocab_projector.weight"] = tensors["distilbert.embeddings.word_embeddings.weight"].clone()
    return result


def configuration(path, keys, style, defaults):
    """Rewrites config.json: renamed keys, the older style of rotary positions, default values left out."""
    config = json.loads(path.read_text())
    for key, value in defaults.items():
        if key != "model_type" and key in config and config[key] == value:
            del config[key]
    for new, old in keys.items():
        if new in config:
            config[old] = config.pop(new)
    rope = config.pop("rope_parameters", None) if style == 4 else None
    if rope and "full_attention" in rope:
        config["global_rope_theta"] = rope["full_attention"]["rope_theta"]
        config["local_rope_theta"] = rope["sliding_attention"]["rope_theta"]
    elif rope:
        config |= {"rope_theta": rope["rope_theta"], "rope_scaling": None}
    if style == 4 and "layer_types" in config:
        del config["layer_types"]
        config["global_attn_every_n_layers"] = config.get("global_attn_every_n_layers", 3)
    path.write_text(json.dumps(config, indent=2) + "\n")


def write(folder, family, variant, seed):
    name, common, variants = MODELS[family]
    keys = {"vocab_size": VOCABULARY, **common, **variants[variant]}
    special = {key: keys.pop(key) for key in list(keys) if key in ("_names", "_style", "_keys", "_local", "_base")}
    kind = getattr(transformers, name)
    config = kind.config_class(**keys)
    if "_local" in special:
        config.rope_parameters["sliding_attention"]["rope_theta"] = special["_local"]
    if "_base" in special:
        config.rope_parameters["rope_theta"] = special["_base"]
    model = kind(config)
    randomise(model, seed)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    configuration(
        folder / "config.json", special.get("_keys", {}), special.get("_style", 5),
        kind.config_class().to_dict())
    file = folder / "model.safetensors"
    if "_names" in special:
        save_file(renamed(load_file(file), special["_names"]), file, metadata={"format": "pt"})


# Comparing


def load(family, folder):
    kind = getattr(transformers, MODELS[family][0])
    return kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def logits(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0].numpy()


def laser(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def program_logits(program, folder, ids, *edit):
    code, output, error = laser(
        program, "logits", "--model", folder, "--ids", ",".join(map(str, ids)), "--all", "--json", *edit)
    if code != 0:
        raise AssertionError(error.strip() or f"exit {code}")
    return numpy.array(json.loads(output)["logits"], dtype=numpy.float32)


def compare(found, expected, what):
    assert found.shape == expected.shape, f"{what}: {found.shape}, expected {expected.shape}"
    difference = float(numpy.abs(found - expected).max() / numpy.abs(expected).max())
    assert difference <= BOUND, f"{what}: logits differ by {difference:.2e} of the largest"
    return difference


def approximate(model, family, kind, layer, share):
    """Puts the best approximation of the matrix in its place; float64."""
    place = SITES[family][kind]
    name, find = place if isinstance(place, tuple) else (place, None)
    parameter = dict(model.named_parameters())[name.format(i=layer) + ".weight"]
    whole = parameter.detach().double().numpy().copy()
    if find is None:
        chosen = list(range(whole.shape[0]))
    elif family == "bloom":
        chosen = find(whole, model.config.n_head)
    else:
        chosen = find(whole)
    left, values, right = numpy.linalg.svd(whole[chosen], full_matrices=False)
    rank = int(share * len(values) + 1e-9)
    whole[chosen] = (left[:, :rank] * values[:rank]) @ right[:rank]
    with torch.no_grad():
        parameter.copy_(torch.tensor(whole, dtype=torch.float32))


def check(program, family, variant, seed, folder):
    write(folder, family, variant, seed)
    generator = random.Random(seed)
    prompts = [[generator.randrange(5, VOCABULARY) for _ in range(count)] for count in (1, 2, TOKENS)]
    worst = 0.0
    for ids in prompts:
        expected = logits(load(family, folder), ids)
        worst = max(worst, compare(program_logits(program, folder, ids), expected, f"{len(ids)} tokens"))
    ids, share = prompts[-1], 0.3
    for kind in SITES[family]:
        model = load(family, folder)
        layer = generator.randrange(len([n for n, _ in model.named_parameters() if n.endswith(
            (SITES[family]["Wo"] + ".weight").split("{i}")[1])]))
        before = logits(model, ids)
        approximate(model, family, kind, layer, share)
        expected = logits(model, ids)
        moved = numpy.abs(expected - before).max() / numpy.abs(before).max()
        assert moved > 10 * BOUND, f"{kind}:{layer} moves the logits by {moved:.1e} only"
        edit = ("--edit", f"{kind}:{layer}:{share}")
        worst = max(worst, compare(
            program_logits(program, folder, ids, *edit), expected, f"{kind}:{layer}"))
        with tempfile.TemporaryDirectory() as parent:
            target = pathlib.Path(parent) / "edited"
            code, _, error = laser(program, "apply", "--model", folder, *edit, "-o", target)
            assert code == 0, f"apply {kind}:{layer}: {error.strip()}"
            worst = max(worst, compare(
                logits(load(family, target), ids), expected, f"apply {kind}:{layer}"))
    return worst


# Damaged checkpoints


def damage(folder, generator):
    """Spoils one thing, and says which."""
    path, file = folder / "config.json", folder / "model.safetensors"
    config = json.loads(path.read_text())
    what = generator.randrange(4)
    if what == 0:
        key = generator.choice(sorted(config))
        del config[key]
        description = f"without {key}"
    elif what == 1:
        key = generator.choice(sorted(config))
        config[key] = generator.choice(
            [0, -1, 1, 3, 7, 2**31, 2**63 - 1, 1e308, 0.5, "x", "", [], [[]], {}, True, None])
        description = f"{key} = {config[key]!r}"
    else:
        tensors = load_file(file)
        name = generator.choice(sorted(tensors))
        if what == 2:
            del tensors[name]
            description = f"without {name}"
        else:
            shape = list(tensors[name].shape)
            axis = generator.randrange(len(shape))
            shape[axis] = generator.choice([0, 1, shape[axis] + 1, 2 * shape[axis]])
            tensors[name] = torch.zeros(generator.choice([shape, shape + [1], [1] + shape, []]))
            description = f"{name} of shape {list(tensors[name].shape)}"
        save_file(tensors, file, metadata={"format": "pt"})
        return description
    path.write_text(json.dumps(config))
    return description


def check_damaged(program, folder, count, seed):
    generator = random.Random(seed)
    errors = 0
    for _ in range(count):
        with tempfile.TemporaryDirectory() as parent:
            copy = pathlib.Path(parent) / "damaged"
            shutil.copytree(folder, copy)
            description = damage(copy, generator)
            code, output, error = laser(program, "logits", "--model", copy, "--ids", "5,6,7,8,9", "--json")
            assert code in (0, 1), f"{description}: exit {code}: {error.strip()[-200:]}"
            assert code == 0 or error.startswith("Error:"), f"{description}: {error.strip()[-200:]}"
            errors += code
    return errors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("laser")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--damaged", type=int, default=0)
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    failures = 0
    for family, (_, _, variants) in MODELS.items():
        for variant in variants:
            if options.only not in f"{family}: {variant}":
                continue
            with tempfile.TemporaryDirectory() as parent:
                folder = pathlib.Path(parent)
                try:
                    worst = check(options.laser, family, variant, options.seed, folder)
                    line = f"{worst:.1e}"
                    if options.damaged:
                        count = check_damaged(options.laser, folder, options.damaged, options.seed)
                        line += f", {count} of {options.damaged} damaged copies refused, no trap"
                except Exception as error:
                    failures += 1
                    line = f"FAILED: {type(error).__name__}: {error}"
            print(f"{family}: {variant}: {line}", flush=True)
    raise SystemExit(failures > 0)


if __name__ == "__main__":
    main()
