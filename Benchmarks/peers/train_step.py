#!/usr/bin/env python3
"""PyTorch's updates of the Decision Transformer that TrainingBenchmark measures: 64 windows of 30 time steps.

    pip install torch && python train_step.py [compiled]
"""
import sys

import torch
from torch import nn
from torch.nn import functional as F

from measuring import serve, timed

WIDTH, LAYERS, HEADS, WINDOWS, STEPS, ACTIONS = 128, 6, 8, 64, 30, 4


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm, self.mlp_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention, self.mix = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.widen, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, stream):
        split = self.attention(self.attention_norm(stream)).chunk(3, -1)
        query, key, value = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in split)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2).flatten(2)
        stream = stream + self.mix(mixed)
        return stream + self.narrow(F.gelu(self.widen(self.mlp_norm(stream)), approximate="tanh"))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.state = nn.Sequential(
            nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(3200, WIDTH))
        self.returns, self.action, self.time = nn.Linear(1, WIDTH), nn.Embedding(ACTIONS, WIDTH), nn.Embedding(120, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, ACTIONS)

    def forward(self, returns, pictures, actions):
        states = self.state(pictures.flatten(0, 1)).unflatten(0, pictures.shape[:2])
        tokens = torch.stack([self.returns(returns), states, self.action(actions)], 2)
        stream = (tokens + self.time.weight[:STEPS, None]).flatten(1, 2)
        return self.head(self.norm(self.blocks(stream)[:, 1::3]))


torch.manual_seed(0)
model = Model()
forward = torch.compile(model) if "compiled" in sys.argv else model
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
returns, pictures = torch.randn(WINDOWS, STEPS, 1), torch.rand(WINDOWS, STEPS, 3, 10, 10)
actions = torch.randint(0, ACTIONS, (WINDOWS, STEPS))


def update(count):
    for _ in range(count):
        loss = F.cross_entropy(forward(returns, pictures, actions).flatten(0, 1), actions.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


update(2)
serve(f"PyTorch {torch.__version__}{', torch.compile' if 'compiled' in sys.argv else ''}",
      {"training": lambda: timed(5 * WINDOWS, lambda: update(5))})
