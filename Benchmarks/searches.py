#!/usr/bin/env python3
"""LASER searches on text benchmarks, as a user runs them, beside the authors' procedure and beside each other.

    python3 searches.py search   500 FEVER claims on SmolLM2: all layers, both MLP matrices, eight ranks each; then raced
    python3 searches.py racing   four more tasks on every third layer, each raced and with every trial asked everything
    python3 searches.py gptj     the middle layers of a GPT-J of width 1024 (random weights), on 100 claims
    python3 searches.py growth   ours alone: how time and memory grow with examples, grid and threads

LASER_DATA names the folder of the data sets, MODEL the GGUF file of SmolLM2-135M-Instruct. The searches stay in .search,
and one that was cut off is done anew. bench.py prints what came out in its table. The authors' code asks every trial all
of the 500 claims; ours the 100 of validation, and the winner the other 400. What theirs takes is extrapolated from the
trials of peers/search.py in a middle layer (it does not depend on the layer) on 100 claims.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from bench import MODEL, RESULTS, line, save

DATA = pathlib.Path(os.environ.get("LASER_DATA", ""))
FOLDER = pathlib.Path(".search")
CLAIMS = DATA / "fever/paper_dev.jsonl"
RHOS = "0.9,0.8,0.6,0.4,0.2,0.1,0.05,0.01"
TASKS = {
    "truthfulqa": ["truthfulqa/mc_task.json"],
    "epistemic": ["bigbench/epistemic_reasoning/task.json"],
    "wikidata": ["bigbench/qa_wikidata/task.json"],
    "counterfact": ["counterfact/counterfact_500_full_schema.json", "--top-k", "10"],
}
THIRD = ",".join(map(str, range(2, 30, 3)))


class Search:
    """A search that ran from the loading of the model to the last test example, or to the last trial of its shard."""

    def __init__(self, name, task, file, *options, model=MODEL, limit=500, rhos=RHOS):
        folder = FOLDER / name
        shutil.rmtree(folder, ignore_errors=True)
        command = ["../.build/release/laser", "search", "--model", model, "--task", task, "--data", DATA / file,
                   "--limit", str(limit), "--kinds", "Uin,Uout", "--rhos", rhos, "-o", folder, *options]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"{' '.join(map(str, command))} failed")
        self.seconds = time.perf_counter() - start
        # Linux counts in KB.
        self.megabytes = usage.ru_maxrss / 1024
        trials = [json.loads(text) for text in (folder / "journal.jsonl").read_text().splitlines()[1:]]
        self.trials = [trial["seconds"] for trial in trials if trial["edit"] != "base" and trial["split"] == "validation"]
        result = folder / "result.json"
        self.result = json.loads(result.read_text()) if result.exists() else None

    @property
    def trial(self):
        """Seconds a trial."""
        return sum(self.trials) / len(self.trials)

    @property
    def best(self):
        return self.result["best"]["edit"]


def authors(model, layer):
    """What measured, and the seconds it took for a trial on 100 claims."""
    command = [".venv/bin/python", "peers/search.py", model, CLAIMS, "--layers", str(layer), "--rhos", "0.8", "0.4", "0.1",
               "0.01"]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
    return said.split(":")[0], float(re.search(r"([\d.]+) s a trial", said)[1])


def row(path, ours, peer, theirs, at_least, unit="trials/min", interval=60):
    """A line of the table, of one measurement in seconds a unit."""
    result = {"path": path, "unit": unit, "ours": [interval / ours], "peer": peer, "theirs": [interval / theirs],
              "at least": at_least}
    print(line(result), flush=True)
    return result


def races(name, task, file, *options):
    """The line of a race, and the search that it is held against."""
    whole = Search(name, task, file, *options)
    raced = Search(f"{name}-race", task, file, *options, "--race")
    asked = raced.result["race"]["asked"]
    verdict = "the same winner" if raced.best == whole.best else f"ANOTHER WINNER, {raced.best} for {whole.best}"
    path = f"{task}, {whole.result['trial_count']} trials, raced: {verdict}, {100 * asked:.0f} % of the answers"
    return whole, row(path, raced.seconds, "exhaustive", whole.seconds, 3, "searches/h", 3600)


def search():
    whole, race = races("fever", "fever", "fever/paper_dev.jsonl")
    peer, seconds = authors(MODEL, 15)
    count = whole.result["trial_count"]
    return [
        row("a trial on 100 FEVER claims, SmolLM2, mean over all layers", whole.trial, peer, seconds, 6),
        row(f"a search on 500 claims, {count} trials", whole.seconds, f"extrapolated from {peer}", 5 * count * seconds, 30,
            "searches/h", 3600),
        race]


def racing():
    return [races(task, task, file, *options, "--layers", THIRD)[1] for task, (file, *options) in TASKS.items()]


def gptj():
    model = pathlib.Path(".gptj")
    if not (model / "tokenizer.json").exists():
        subprocess.run([".venv/bin/python", "make_synthetic_gptj.py", model, "--width", "1024", "--tokenizer", MODEL],
                       check=True)
    # Two shards: the whole would go on to the test split.
    shards = [Search(f"gptj-{shard}", "fever", "fever/paper_dev.jsonl", "--layers", "13,14", "--shard", f"{shard}/2",
                     model=model) for shard in (0, 1)]
    seconds = [seconds for shard in shards for seconds in shard.trials]
    peer, theirs = authors(model, 14)
    return [row("a trial on 100 FEVER claims, GPT-J of 28 layers of width 1024, middle layers", sum(seconds) / len(seconds),
                peer, theirs, 2.5)]


def growth():
    """Lines of the table of growth: one layer, both MLP matrices."""
    everything = RHOS.split(",")
    sizes = [(f"{20 * count} examples", count * 100, everything[:4]) for count in (5, 10, 20, 40)]
    sizes += [(f"{2 * count} trials", 500, everything[:count]) for count in (1, 2, 4, 8)]
    lines = []
    for size, limit, rhos in sizes:
        found = []
        for threads in (1, 2):
            # In shards, so that none goes on to the test split.
            shards = [Search(f"growth-{shard}", "fever", "fever/paper_dev.jsonl", "--layers", "15", "--threads",
                             str(threads), "--shard", f"{shard}/2", limit=limit, rhos=",".join(rhos)) for shard in (0, 1)]
            found += [sum(shard.seconds for shard in shards), max(shard.megabytes for shard in shards)]
        lines.append(["search on SmolLM2, layer 15, FEVER", size, *found])
        print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    if not CLAIMS.is_file():
        print(f"searches: skipped; LASER_DATA must name the folder that has {CLAIMS.relative_to(DATA)}")
        sys.exit()
    for folder in (FOLDER, RESULTS):
        folder.mkdir(exist_ok=True)
    for part in sys.argv[1:]:
        save(part, {"search": search, "racing": racing, "gptj": gptj, "growth": growth}[part]())
