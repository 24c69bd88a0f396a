#!/usr/bin/env python3
"""A policy played by PyTorch in envpool's Sokoban: greedy, all rooms as one batch, 120 actions in each.

Two ways. `window`: the model runs over the last K time steps for every action, as the Decision Transformer's own
evaluation does; only the embeddings of those pictures are kept. `cached`: keys and values are kept too, in a ring of K
steps. envpool has four-box rooms of its own and begins another one where a room is solved; that the policy then still
sees the last steps of the room before costs nothing.

    pip install torch safetensors envpool && python rollouts.py POLICY window|cached
"""
import importlib.metadata
import json
import pathlib
import sys

import envpool
import numpy
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from measuring import serve, timed

folder, way = pathlib.Path(sys.argv[1]), sys.argv[2]
sizes, weights = json.loads((folder / "config.json").read_text()), load_file(folder / "model.safetensors")
WIDTH, LAYERS, HEADS, CONTEXT = sizes["hidden_size"], sizes["n_layer"], sizes["n_head"], sizes["context_steps"]
STEPS, TARGET, PLACES = 120, 10.0, 3 * sizes["context_steps"] + 2
ROOMS = 64 if way == "window" else 512
# By fixed tile (floor, wall, target) and what stands on it (nothing, player, box).
COLORS = torch.zeros(3, 5, 3)
COLORS[0, [0, 3, 4]] = torch.tensor([[243., 248, 238], [160, 212, 56], [142, 121, 56]]) / 255
COLORS[2, [0, 3, 4]] = torch.tensor([[254., 126, 125], [219, 212, 56], [254, 95, 56]]) / 255
ACTIONS = numpy.array([0, 2, 3, 1], numpy.int32)  # up, down, left, right among envpool's
encoder = sizes["encoder"]
kernels = {name.removeprefix("embed_state.").removesuffix(".weight"):
           (tensor.permute(3, 2, 0, 1).contiguous(), weights[name.removesuffix("weight") + "bias"])
           for name, tensor in weights.items() if name.startswith("embed_state.") and tensor.dim() == 4}
layers = [{name.split(f"h.{i}.")[1]: tensor for name, tensor in weights.items() if f".h.{i}." in name}
          for i in range(LAYERS)]
torch.set_grad_enabled(False)


def norm(stream, part, name):
    return F.layer_norm(stream, (WIDTH,), part[f"{name}.weight"], part[f"{name}.bias"], sizes["layer_norm_epsilon"])


def linear(stream, part, name):
    return F.linear(stream, part[f"{name}.weight"].T, part[f"{name}.bias"])


def convolved(features, name):
    kernel, bias = kernels[name]
    return F.conv2d(features, kernel, bias, padding=1)


def embedded(observation):
    grid = torch.from_numpy(observation["grid"]).long()
    if encoder["trims_ring"]:
        grid = grid[:, 1:-1, 1:-1]
    features = COLORS[grid[..., 1], grid[..., 0]].permute(0, 3, 1, 2)
    for index in range(len(encoder["channels"])):
        features = F.relu(convolved(features, f"convolutions.{index}"))
    for block in range(encoder["residual_blocks"]):
        features = F.relu(features + convolved(F.relu(convolved(features, f"blocks.{block}.0")), f"blocks.{block}.1"))
    squares = features.permute(0, 2, 3, 1).flatten(1, 2)
    state = squares.flatten(1) @ weights["embed_state.readout.weight"] + weights["embed_state.readout.bias"]
    if encoder["focus_heads"]:
        shares = (squares @ weights["embed_state.focus.scores.weight"].T).softmax(1)
        means = torch.einsum("nph,npd->nhd", shares, squares).flatten(1)
        state = state + means @ weights["embed_state.focus.readout.weight"]
    return state


def run(stream, attend):
    """All blocks; `attend` takes a layer's number, queries, keys and values, [rooms, heads, tokens, width of a head]."""
    for layer, part in enumerate(layers):
        split = linear(norm(stream, part, "ln_1"), part, "attn.c_attn").chunk(3, -1)
        mixed = attend(layer, *(piece.unflatten(-1, (HEADS, -1)).transpose(1, 2) for piece in split))
        stream = stream + linear(mixed.transpose(1, 2).flatten(2), part, "attn.c_proj")
        stream = stream + linear(F.gelu(linear(norm(stream, part, "ln_2"), part, "mlp.c_fc"), approximate="tanh"),
                                 part, "mlp.c_proj")
    state = norm(stream[:, -1], weights, "encoder.ln_f")
    return F.linear(state, weights["predict_action.0.weight"], weights["predict_action.0.bias"])


def causal(layer, query, key, value):
    return F.scaled_dot_product_attention(query, key, value, is_causal=True)


class Ring:
    """Keys and values of the last tokens of every room; place p holds the newest token t with t mod PLACES = p."""

    def __init__(self):
        self.keys, self.values = (torch.zeros(LAYERS, ROOMS, HEADS, PLACES, WIDTH // HEADS) for _ in range(2))

    def see(self, newest, count):
        """Prepares for the `count` tokens that end with number `newest`."""
        tokens, places = torch.arange(newest - count + 1, newest + 1), torch.arange(PLACES)
        held = newest - (newest - places) % PLACES
        oldest = (3 * (tokens // 3 - CONTEXT + 1)).clamp(min=0)[:, None]
        self.mask = (held >= oldest) & (held <= tokens[:, None])
        self.places, self.used = tokens % PLACES, min(PLACES, newest + 1)

    def attend(self, layer, query, key, value):
        self.keys[layer][:, :, self.places], self.values[layer][:, :, self.places] = key, value
        return F.scaled_dot_product_attention(
            query, self.keys[layer][:, :, :self.used], self.values[layer][:, :, :self.used],
            attn_mask=self.mask[:, :self.used])


def play():
    """The rewards of all rooms, added up."""
    observation, _ = pool.reset()
    left, earned = torch.full((ROOMS, 1), TARGET), torch.zeros(ROOMS, 1)
    tokens, actions, ring = [], None, Ring() if way == "cached" else None
    for time in range(STEPS):
        now = weights["embed_timestep.weight"][time]
        if time > 0:
            tokens.append(weights["embed_action.weight"].T[actions] + weights["embed_timestep.weight"][time - 1])
        target = F.linear(sizes["return_scale"] * left, weights["embed_return.weight"], weights["embed_return.bias"])
        tokens += [target + now, embedded(observation) + now]
        if ring:
            ring.see(3 * time + 1, len(tokens))
            logits, tokens = run(torch.stack(tokens, 1), ring.attend), []
        else:
            tokens = tokens[-(3 * CONTEXT - 1):]
            logits = run(torch.stack(tokens, 1), causal)
        actions = logits.argmax(-1)
        observation, rewards, *_ = pool.step(ACTIONS[actions.numpy()])
        rewards = torch.from_numpy(rewards)[:, None]
        left, earned = left - rewards, earned + rewards
    return earned


pool = envpool.make("Sokoban-v0", env_type="gymnasium", num_envs=ROOMS, num_threads=2, max_episode_steps=STEPS)
serve(f"PyTorch {torch.__version__} ({way}), envpool {importlib.metadata.version('envpool')}",
      {"rollouts": lambda: timed(ROOMS * STEPS, play)})
