"""Damaged copies of tokenizers: each must give an error with a name, the ids of Hugging Face's `tokenizers` on the same
file, those of the undamaged one, or a warning.

Run:  python damaged_tokenizers.py LASER FOLDER [--damaged N] [--seed N] [--only NAME]
FOLDER has folders with a tokenizer.json. Needs tokenizers 0.23.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import tempfile

from tokenizers import Tokenizer

JUNK = [0, -1, 3, 2**63, 0.5, "x", "", [], {}, True, None, [[1]], {"type": "x"}]
HOSTILE = [r"(a+)+$", r"(?:a|aa)+\d", r"(\w*\s*)*-", r"(?=(a*)*b)", "(", r"\p{Nothing}", r"(?<n>a)\k<n>", "a{1000}{1000}"]
TEXT = "Hello, world! It's 2026: 1234567 naïve 漢字 tests\n\n  and aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa <s> end"


def places(value, path=()):
    """Paths to all that is not a part of the vocabulary or the merges."""
    if path[-1:] in (("vocab",), ("merges",)):
        return
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(members)[:40]:
        yield (*path, key)
        yield from places(inner, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def misspelt(text, g):
    i = g.randrange(len(text)) if text else 0
    return g.choice([text[:i] + text[i + 1:], text + "x", text.lower(), text.upper()])


def spoil_vocabulary(model, g):
    vocabulary = model.get("vocab")
    if g.random() < 0.3 and model.get("merges"):
        merges = model["merges"]
        i = g.randrange(len(merges))
        merges[i] = g.choice(["x", "a b c", ["a"], ["zq", "qz"], 3, None, ""])
        return f"merge {i} = {merges[i]!r}"
    if isinstance(vocabulary, dict):
        token = g.choice(sorted(vocabulary))
        if g.random() < 0.3:
            del vocabulary[token]
            return f"without the token {token!r}"
        vocabulary[token] = g.choice([-1, 2**40, 0, 1.5, "7", None])
        return f"token {token!r} = {vocabulary[token]!r}"
    model["vocab"] = g.choice(JUNK)
    return f"vocab = {model['vocab']!r}"


def spoil(folder, g):
    """Spoils one file of the folder, and says how."""
    name = g.choice(["tokenizer.json"] * 5 + ["tokenizer_config.json"])
    path = folder / name
    if not path.exists():
        path = folder / "tokenizer.json"
    text = path.read_text()
    if g.random() < 0.06:
        path.write_text(g.choice([text[:g.randrange(len(text))], "", "[]", "{}", "[" * 100000, "\ufeff" + text]))
        return f"{path.name} cut off or another"
    data = json.loads(text)
    if path.name == "tokenizer.json" and g.random() < 0.2:
        told = spoil_vocabulary(data["model"], g)
    else:
        where = g.choice(list(places(data)))
        inside, key = at(data, where[:-1]), where[-1]
        way = g.randrange(5)
        if key == "Regex" or (way == 4 and isinstance(inside[key], str) and key in ("pattern", "String")):
            inside[key] = g.choice(HOSTILE)
        elif way == 0:
            del inside[key]
        elif way == 1 and isinstance(key, str):
            inside[misspelt(key, g)] = inside.pop(key)
        elif way == 2 and isinstance(inside[key], str):
            inside[key] = misspelt(inside[key], g)
        elif way == 3 and isinstance(inside[key], bool):
            inside[key] = not inside[key]
        else:
            inside[key] = g.choice(JUNK)
        told = f"{'.'.join(map(str, where))} in way {way}"
        if isinstance(inside, dict) and key in inside:
            told += f", now {str(inside[key])[:60]!r}"
    path.write_text(json.dumps(data))
    return f"{path.name}: {told}"


def run(program, folder, text):
    try:
        return subprocess.run([program, "tokens", "--model", folder, "--text-file", text, "--json"],
                              capture_output=True, text=True, timeout=20)
    except subprocess.TimeoutExpired:
        return None


def library(folder):
    """The ids of the library; nil where it does not read the file."""
    try:
        return Tokenizer.from_file(str(folder / "tokenizer.json")).encode(TEXT, add_special_tokens=False).ids
    except BaseException as error:  # a panic of the library is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return None


def fault(done, folder, told, undamaged):
    if done is None:
        return "no end within 20 seconds"
    if done.returncode == 1:
        message = done.stderr.strip()
        return None if "Error:" in message and len(message) < 4000 else f"the message is {message[-300:]!r}"
    if done.returncode != 0:
        return f"exit {done.returncode}: {done.stderr.strip()[-300:]}"
    ids = json.loads(done.stdout)["ids"]
    # What tokenizer_config.json says, which may name added tokens too, is not the library's business.
    if done.stderr or ids == undamaged or told.startswith("tokenizer_config.json") or "added_tokens" in told:
        return None
    expected = library(folder)
    if expected is None:
        return f"other ids, and the library does not read the file: {ids[:8]}"
    return None if ids == expected else f"ids {ids[:8]}, the library's {expected[:8]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("laser")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--damaged", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    failed = passed = 0
    with tempfile.TemporaryDirectory() as parent:
        text, copy = pathlib.Path(parent) / "text", pathlib.Path(parent) / "copy"
        text.write_text(TEXT)
        for folder in sorted(path.parent for path in options.folder.glob("*/tokenizer.json")):
            first = run(options.laser, folder, text)
            if options.only not in folder.name or first.returncode != 0:
                continue
            undamaged = json.loads(first.stdout)["ids"]
            generator = random.Random(f"{folder.name} {options.seed}")
            for _ in range(options.damaged):
                shutil.rmtree(copy, ignore_errors=True)
                copy.mkdir()
                for file in folder.iterdir():
                    (copy / file.name).write_bytes(file.read_bytes())
                told = spoil(copy, generator)
                wrong = fault(run(options.laser, copy, text), copy, told, undamaged)
                failed, passed = failed + (wrong is not None), passed + (wrong is None)
                if wrong:
                    print(f"{folder.name}: {told}: {wrong}", flush=True)
    print(f"{passed} passed, {failed} failed")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
