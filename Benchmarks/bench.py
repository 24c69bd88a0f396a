#!/usr/bin/env python3
"""Ours and the peers, taking turns in one run, and the table of what came out.

    python3 bench.py PART …      measures these parts; each leaves results/PART.json
    python3 bench.py scaling     ours alone: how time and memory grow with size and threads
    python3 bench.py             prints the tables of all that has been measured, by searches.py too

Every side is a process that has loaded what it needs and measures when it is told to (BenchmarkSupport, peers/measuring.py).
A round asks each side once; a ratio is taken within its round, and the table has the median of all rounds.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

ROUNDS = 3
# What searches.py leaves beside the parts here; its growth goes into the second table.
SEARCHES = ["search", "racing", "guided", "gptj"]
RESULTS = pathlib.Path("results")
LEVELS = os.environ.get("LEVELS", "../episodes/four-box-held-out.txt")
MODEL = os.environ.get("MODEL", "")
# Where `make test-models` puts two more real models, and where this Makefile makes files of one block type each.
TEST_MODELS = pathlib.Path(os.environ.get("TEST_MODELS", ""))
BLOCKS = pathlib.Path(".blocks")
# Of both sides where they take turns with llama.cpp, whose threads wait for each other: one where other programs run too.
THREADS = os.environ.get("THREADS", str(os.cpu_count()))
# Where this Makefile writes a mixture with random weights.
OLMOE = pathlib.Path(".olmoe")
ROOMS = "../episodes/four-box-held-out.txt"
POLICY = "../checkpoints/four-box"


def ours(name, *arguments):
    return [f".build/release/{name}", *arguments]


def real(name, path):
    """Rows of a real model beside transformers."""
    return Part(
        ours("LanguageModelBenchmark", str(path)), [peer("language_model", str(path))],
        [Row(f"{name} prefill, 64 prompts of 16", "tokens/s", "prefill 64 × 16", [1.2]),
         Row(f"{name} prefill, 32 prompts of 64", "tokens/s", "prefill 32 × 64", [1.2]),
         Row(f"{name} decoding, batch 32", "tokens/s", "decoding 32", [2.5]),
         Row(f"{name} decoding, one sequence", "tokens/s", "decoding 1", [None])],
        needs=(path, "make test-models"))


def peer(script, *arguments, environment=".venv"):
    return [f"{environment}/bin/python", f"peers/{script}.py", *arguments]


class Limit(NamedTuple):
    """A peer that is only a figure to stay within."""
    name: str
    amount: int
    seconds: float

    def measure(self, _):
        return self.amount, self.seconds

    def end(self):
        pass


class Row(NamedTuple):
    """A line of the table for each peer."""
    path: str
    unit: str
    measurement: str
    at_least: list  # the ratio that each peer is held to, None for no promise


class Part(NamedTuple):
    """What is measured together: our side, the peers', and what each is asked for."""
    ours: list
    peers: list
    rows: list
    # Rounds, and a file without which there is nothing to measure and how to get it.
    rounds: int = ROUNDS
    needs: tuple = ()


def beside_llama_cpp(name, path, at_least, prefill=True, how="make test-models"):
    """One sequence, whose weights stay quantised on both sides: short turns, for other programs disturb them."""
    rows = [Row(f"{name} decoding, one sequence", "tokens/s", "decoding 1", [at_least])]
    if prefill:
        rows.append(Row(f"{name} prefill, one text of 512", "tokens/s", "prefill 1 × 512", [1]))
    return Part(
        ours("LanguageModelBenchmark", str(path), "--threads", THREADS), [peer("llama_cpp", str(path), THREADS)], rows, 9,
        (path, how))


PARTS = {
    "training": Part(
        ours("TrainingBenchmark"), [peer("train_step"), peer("train_step", "compiled")],
        [Row("Decision Transformer training", "windows/s", "training", [1.3, 1.3])]),
    "rollouts": Part(
        ours("RolloutBenchmark", ROOMS, POLICY), [peer("rollouts", POLICY, "window"), peer("rollouts", POLICY, "cached")],
        [Row("rollouts of checkpoints/four-box", "actions/s", "rollouts", [5, None])]),
    "games": Part(
        ours("RolloutBenchmark", ROOMS, POLICY, "--count", "1000"), [Limit("10,000 rooms in three minutes", 10_000, 180)],
        [Row("games of checkpoints/four-box", "rooms/s", "rooms", [1])]),
    "language": Part(
        ours("LanguageModelBenchmark", MODEL), [peer("language_model", MODEL)],
        [Row("SmolLM2 prefill, 64 prompts of 16", "tokens/s", "prefill 64 × 16", [1]),
         Row("SmolLM2 prefill, 32 prompts of 64", "tokens/s", "prefill 32 × 64", [1]),
         Row("SmolLM2 decoding, batch 32", "tokens/s", "decoding 32", [2.5]),
         Row("SmolLM2 decoding, one sequence", "tokens/s", "decoding 1", [2])]),
    "gemma-batch": real("Gemma 3 270M", TEST_MODELS / "gemma-3-270m.Q4_K_M.gguf"),
    "qwen-batch": real("Qwen2.5-Coder-0.5B", TEST_MODELS / "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf"),
    "quantised": beside_llama_cpp("SmolLM2 Q4_1", MODEL, 1, how="make model"),
    "qwen": beside_llama_cpp(
        "Qwen2.5-Coder-0.5B Q4_K_M", TEST_MODELS / "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf", 1),
    "gemma": beside_llama_cpp("Gemma 3 270M Q4_K_M", TEST_MODELS / "gemma-3-270m.Q4_K_M.gguf", 1),
    **{part: beside_llama_cpp(
        f"320 M parameters in {part.upper()}", BLOCKS / f"{part.upper()}.gguf", 0.8, False, "make -C Benchmarks blocks")
       for part in ["q2_k", "q3_k", "iq4_xs"]},
    # Two layers of OLMoE's shape; the other side takes all of their 64 experts.
    "experts": Part(
        ours("LanguageModelBenchmark", str(OLMOE / "chosen")), [ours("LanguageModelBenchmark", str(OLMOE / "all"))],
        [Row("OLMoE's shape, 8 of 64 experts, one sequence", "tokens/s", "decoding 1", [3])]),
    "reduction": Part(
        ours("ReductionBenchmark"), [peer("rank_reduction")],
        [Row("eight ranks of each of two 4096 × 1024 matrices", "ranks/s", "reduction", [20])]),
    "rooms": Part(
        ours("SokobanBenchmark"), [peer("gym_sokoban_rooms", environment=".venv-gym")],
        [Row("four-box rooms", "rooms/s", "rooms", [1000])]),
    "steps": Part(
        ours("SokobanBenchmark", ROOMS), [peer("envpool_steps"), peer("jumanji_steps")],
        [Row("environment steps, tiny picture", "steps/s", "steps", [100, 5])]),
    "solving": Part(
        ours("SokobanBenchmark", LEVELS), [ours("PlainSolverBenchmark", LEVELS)],
        [Row(f"move-optimal solving, {'/'.join(pathlib.Path(LEVELS).parts[-3:])}", "levels/s", "solving", [2])]),
}

# What grows, in which option, and the sizes, which double three times.
SCALING = {
    "five updates of a policy": (ours("TrainingBenchmark"), "training", "width", [32, 64, 128, 256]),
    "rooms generated": (ours("SokobanBenchmark"), "rooms", "count", [250, 500, 1000, 2000]),
    "rooms played by a policy": (
        ours("RolloutBenchmark", ROOMS, POLICY), "rooms", "count", [64, 128, 256, 512]),
    "levels solved": (ours("SokobanBenchmark", LEVELS), "solving", "count", [125, 250, 500, 1000]),
    "eight ranks of two matrices": (ours("ReductionBenchmark"), "reduction", "rows", [512, 1024, 2048, 4096]),
}


class Side:
    """A process that measures; `name` is None where it could not start, and `fault` says why."""

    def __init__(self, command):
        self.errors = tempfile.TemporaryFile("w+")
        self.name, self.fault = None, "not installed here"
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        except OSError:
            return
        self.name = self.process.stdout.readline().strip() or None
        if self.name is None:
            self.fault = self.last_error()

    def last_error(self):
        self.errors.seek(0)
        return (self.errors.read().strip().splitlines() or ["ended without a word"])[-1][:60]

    def measure(self, measurement):
        """The amount done and the seconds it took."""
        self.process.stdin.write(measurement + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            sys.exit(f"{self.process.args[0]}, {measurement}: {' '.join(answer)} {self.last_error()}")
        return int(answer[0]), float(answer[1])

    def peak_memory(self):
        """In MB, where the system tells."""
        try:
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return None
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def end(self):
        if self.name is not None:
            self.process.stdin.close()
            self.process.wait()


def run(name):
    """Measures a part, round by round."""
    part = PARTS[name]
    if part.needs and not pathlib.Path(part.needs[0]).is_file():
        print(f"{name} is left out: there is no {part.needs[0]}, which `{part.needs[1]}` puts there", flush=True)
        return
    own = Side(part.ours)
    if own.name is None:
        sys.exit(f"{part.ours}: {own.fault}")
    peers = [peer if isinstance(peer, Limit) else Side(peer) for peer in part.peers]
    lines = []
    for row in part.rows:
        rates = [[] for _ in [own, *peers]]
        for _ in range(part.rounds):
            for side, found in zip([own, *peers], rates):
                if side.name is not None:
                    amount, seconds = side.measure(row.measurement)
                    found.append(amount / seconds)
        for side, found, at_least in zip(peers, rates[1:], row.at_least):
            lines.append({
                "path": row.path, "unit": row.unit, "ours": rates[0], "peer": side.name or side.fault,
                "theirs": found, "at least": at_least})
            print(line(lines[-1]), flush=True)
    if name == "experts":
        lines.append(memory(own, OLMOE / "chosen/model.safetensors"))
        print(line(lines[-1]), flush=True)
    for side in [own, *peers]:
        side.end()
    save(name, lines)


def memory(side, file):
    """The line of what a side has held at most, beside the size of its model's file, which it is to stay near."""
    size = file.stat().st_size / 1e6
    return {"path": "OLMoE's shape: its file, a part of the peak of memory", "unit": "MB", "ours": [size],
            "peer": "the peak", "theirs": [side.peak_memory() * 1.048576], "at least": round(1 / 1.15, 2)}


def run_scaling():
    """Measures ours in a fresh process for every size and number of threads."""
    lines = []
    for what, (command, measurement, option, sizes) in SCALING.items():
        for size in sizes:
            found = []
            for threads in (1, 2):
                side = Side([*command, f"--{option}", str(size), "--threads", str(threads)])
                found += [side.measure(measurement)[1], side.peak_memory()]
                side.end()
            lines.append([what, f"{option} {size}", *found])
            print(lines[-1], flush=True)
    save("scaling", lines)


def save(name, lines):
    (RESULTS / f"{name}.json").write_text(json.dumps(lines, indent=1))


def figure(value):
    """Three digits, thousands and millions as such."""
    for limit, unit in ((1e6, " M"), (1e4, " k")):
        if value >= limit:
            return f"{value / (1e6 if unit == ' M' else 1e3):.3g}{unit}"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def line(result):
    """A result as the cells of the table."""
    own = f"{figure(statistics.median(result['ours']))} {result['unit']}"
    at_least = result["at least"]
    limit = "" if at_least is None else f"{at_least:,} ×"
    if not result["theirs"]:
        return [result["path"], own, result["peer"], "", limit, "not measured"]
    ratios = [a / b for a, b in zip(result["ours"], result["theirs"])]
    ratio = statistics.median(ratios)
    held = "" if at_least is None else "yes" if ratio >= at_least and result.get("same", True) else "NO"
    spread = f"{figure(ratio)} ×"
    if len(ratios) > 1:
        spread += f" ({figure(min(ratios))} to {figure(max(ratios))})"
    return [result["path"], own, f"{result['peer']}: {figure(statistics.median(result['theirs']))}", spread, limit, held]


def table(head, rows):
    """A table in Markdown with even columns."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")


def print_tables():
    def results(name):
        file = RESULTS / f"{name}.json"
        return json.loads(file.read_text()) if file.exists() else []
    print("\nBoth sides on the same cores, taking turns: median of the rounds, lowest and highest ratio in brackets;"
          " without brackets one run after the other.\n")
    table(["path", "ours", "peer", "ratio", "at least", "held"],
          [line(result) for name in [*PARTS, *SEARCHES] for result in results(name)])
    scaling = [[what, size, *(f"{value:.3g}" if value else "" for value in found)]
               for what, size, *found in results("scaling") + results("growth")]
    if scaling:
        print("\nHow it grows:\n")
        table(["what", "size", "1 thread, s", "MB", "2 threads, s", "MB"], scaling)


if __name__ == "__main__":
    RESULTS.mkdir(exist_ok=True)
    for part in sys.argv[1:]:
        run_scaling() if part == "scaling" else run(part)
    if not sys.argv[1:]:
        print_tables()
