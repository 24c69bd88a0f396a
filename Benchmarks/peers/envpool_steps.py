#!/usr/bin/env python3
"""envpool's Sokoban in its fastest setting here: 256 environments, two threads, half of them stepped at a time.

    pip install envpool
"""
import importlib.metadata

import envpool
import numpy

from measuring import serve, timed

ENVIRONMENTS, BATCH, STEPS = 256, 128, 2_000
pool = envpool.make("Sokoban-v0", env_type="gymnasium", num_envs=ENVIRONMENTS, batch_size=BATCH, num_threads=2)
pool.async_reset()
actions = numpy.random.default_rng(0).integers(0, 4, (STEPS, BATCH)).astype(numpy.int32)


def play():
    for chosen in actions:
        information = pool.recv()[-1]
        pool.send(chosen, information["env_id"])


play()
serve(f"envpool {importlib.metadata.version('envpool')}", {"steps": lambda: timed(STEPS * BATCH, play)})
