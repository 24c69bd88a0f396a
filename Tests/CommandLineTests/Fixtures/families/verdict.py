"""What laser says about a damaged checkpoint, and whether that is right."""

import json
import resource
import shutil
import subprocess
import tempfile
import pathlib

import numpy

import damage
import writing

IDS = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
BOUND = 1e-4


def limited():
    """A damaged file must not cost memory: a refused allocation ends the process by a signal, which is a finding."""
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))


def run(program, folder):
    arguments = [program, "logits", "--model", folder, "--ids", ",".join(map(str, IDS)), "--all", "--json"]
    try:
        return subprocess.run(arguments, capture_output=True, text=True, timeout=20, preexec_fn=limited)
    except subprocess.TimeoutExpired:
        return None


def differs(found, expected):
    return found.shape != expected.shape or not (
        numpy.abs(found - expected).max() <= BOUND * numpy.abs(expected).max())


def verdict(done, folder, family, undamaged):
    """How it ended in a word, and what is wrong with that; nil when nothing is."""
    if done is None:
        return "hang", "no end within 20 seconds"
    message = done.stderr.strip()
    if done.returncode == 1:
        is_named = message.startswith("Error:") and len(message) < 2000
        return "error", None if is_named else f"the message is {message[-300:]!r}"
    if done.returncode != 0:
        return "trap", f"exit {done.returncode}: {message[-300:]}"
    found = numpy.array(json.loads(done.stdout)["logits"], dtype=numpy.float32)
    if not numpy.isfinite(found).all():
        return "silent", "logits that are no finite numbers"
    if message:
        return "warning", None
    if not differs(found, undamaged):
        return "same", None
    try:
        expected = writing.logits(writing.load(family, folder), IDS)
    except Exception as error:
        if "expected float, got int" in str(error):
            return "same number", None
        return "silent", f"another model, which transformers refuses: {type(error).__name__}: {str(error)[:200]}"
    return ("transformers'", None) if not differs(found, expected) else ("silent", "another model than transformers'")


def check(program, family, generator, seed, count, folder):
    tensors, told, _ = writing.write(folder, family, generator, seed)
    undamaged = writing.logits(writing.load(family, folder), IDS)
    first = run(program, folder)
    assert first is not None and first.returncode == 0 and not first.stderr, f"undamaged: {first}"
    ends, wrong = {}, []
    for _ in range(count):
        with tempfile.TemporaryDirectory() as parent:
            copy = pathlib.Path(parent) / "damaged"
            shutil.copytree(folder, copy)
            what = damage.spoil(copy, generator)
            done = run(program, copy)
            end, fault = verdict(done, copy, family, undamaged)
        ends[end] = ends.get(end, 0) + 1
        if fault:
            wrong.append(f"{what}: {fault}")
    line = ", ".join(f"{number} {end}" for end, number in sorted(ends.items()))
    assert not wrong, f"{line}" + "".join(f"\n    {fault}" for fault in wrong)
    return f"{count} damaged copies: {line}"
