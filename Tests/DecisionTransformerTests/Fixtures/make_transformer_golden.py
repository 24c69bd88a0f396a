#!/usr/bin/env python3
"""Writes transformer_golden.safetensors: a small Decision Transformer in PyTorch, its weights, inputs, logits, loss,
every gradient, and the losses of ten steps of AdamW and of Muon with AdamW (clipped, decaying matrices only).

    pip install torch safetensors && python make_transformer_golden.py

Tensors: weight/NAME and gradient/NAME in the shapes of our checkpoints; pictures, returns, times, actions, windows
(steps of each); logits, loss; losses and after/NAME, two tensors after ten steps of AdamW; muon/losses and
muon/after/NAME the same with Muon for the hidden matrices.
"""
import math

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(7)
WIDTH, LAYERS, HEADS, MLP, ACTIONS = 16, 2, 2, 48, 4
HEIGHT, PICTURE_WIDTH, CHANNELS, BLOCKS, TIMES = 5, 4, (32, 16), 1, 12
WINDOWS = [5, 1, 3]
RATE, BETAS, DECAY, CLIP, MOMENTUM = 3e-3, (0.9, 0.95), 0.1, 0.25, 0.95

weights = {}


def add(name, *shape, deviation=0.2, mean=0.0):
    weights[name] = (mean + deviation * torch.randn(*shape)).requires_grad_()


def pair(name, *shape, bias, **options):
    add(name + ".weight", *shape, **options)
    add(name + ".bias", bias)


add("embed_timestep.weight", TIMES, WIDTH)
pair("embed_return", WIDTH, 1, bias=WIDTH)
add("embed_action.weight", WIDTH, ACTIONS)
inputs = 3
for index, outputs in enumerate(CHANNELS):
    pair(f"embed_state.convolutions.{index}", 3, 3, inputs, outputs, bias=outputs)
    inputs = outputs
for block in range(BLOCKS):
    for index in range(2):
        pair(f"embed_state.blocks.{block}.{index}", 3, 3, inputs, inputs, bias=inputs, deviation=0.1)
pair("embed_state.readout", HEIGHT * PICTURE_WIDTH * inputs, WIDTH, bias=WIDTH, deviation=0.05)
for layer in range(LAYERS):
    block = f"encoder.h.{layer}."
    pair(block + "ln_1", WIDTH, bias=WIDTH, mean=1.0)
    pair(block + "attn.c_attn", WIDTH, 3 * WIDTH, bias=3 * WIDTH, deviation=0.4)
    pair(block + "attn.c_proj", WIDTH, WIDTH, bias=WIDTH)
    pair(block + "ln_2", WIDTH, bias=WIDTH, mean=1.0)
    pair(block + "mlp.c_fc", WIDTH, MLP, bias=MLP, deviation=0.4)
    pair(block + "mlp.c_proj", MLP, WIDTH, bias=WIDTH)
pair("encoder.ln_f", WIDTH, bias=WIDTH, mean=1.0)
pair("predict_action.0", ACTIONS, WIDTH, bias=ACTIONS)

STEPS = sum(WINDOWS)
pictures = torch.randint(0, 256, (STEPS, HEIGHT, PICTURE_WIDTH, 3))
returns = 10 + 3 * torch.randn(STEPS)
actions = torch.randint(0, ACTIONS, (STEPS,))
times = torch.cat([torch.arange(count) + 2 * index for index, count in enumerate(WINDOWS)])


def linear(x, name):
    return x @ weights[name + ".weight"] + weights[name + ".bias"]


def norm(x, name):
    return F.layer_norm(x, (WIDTH,), weights[name + ".weight"], weights[name + ".bias"], 1e-5)


def convolve(x, name):
    return F.conv2d(x, weights[name + ".weight"].permute(3, 2, 0, 1), weights[name + ".bias"], padding=1)


def encode(pictures):
    x = (pictures.float() / 255).permute(0, 3, 1, 2)
    for index in range(len(CHANNELS)):
        x = F.relu(convolve(x, f"embed_state.convolutions.{index}"))
    for block in range(BLOCKS):
        name = f"embed_state.blocks.{block}"
        x = F.relu(x + convolve(F.relu(convolve(x, name + ".0")), name + ".1"))
    return linear(x.permute(0, 2, 3, 1).flatten(1), "embed_state.readout")


def window(steps):
    count = steps.stop - steps.start
    time = weights["embed_timestep.weight"][times[steps]]
    tokens = [
        (returns[steps] * 0.1)[:, None] * weights["embed_return.weight"][:, 0] + weights["embed_return.bias"],
        encode(pictures[steps]),
        weights["embed_action.weight"].T[actions[steps]],
    ]
    x = torch.stack([token + time for token in tokens], 1).reshape(3 * count, WIDTH)
    for layer in range(LAYERS):
        block = f"encoder.h.{layer}."
        split = linear(norm(x, block + "ln_1"), block + "attn.c_attn").split(WIDTH, -1)
        q, k, v = (part.view(-1, HEADS, WIDTH // HEADS).transpose(0, 1) for part in split)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(0, 1).reshape(-1, WIDTH)
        x = x + linear(mixed, block + "attn.c_proj")
        hidden = F.gelu(linear(norm(x, block + "ln_2"), block + "mlp.c_fc"), approximate="tanh")
        x = x + linear(hidden, block + "mlp.c_proj")
    return norm(x, "encoder.ln_f")[1::3] @ weights["predict_action.0.weight"].T + weights["predict_action.0.bias"]


def forward():
    starts = [sum(WINDOWS[:index]) for index in range(len(WINDOWS))]
    return torch.cat([window(slice(start, start + count)) for start, count in zip(starts, WINDOWS)])


golden = {"weight/" + name: value.detach().clone() for name, value in weights.items()}
golden |= {"pictures": pictures.float(), "returns": returns, "times": times.float(), "actions": actions.float()}
golden["windows"] = torch.tensor(WINDOWS).float()
logits = forward()
loss = F.cross_entropy(logits, actions)
loss.backward()
golden |= {"logits": logits.detach(), "loss": loss.detach().reshape(1)}
golden |= {"gradient/" + name: value.grad.clone() for name, value in weights.items()}

START = {name: value.detach().clone() for name, value in weights.items()}
HIDDEN = [
    name for name, value in weights.items()
    if value.dim() > 1 and not name.startswith(("embed_timestep", "embed_return", "embed_action", "predict_action"))
]


def orthogonalized(x):
    """Newton-Schulz as in torch.optim.Muon, in single precision."""
    if x.shape[0] > x.shape[1]:
        return orthogonalized(x.T).T
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x


@torch.no_grad()
def move_hidden(moments):
    """One step of Muon: the projection to queries, keys and values is three matrices, a convolution one."""
    for name in HIDDEN:
        value = weights[name]
        moments[name].lerp_(value.grad, 1 - MOMENTUM)
        direction = value.grad.lerp(moments[name], MOMENTUM).flatten(0, -2)
        for part, old in zip(direction.chunk(3 if "c_attn" in name else 1, 1),
                             value.view_as(direction).chunk(3 if "c_attn" in name else 1, 1)):
            old *= 1 - RATE * DECAY
            old -= RATE * 0.2 * max(part.shape) ** 0.5 * orthogonalized(part)


def train(prefix, muon):
    """Ten steps from the start; records the losses and two tensors afterwards."""
    for name, value in weights.items():
        value.data.copy_(START[name])
    mine = [name for name in weights if not (muon and name in HIDDEN)]
    matrices = [weights[name] for name in mine if weights[name].dim() > 1]
    vectors = [weights[name] for name in mine if weights[name].dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}], lr=RATE, betas=BETAS)
    moments = {name: torch.zeros_like(weights[name]) for name in HIDDEN}
    losses = []
    for _ in range(10):
        loss = F.cross_entropy(forward(), actions)
        losses.append(loss.item())
        for value in weights.values():
            value.grad = None
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(weights.values()), CLIP)
        optimizer.step()
        if muon:
            move_hidden(moments)
    assert all(math.isfinite(value) for value in losses)
    print(losses)
    golden[prefix + "losses"] = torch.tensor(losses)
    for name in ("encoder.h.1.attn.c_attn.weight", "encoder.ln_f.bias"):
        golden[f"{prefix}after/{name}"] = weights[name].detach().clone()


train("", muon=False)
train("muon/", muon=True)
save_file({name: value.contiguous() for name, value in golden.items()}, "transformer_golden.safetensors")
