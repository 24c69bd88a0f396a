#!/usr/bin/env python3
"""gym-sokoban's rooms, 10 × 10 with four boxes, one process a core.

    pip install gym==0.25.2 gym-sokoban==0.0.6 "numpy<2"
"""
import contextlib
import importlib.metadata
import io
import itertools
import multiprocessing
import random

import numpy

with contextlib.redirect_stderr(io.StringIO()):  # gym says that it is no longer maintained
    from gym_sokoban.envs.room_utils import generate_room

from measuring import serve, timed

ROOMS = 12


def room(seed):
    """A room as reset() makes it: again and again until one has a score."""
    random.seed(seed)
    numpy.random.seed(seed)
    while True:
        try:
            return generate_room(dim=(10, 10), num_steps=34, num_boxes=4)[1]
        except (RuntimeError, RuntimeWarning):
            pass


if __name__ == "__main__":
    seeds = itertools.count()
    with multiprocessing.Pool() as pool:
        def rooms():
            return timed(ROOMS, lambda: pool.map(room, itertools.islice(seeds, ROOMS), chunksize=1))
        serve(f"gym-sokoban {importlib.metadata.version('gym-sokoban')}", {"rooms": rooms})
