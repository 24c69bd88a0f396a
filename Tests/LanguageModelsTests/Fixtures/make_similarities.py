"""Cosines between embeddings of the small checkpoints, by numpy: similarities.json.

    python make_similarities.py
"""

import json
import pathlib

import numpy
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).parent
TENSORS = {
    "llama-deep": "model.embed_tokens.weight",
    "gptj-deep-tied": "transformer.wte.weight",
}

goldens = {}
for name, tensor in TENSORS.items():
    table = load_file(HERE / "architectures" / name / "model.safetensors")[tensor].astype(float)
    pairs = [(left, (7 * left + 3) % len(table)) for left in range(0, len(table), 5)]
    goldens[name] = [
        {
            "left": left,
            "right": right,
            "cosine": float(
                table[left] @ table[right]
                / (numpy.linalg.norm(table[left]) * numpy.linalg.norm(table[right]))
            ),
        }
        for left, right in pairs
    ]
(HERE / "similarities.json").write_text(json.dumps(goldens, indent=1) + "\n")
