"""The real gym-sokoban, played by a policy: pip install gym==0.25.2 gym-sokoban==0.0.6 "numpy<2"

Usage: play_gym.py LASER POLICY LEVELS COUNT     prints each room's actions, a line a room
"""
import json, subprocess, sys
import numpy as np
from gym_sokoban.envs.sokoban_env import SokobanEnv

TILES = {"#": 0, " ": 1, ".": 2, "*": 3, "$": 4, "@": 5, "+": 5}
laser, policy, levels, count = sys.argv[1:]
text = open(levels).read().splitlines()
rows = [line for line in text if line and set(line) <= set(TILES) and "#" in line]
game = subprocess.Popen([laser, "act", "--policy", policy], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
for room in range(int(count)):
    board = rows[10 * room:10 * room + 10]
    env = SokobanEnv(dim_room=(10, 10), max_steps=120, num_boxes=sum(r.count("$") + r.count("*") for r in board), reset=False)
    state = np.array([[TILES[c] for c in row] for row in board])
    env.room_fixed = np.array([[{"#": 0, ".": 2, "*": 2, "+": 2}.get(c, 1) for c in row] for row in board])
    env.room_state, env.box_mapping, env.player_position = state, {}, np.argwhere(state == 5)[0]
    env.num_env_steps = env.reward_last = env.boxes_on_target = 0
    actions, reward, done = [], 0, False
    while not done:
        seen = np.where((env.room_state == 5) & (env.room_fixed == 2), 6, env.room_state)
        request = {"game": str(room), "state": "".join(map(str, seen.flatten())), "reward": reward}
        print(json.dumps(request), file=game.stdin, flush=True)
        actions.append(json.loads(game.stdout.readline())["action"])
        _, reward, done, _ = env.step(actions[-1])
    print(*actions, flush=True)
