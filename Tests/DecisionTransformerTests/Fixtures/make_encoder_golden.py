#!/usr/bin/env python3
"""Writes encoder_golden.safetensors: the picture encoder in PyTorch with its ring trimmed, focus pooling and the plan
head; weights, inputs, the state's embedding, the plan's loss and every gradient.

    pip install torch safetensors && python make_encoder_golden.py

Tensors: weight/NAME and gradient/NAME in the shapes of our checkpoints; pictures [S × 6 × 10 × 3], plans [S × squares ×
2]; embedding [S × C], incoming (its gradient), plan_loss (the sum of all cross-entropies). The gradients are those of
Σ incoming · embedding + SCALE · plan_loss.
"""
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(3)
STEPS, HEIGHT, PICTURE_WIDTH, CHANNELS, HEADS, WIDTH, SCALE = 4, 6, 10, 16, 3, 16, 0.05
SQUARES = (HEIGHT - 2) * (PICTURE_WIDTH - 2)
weights = {}


def add(name, *shape, deviation):
    weights["embed_state." + name] = (deviation * torch.randn(*shape)).requires_grad_()


for name, inputs, deviation in [("convolutions.0", 3, 0.3), ("blocks.0.0", CHANNELS, 0.1), ("blocks.0.1", CHANNELS, 0.1)]:
    add(name + ".weight", 3, 3, inputs, CHANNELS, deviation=deviation)
    add(name + ".bias", CHANNELS, deviation=0.1)
add("readout.weight", SQUARES * CHANNELS, WIDTH, deviation=0.05)
add("readout.bias", WIDTH, deviation=0.1)
add("focus.scores.weight", HEADS, CHANNELS, deviation=0.5)
add("focus.readout.weight", HEADS * CHANNELS, WIDTH, deviation=0.2)
weights["predict_plan.weight"] = (0.3 * torch.randn(CHANNELS, 10)).requires_grad_()
weights["predict_plan.bias"] = (0.1 * torch.randn(10)).requires_grad_()

pictures = torch.randint(0, 256, (STEPS, HEIGHT, PICTURE_WIDTH, 3))
plans = torch.randint(0, 5, (STEPS, SQUARES, 2))
incoming = torch.randn(STEPS, WIDTH)


def convolve(x, name):
    weight, bias = weights[f"embed_state.{name}.weight"], weights[f"embed_state.{name}.bias"]
    return F.conv2d(x, weight.permute(3, 2, 0, 1), bias, padding=1)


x = (pictures[:, 1:-1, 1:-1].float() / 255).permute(0, 3, 1, 2)
x = F.relu(convolve(x, "convolutions.0"))
x = F.relu(x + convolve(F.relu(convolve(x, "blocks.0.0")), "blocks.0.1"))
features = x.permute(0, 2, 3, 1).reshape(STEPS, SQUARES, CHANNELS)
shares = (features @ weights["embed_state.focus.scores.weight"].T).softmax(1)
means = torch.einsum("sph,spd->shd", shares, features).flatten(1)
embedding = features.flatten(1) @ weights["embed_state.readout.weight"] + weights["embed_state.readout.bias"]
embedding = embedding + means @ weights["embed_state.focus.readout.weight"]
logits = features @ weights["predict_plan.weight"] + weights["predict_plan.bias"]
plan_loss = F.cross_entropy(logits.reshape(-1, 5), plans.reshape(-1), reduction="sum")
((incoming * embedding).sum() + SCALE * plan_loss).backward()

golden = {"pictures": pictures.float(), "plans": plans.float(), "incoming": incoming}
golden |= {"embedding": embedding.detach(), "plan_loss": plan_loss.detach().reshape(1)}
golden |= {"weight/" + name: value.detach() for name, value in weights.items()}
golden |= {"gradient/" + name: value.grad for name, value in weights.items()}
save_file({name: value.contiguous() for name, value in golden.items()}, "encoder_golden.safetensors")
