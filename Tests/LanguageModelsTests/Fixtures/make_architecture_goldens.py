"""Small random checkpoints of every architecture, and what Hugging Face transformers computes from them.

Each folder under architectures/ is an ordinary Hugging Face checkpoint (config.json, model.safetensors) with
  golden.json         prompts, greedy continuations, log-probabilities (natural logarithm) of continuations
  golden.safetensors  logits.{i}: float32 logits of prompt i at every position, [tokens, vocabulary]

Run:  pip install torch transformers numpy  &&  python make_architecture_goldens.py
Written by transformers 5.23.0; float32 arithmetic whatever type the weights are stored in.
"""

import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    GPTJConfig,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    Qwen2Config,
    RobertaConfig,
)

FOLDER = pathlib.Path(__file__).parent / "architectures"
NEW_TOKENS = 10


def version4(config):
    """The keys that transformers 4 wrote: rope_theta and rope_scaling in place of rope_parameters."""
    rope = config.pop("rope_parameters", None)
    if rope:
        config["rope_theta"] = rope.pop("rope_theta", 10000.0)
        kind = rope.pop("rope_type", "default")
        config["rope_scaling"] = None if kind == "default" else {"type": kind, **rope}
    config["torch_dtype"] = config.pop("dtype", "float32")
    config.pop("layer_types", None)
    return config


def randomise(model, seed):
    """Weights large enough that attention is far from uniform and that every bias and gain matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() >= 2:
                is_embedding = "embed" in name or "wte" in name
                parameter.copy_(noise * (0.7 if is_embedding else 1.4 / parameter.shape[-1] ** 0.5))
            elif "norm" in name.lower() or "ln_" in name:
                parameter.copy_(noise * 0.3 + (1 if name.endswith("weight") else 0))
            else:
                parameter.copy_(noise * 0.3)


def write(name, config, *, seed, dtype=torch.float32, old_config=False, longest=17, greedy=True):
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    is_masked = config.model_type == "roberta"
    kind = AutoModelForMaskedLM if is_masked else AutoModelForCausalLM
    model = kind.from_config(config, dtype=torch.float32)
    randomise(model, seed)
    model.to(dtype).save_pretrained(folder)
    for extra in ("generation_config.json",):
        (folder / extra).unlink(missing_ok=True)
    if old_config:
        path = folder / "config.json"
        path.write_text(json.dumps(version4(json.loads(path.read_text())), indent=2) + "\n")
    # Read back, so that the goldens are what anybody gets from these files.
    model = kind.from_pretrained(folder, dtype=torch.float32).eval()

    generator = torch.Generator().manual_seed(seed + 1)
    lowest = 5 if is_masked else 0  # keep the padding id out of RoBERTa's prompts
    prompts = [
        torch.randint(lowest, config.vocab_size, (length,), generator=generator).tolist()
        for length in (1, 2, 6, longest)
    ]
    golden = {"prompts": prompts}
    logits = []
    with torch.no_grad():
        if is_masked:
            length = max(map(len, prompts))
            ids = torch.tensor([p + [config.pad_token_id] * (length - len(p)) for p in prompts])
            mask = torch.tensor([[1] * len(p) + [0] * (length - len(p)) for p in prompts])
            batch = model(input_ids=ids, attention_mask=mask).logits
            logits = [row[: len(prompt)] for row, prompt in zip(batch, prompts)]
        else:
            logits = [model(torch.tensor([p])).logits[0] for p in prompts]
            if greedy:
                golden["greedy"] = []
                for prompt in prompts:
                    ids = list(prompt)
                    for _ in range(NEW_TOKENS):
                        ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
                    golden["greedy"].append(ids[len(prompt) :])
            golden["continuations"] = []
            for prompt in prompts[1:]:
                split = (len(prompt) + 1) // 2
                scores = model(torch.tensor([prompt])).logits[0].double().log_softmax(-1)
                value = sum(float(scores[i - 1, prompt[i]]) for i in range(split, len(prompt)))
                golden["continuations"].append(
                    {"prompt": prompt[:split], "continuation": prompt[split:], "logProbability": value}
                )
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    tensors = {f"logits.{i}": value.float().contiguous() for i, value in enumerate(logits)}
    save_file(tensors, folder / "golden.safetensors", metadata={"format": "pt"})
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{name:24} {size // 1024:5} KiB, largest logit {max(float(v.abs().max()) for v in logits):.2f}")


def gptj(**keys):
    return GPTJConfig(bos_token_id=0, eos_token_id=0, **keys)


def llama(**keys):
    return LlamaConfig(bos_token_id=1, eos_token_id=2, **keys)


def main():
    torch.set_num_threads(1)
    write(
        "gptj-partial-rotary",
        gptj(vocab_size=101, n_positions=48, n_embd=24, n_layer=2, n_head=3, rotary_dim=4),
        seed=1,
    )
    write(
        "gptj-one-layer",
        gptj(vocab_size=67, n_positions=32, n_embd=20, n_layer=1, n_head=2, rotary_dim=10, n_inner=50,
             layer_norm_epsilon=1e-4),
        seed=2, dtype=torch.float16,
    )
    write(
        "gptj-deep-tied",
        gptj(vocab_size=53, n_positions=64, n_embd=16, n_layer=6, n_head=4, rotary_dim=2,
             tie_word_embeddings=True),
        seed=3, dtype=torch.float16, old_config=True,
    )
    write(
        "llama-plain",
        llama(vocab_size=103, hidden_size=24, intermediate_size=40, num_hidden_layers=2,
              num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=64,
              tie_word_embeddings=False),
        seed=4,
    )
    write(
        "llama-grouped-biased-tied",
        llama(vocab_size=61, hidden_size=24, intermediate_size=36, num_hidden_layers=3,
              num_attention_heads=6, num_key_value_heads=2, head_dim=10, max_position_embeddings=64,
              attention_bias=True, mlp_bias=True, tie_word_embeddings=True, rms_norm_eps=1e-3),
        seed=5, dtype=torch.float16,
    )
    write(
        "llama-linear-scaling",
        llama(vocab_size=71, hidden_size=18, intermediate_size=25, num_hidden_layers=1,
              num_attention_heads=3, num_key_value_heads=1, max_position_embeddings=64,
              rope_parameters={"rope_type": "linear", "rope_theta": 5000.0, "factor": 4.0}),
        seed=6, old_config=True,
    )
    write(
        "llama-llama3-scaling",
        llama(vocab_size=59, hidden_size=32, intermediate_size=33, num_hidden_layers=2,
              num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=128,
              rope_parameters={"rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0,
                               "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                               "original_max_position_embeddings": 32}),
        seed=7, dtype=torch.bfloat16, longest=60,
    )
    write(
        "llama-dynamic-scaling",
        llama(vocab_size=47, hidden_size=24, intermediate_size=31, num_hidden_layers=2,
              num_attention_heads=3, num_key_value_heads=3, max_position_embeddings=16,
              rope_parameters={"rope_type": "dynamic", "rope_theta": 1000.0, "factor": 4.0}),
        seed=8, dtype=torch.bfloat16, longest=40, greedy=False,
    )
    write(
        "llama-deep",
        llama(vocab_size=43, hidden_size=16, intermediate_size=24, num_hidden_layers=7,
              num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=64),
        seed=9, dtype=torch.float16, old_config=True,
    )
    write(
        "mistral-window",
        MistralConfig(vocab_size=83, hidden_size=20, intermediate_size=44, num_hidden_layers=2,
                      num_attention_heads=5, num_key_value_heads=1, max_position_embeddings=64,
                      sliding_window=5, bos_token_id=1, eos_token_id=2),
        seed=10, dtype=torch.bfloat16,
    )
    write(
        "qwen2",
        Qwen2Config(vocab_size=97, hidden_size=28, intermediate_size=38, num_hidden_layers=2,
                    num_attention_heads=7, num_key_value_heads=1, max_position_embeddings=64,
                    tie_word_embeddings=True, bos_token_id=1, eos_token_id=2),
        seed=11,
    )
    write(
        "roberta",
        RobertaConfig(vocab_size=107, hidden_size=24, intermediate_size=50, num_hidden_layers=2,
                      num_attention_heads=3, max_position_embeddings=40, type_vocab_size=1,
                      layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2),
        seed=12,
    )
    write(
        "roberta-one-layer",
        RobertaConfig(vocab_size=73, hidden_size=20, intermediate_size=32, num_hidden_layers=1,
                      num_attention_heads=5, max_position_embeddings=24, type_vocab_size=2,
                      layer_norm_eps=1e-3, pad_token_id=1, bos_token_id=0, eos_token_id=2),
        seed=13, dtype=torch.float16, old_config=True,
    )
    write(
        "roberta-deep",
        RobertaConfig(vocab_size=51, hidden_size=16, intermediate_size=24, num_hidden_layers=5,
                      num_attention_heads=2, max_position_embeddings=34, type_vocab_size=1,
                      pad_token_id=1, bos_token_id=0, eos_token_id=2),
        seed=14, dtype=torch.bfloat16,
    )
    write(
        "mixtral",
        MixtralConfig(vocab_size=53, hidden_size=16, intermediate_size=20, num_hidden_layers=2,
                      num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=64,
                      num_local_experts=4, num_experts_per_tok=2, bos_token_id=1, eos_token_id=2),
        seed=15,
    )


if __name__ == "__main__":
    main()
