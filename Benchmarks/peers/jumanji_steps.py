#!/usr/bin/env python3
"""jumanji's Sokoban on the CPU, compiled by XLA: 2,048 environments side by side, random actions, reset when done.

    pip install jumanji
"""
import importlib.metadata

import jax
from jumanji.environments.routing.sokoban.env import Sokoban
from jumanji.environments.routing.sokoban.generator import ToyGenerator
from jumanji.wrappers import VmapAutoResetWrapper

from measuring import serve, timed

ENVIRONMENTS, STEPS = 2048, 500
environment = VmapAutoResetWrapper(Sokoban(generator=ToyGenerator()))


@jax.jit
def play(state, key):
    def step(state, key):
        actions = jax.random.randint(key, (ENVIRONMENTS,), 0, 4)
        state, timestep = environment.step(state, actions)
        return state, (timestep.reward.sum(), timestep.observation.grid.sum())
    return jax.lax.scan(step, state, jax.random.split(key, STEPS))


start, _ = jax.jit(environment.reset)(jax.random.split(jax.random.PRNGKey(0), ENVIRONMENTS))
key = jax.random.PRNGKey(1)
jax.block_until_ready(play(start, key))
serve(f"jumanji {importlib.metadata.version('jumanji')}",
      {"steps": lambda: timed(ENVIRONMENTS * STEPS, lambda: jax.block_until_ready(play(start, key)))})
