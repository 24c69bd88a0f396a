#!/usr/bin/env python3
"""LASER searches on text benchmarks, as a user runs them, beside the authors' procedure and beside each other.

    python3 searches.py search   500 FEVER claims on SmolLM2: all layers, both MLP matrices, eight ranks each; then raced
    python3 searches.py racing   five more tasks, each with every trial asked everything, and raced
    python3 searches.py guided   five tasks: guided searches of 24 edits, raced too, and of 48 beside every edit of the same grid
    python3 searches.py gptj     the middle layers of a GPT-J of width 1024 (random weights), on 100 claims
    python3 searches.py growth   ours alone: how time and memory grow with examples, grid, model and threads

LASER_DATA names the folder of the data sets, TASKS those that are to be raced or guided, MODEL the GGUF file of
SmolLM2-135M-Instruct. The searches stay in .search, and one that was cut off is done anew. bench.py prints what came out
in its table. Each runs once, so figures are those of one run. The authors' code asks every trial all of the 500 claims;
ours the 100 of validation, and the winner the other 400. What theirs takes is extrapolated from eight trials of
peers/search.py in a middle layer (it does not depend on the layer) on 100 claims: the decomposition once a trial, the
claims five times.
"""
import json
import lzma
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
# Journals of exhaustive searches, which take two hours together. GRIDS=again makes them anew; GRIDS=sample keeps them, and
# estimates their time on this machine from some layers, whose mean depth is that of all.
GRIDS = pathlib.Path("grids")
SAMPLE = ["--layers", "1,10,19,28", "--threads", "1"]
FEVER = "fever/paper_dev.jsonl"
RHOS = "0.9,0.8,0.6,0.4,0.2,0.1,0.05,0.01"
# An exhaustive search of all layers takes half an hour and more where prompts are long or answers are generated.
EVEN = ["--layers", ",".join(map(str, range(0, 30, 2)))]
TASKS = {
    "truthfulqa": ["truthfulqa/mc_task.json"],
    "wikidata": ["bigbench/qa_wikidata/task.json", *EVEN],
    "bios-gender": ["bias_in_bios/accountant_complete.csv", *EVEN],
    "epistemic": ["bigbench/epistemic_reasoning/task.json", *EVEN],
    "counterfact": ["counterfact/counterfact_500_full_schema.json", "--top-k", "10"],
}
# The same without one that generates its answers, and with FEVER; guided searches look at all layers.
GUIDED = {"fever": [FEVER]} | {
    task: [part for part in TASKS[task] if part not in EVEN]
    for task in ("counterfact", "truthfulqa", "epistemic", "bios-gender")
}


class Search:
    """A search that ran from the loading of the model to the last test example, or to the last trial of its shard."""

    def __init__(self, name, task, file, *options, model=MODEL, limit=500, rhos=RHOS, command=("search",)):
        folder = FOLDER / name
        shutil.rmtree(folder, ignore_errors=True)
        command = ["../.build/release/laser", *command, "--model", model, "--task", task, "--data", DATA / file,
                   "--limit", str(limit), "--kinds", "Uin,Uout", "-o", folder, *options]
        if "--guided" not in options:
            # A guided search chooses among the same fractions.
            command += ["--rhos", rhos]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"{' '.join(map(str, command))} failed")
        self.seconds = time.perf_counter() - start
        self.processor_seconds = usage.ru_utime + usage.ru_stime
        # Linux counts in KB.
        self.megabytes = usage.ru_maxrss / 1024
        trials = [json.loads(text) for text in journal_lines(folder / "journal.jsonl")[1:]]
        self.trials = [
            trial["seconds"] for trial in trials if trial.get("split") == "validation" and trial["edit"] != "base"
        ]
        result = folder / "result.json"
        self.result = json.loads(result.read_text()) if result.exists() else None

    @property
    def best(self):
        return self.result["best"]["edit"]


def journal_lines(journal):
    """A model's answers may have other ends of lines than the journal's."""
    return [text for text in journal.read_text().split("\n") if text]


class Authors:
    """The authors' procedure in a middle layer, on 100 claims."""

    def __init__(self, model, layer):
        command = [".venv/bin/python", "peers/search.py", model, DATA / FEVER, "--layers", str(layer),
                   "--rhos", "0.8", "0.4", "0.1", "0.01"]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
        self.name = said.split(":")[0]
        self.trial, self.decomposition = map(float, re.search(r"([\d.]+) s a trial, ([\d.]+) of them", said).groups())


def row(path, ours, peer, theirs, at_least, unit="trials/min", interval=60, same=True):
    """A line of the table, of one measurement in seconds a unit."""
    result = {"path": path, "unit": unit, "ours": [interval / ours], "peer": peer, "theirs": [interval / theirs],
              "at least": at_least, "same": same}
    print(line(result), flush=True)
    return result


def race(task, file, *options):
    """A search and the line of a race against it."""
    whole = Search(task, task, file, *options)
    raced = Search(f"{task}-race", task, file, *options, "--race")
    same = raced.best == whole.best
    winner = "the same winner" if same else f"ANOTHER WINNER, {raced.best} for {whole.best}"
    path = (f"raced search, {task}, {whole.result['trial_count']} trials: {winner}, "
            f"{100 * raced.result['race']['asked']:.0f} % of the answers")
    return whole, row(path, raced.seconds, "exhaustive", whole.seconds, 3, "searches/h", 3600, same)


def search():
    authors = Authors(MODEL, 15)
    whole, raced = race("fever", FEVER)
    yield row("a trial on 100 FEVER claims, SmolLM2, mean over all layers", sum(whole.trials) / len(whole.trials),
              authors.name, authors.trial, 6)
    trial = 5 * (authors.trial - authors.decomposition) + authors.decomposition
    count = whole.result["trial_count"]
    yield row(f"a search on 500 claims, {count} trials", whole.seconds, f"extrapolated from {authors.name}", count * trial,
              30, "searches/h", 3600)
    yield raced


def chosen(tasks):
    """Those of `tasks` that the environment asks for."""
    names = os.environ.get("TASKS")
    return [task for task in tasks if names is None or task in names.split()]


def racing():
    for task in chosen(TASKS):
        file, *options = TASKS[task]
        if (DATA / file).is_file():
            yield race(task, file, *options)[1]
        else:
            print(f"{task}: skipped, there is no {DATA / file}")


def synthetic(name, *options):
    """A GPT-J with random weights and SmolLM2's tokenizer."""
    folder = pathlib.Path(".gptj") / name
    if not (folder / "tokenizer.json").exists():
        subprocess.run([".venv/bin/python", "make_synthetic_gptj.py", folder, "--tokenizer", MODEL, *options], check=True)
    return folder


def shards(name, *options, **more):
    """A search in two shards, for the whole would go on to the test split."""
    return [Search(f"{name}-{shard}", "fever", FEVER, *options, "--shard", f"{shard}/2", **more) for shard in (0, 1)]


class Grid:
    """An exhaustive search of 480 edits, made here or kept."""

    def __init__(self, task, file, *options):
        journal, facts = GRIDS / f"{task}.jsonl.xz", GRIDS / f"{task}.json"
        self.is_kept = facts.exists() and os.environ.get("GRIDS") != "again"
        if not self.is_kept:
            search = Search(f"{task}-grid", task, file, *options)
            GRIDS.mkdir(exist_ok=True)
            header, *trials = journal_lines(FOLDER / f"{task}-grid" / "journal.jsonl")
            header = json.loads(header)
            # Nothing of this machine's folders.
            header["provenance"] = {key: header["provenance"][key] for key in ("program", "kernel")}
            journal.write_bytes(lzma.compress("\n".join([json.dumps(header), *trials]).encode()))
            facts.write_text(json.dumps({"processor_seconds": search.processor_seconds}))
        self.seconds = json.loads(facts.read_text())["processor_seconds"]
        header, *trials = lzma.decompress(journal.read_bytes()).decode().split("\n")
        self.header = json.loads(header)
        self.trials = validation(trials)
        self.sampled = 0
        if self.is_kept and os.environ.get("GRIDS") == "sample":
            sample = Search(f"{task}-sample", task, file, *options, *SAMPLE)
            self.sampled = len(sample.trials)
            # On one thread a trial's seconds are the processor's.
            trial = sum(sample.trials) / self.sampled
            self.seconds = sample.processor_seconds + (len(self.trials) - 1 - self.sampled) * trial

    def check(self, folder):
        """Stops where a search is not of the same model, questions, rules and edits: nothing could be said of both."""
        own, other = self.header["run"], json.loads(journal_lines(folder / "journal.jsonl")[0])["run"]
        for key in ("model", "data", "scoring", "split", "grid"):
            if own[key] != other[key]:
                sys.exit(f"{folder}: another {key} than that of the kept grid; GRIDS=again makes it anew")

    @property
    def name(self):
        """Processor time of another day is that of another program, and perhaps of another machine."""
        if self.sampled:
            return f"every edit, estimated from {self.sampled}"
        provenance = self.header["provenance"]
        return f"every edit ({provenance['program']}, {provenance['kernel']})" if self.is_kept else "every edit"


def validation(trials):
    """Those on the examples that pick, the unedited model among them."""
    return [trial for trial in map(json.loads, trials) if trial["split"] == "validation"]


def guided():
    """How close the best of a few edits comes to the best of all, and what it takes; the pass alone is `study gradient`."""
    for task in chosen(GUIDED):
        file, *options = GUIDED[task]
        if not (DATA / file).is_file():
            print(f"{task}: skipped, there is no {DATA / file}")
            continue
        grid = Grid(task, file, *options)
        count = len(grid.trials) - 1
        best = max(trial["score"] for trial in grid.trials)
        lowest = min(trial["loss"] for trial in grid.trials)
        alone = Search(f"{task}-pass", task, file, *options, command=["study", "gradient"])
        share = alone.processor_seconds / grid.seconds
        yield row(f"the pass alone, {task}, beside {count} edits: {100 * share:.1f} % of the processor time",
                  alone.processor_seconds, grid.name, grid.seconds, 33, "passes/h", 3600)
        for trials, *race in [(24,), (24, "--race"), (48,)]:
            name = f"{task}-guided-{trials}{'-race' if race else ''}"
            search = Search(name, task, file, *options, "--guided", "--trials", str(trials), *race)
            grid.check(FOLDER / name)
            tried = validation(journal_lines(FOLDER / name / "journal.jsonl")[1:])
            behind = round((best - max(trial["score"] for trial in tried)) * tried[0]["examples"])
            loss = min(trial["loss"] for trial in tried) - lowest
            how = "guided and raced" if race else "guided"
            path = f"{how}, {task}, {trials} of {count} edits: {behind} questions and {loss:.4f} nats behind the best"
            yield row(path, search.processor_seconds, grid.name, grid.seconds, 10 if trials == 24 else None, "searches/h",
                      3600, behind <= 1 and loss < 1e-3)


def gptj():
    model = synthetic("wide", "--width", "1024")
    authors = Authors(model, 14)
    seconds = [seconds for shard in shards("gptj", "--layers", "13,14", model=model) for seconds in shard.trials]
    yield row("a trial on 100 FEVER claims, GPT-J of 28 layers of width 1024, middle layers", sum(seconds) / len(seconds),
              authors.name, authors.trial, 2.5)


def growth():
    """Lines of the table of growth: both MLP matrices of a middle layer, in two shards, each of which loads the model."""
    everything = RHOS.split(",")
    sizes = [("SmolLM2", f"{20 * count} claims, 8 trials", MODEL, 15, count * 100, everything[:4]) for count in (5, 10, 20, 40)]
    sizes += [("SmolLM2", f"100 claims, {2 * count} trials", MODEL, 15, 500, everything[:count]) for count in (1, 2, 4, 8)]
    sizes += [("GPT-J of width 512", f"{layers} layers, 50 claims, 4 trials",
               synthetic(f"{layers}-layers", "--width", "512", "--layers", str(layers)), layers // 2, 250, everything[:2])
              for layers in (4, 8, 16, 32)]
    for model, size, path, layer, limit, rhos in sizes:
        found = []
        for threads in (1, 2):
            parts = shards("growth", "--layers", str(layer), "--threads", str(threads), model=path, limit=limit,
                           rhos=",".join(rhos))
            found += [sum(part.seconds for part in parts), max(part.megabytes for part in parts)]
        print(model, size, found, flush=True)
        yield [f"search on FEVER, {model}, a middle layer", size, *found]


if __name__ == "__main__":
    for folder in (FOLDER, RESULTS):
        folder.mkdir(exist_ok=True)
    for part in sys.argv[1:]:
        lines = []
        # What was measured before says nothing of this program.
        save(part, lines)
        if not (DATA / FEVER).is_file():
            print(f"{part}: skipped; LASER_DATA must name a folder that has {FEVER}")
            continue
        for found in {"search": search, "racing": racing, "guided": guided, "gptj": gptj, "growth": growth}[part]():
            lines.append(found)
            save(part, lines)
