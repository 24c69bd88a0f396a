"""Damaged copies of a checkpoint: each must give an error that names something, or logits that are finite and those of
transformers on the same files, or of the undamaged model, or a warning. Nothing may trap, hang or be another model in
silence.
"""

import json

import writing

JUNK = [0, -1, 1, 3, 7, 2**31, 2**63 - 1, 2**70, 1e308, -0.5, 0.5, 1e-40, float("nan"), float("inf"), "x", "", "12", [],
        [[]], [1, 2], {}, {"a": [{"b": None}]}, True, False, None]


def entries(value, path=()):
    """All keys of nested objects: paths."""
    if isinstance(value, dict):
        for key in value:
            yield (*path, key)
            yield from entries(value[key], (*path, key))


def parent_of(value, path):
    for key in path[:-1]:
        value = value[key]
    return value


def misspelt(key, g):
    if len(key) < 3:
        return key + "_"
    i = g.randrange(1, len(key) - 1)
    return g.choice([key[:i] + key[i + 1:], key[:i] + key[i + 1] + key[i] + key[i + 2:], key[:i] + key[i] + key[i:],
                     key.upper(), key.replace("_", "-") if "_" in key else key + "s", key + "s"])


def lies(value, g):
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return g.choice([value + 1, value - 1, value * 2, value // 2, -value, float(value)])
    if isinstance(value, list):
        return g.choice([value[:-1], value + value[:1], value[::-1], value + ["sliding"], [None] * len(value)])
    if isinstance(value, str):
        return g.choice([value + "x", value.upper(), "", g.choice(list(writing.CLASSES))])
    return {key: value[key] for key in list(value)[1:]} if isinstance(value, dict) else "x"


ROTARY = [
    {"rope_type": "cubic", "factor": 2.0}, {"type": "ntk", "factor": 2.0}, {"rope_type": "linear"},
    {"rope_type": "linear", "factor": 0}, {"rope_type": "dynamic", "factor": -4.0}, {"rope_type": "yarn"},
    {"rope_type": "yarn", "factor": 1e300}, {"rope_type": "llama3", "factor": 8.0}, {"rope_type": 5},
    {"rope_type": "longrope", "short_factor": [], "long_factor": []}, {"factor": 2.0}, [], "linear",
    {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 0},
    {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4.0, "high_freq_factor": 4.0,
     "original_max_position_embeddings": 32},
    {"rope_type": "yarn", "factor": 4.0, "beta_fast": 1.0, "beta_slow": 32.0},
    {"rope_type": "longrope", "short_factor": [1, 0, "x"], "long_factor": {}},
]


def config_damage(text, g):
    """Another text of config.json, and what was done."""
    config = json.loads(text)
    path = g.choice(sorted(entries(config)))
    inside, key = parent_of(config, path), path[-1]
    name = ".".join(path)
    what = g.randrange(8)
    if what == 0:
        del inside[key]
        return json.dumps(config), f"config without {name}"
    if what in (1, 2):
        inside[key] = g.choice(JUNK)
        return json.dumps(config), f"config {name} = {inside[key]!r}"
    if what == 3:
        other = misspelt(key, g)
        inside[other] = inside.pop(key)
        return json.dumps(config), f"config {name} misspelt {other}"
    if what in (4, 5):
        inside[key] = lies(inside[key], g)
        return json.dumps(config), f"config {name} = {inside[key]!r}, a lie"
    if what == 6:
        inner = config.get("text_config", config)
        target = g.choice(["rope_scaling", "rope_parameters"])
        inner.pop("rope_parameters" if target == "rope_scaling" else "rope_scaling", None)
        inner[target] = g.choice(ROTARY)
        return json.dumps(config), f"config {target} = {inner[target]!r}"
    return g.choice([
        (text[:g.randrange(len(text))], "config cut off"),
        (text.replace("}", ",}", 1), "config with a comma too many"),
        ("[" * 200000, "config of brackets"), ("", "config empty"), ("[]", "config a list"),
        ("{" + f'"{key}": 3, ' + text.lstrip()[1:], f"config with {key} twice"),
        ("\ufeff" + text, "config with a byte order mark"), ("{}", "config without keys"),
    ])


def header_damage(data, g):
    """Other bytes of a safetensors file, and what was done."""
    size = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8:8 + size]), bytearray(data[8 + size:])
    names = sorted(set(header) - {"__metadata__"})
    name = g.choice(names)
    entry = header[name]
    start, end = entry["data_offsets"]
    what = g.randrange(13)
    told = f"{name}: "
    if what == 0:
        entry["data_offsets"] = g.choice([[start + 4, end + 4], [start, end + 4], [end, start], [-4, end - start - 4],
                                          [start, 2**63], [], [start], "x", [start + 0.5, end], None])
        told += f"offsets {entry['data_offsets']}"
    elif what == 1:
        entry["data_offsets"] = header[g.choice(names)]["data_offsets"]
        told += "the place of another"
    elif what == 2:
        entry["dtype"] = g.choice(["F16", "BF16", "F32", "F64", "I32", "F8_E4M3", "BOOL", "X", 3, None])
        told += f"type {entry['dtype']}"
    elif what == 3:
        shape = list(entry["shape"])
        axis = g.randrange(len(shape)) if shape else 0
        entry["shape"] = g.choice([shape[::-1], shape + [1], [1] + shape, shape[:-1], [], "x", None,
                                   shape[:axis] + [0] + shape[axis + 1:], shape[:axis] + [-1] + shape[axis + 1:],
                                   [2**32, 2**32], [2**62, 4], [shape[0] * 2, *shape[1:]] if shape else [2]])
        told += f"shape {entry['shape']}"
    elif what == 4:
        del header[name]
        told += "absent"
    elif what == 5:
        header[misspelt(name, g)] = header.pop(name)
        told += "misspelt"
    elif what == 6:
        infinite = {"F32": b"\x00\x00\x80\x7f", "F16": b"\x00\x7c", "BF16": b"\x80\x7f"}[entry["dtype"]]
        width = len(infinite)
        value = g.choice([b"\xff" * width, infinite])
        where = start + width * g.randrange((end - start) // width)
        body[where:where + width] = value
        told += f"an element {value.hex()}"
    elif what == 7:
        header[name] = g.choice([None, [], "x", {}, {"dtype": "F32"}, 7])
        told += f"described by {header[name]!r}"
    elif what == 8:
        header["__metadata__"] = g.choice([{"format": 3}, [], "x", {"format": "tf"}, None])
        told = f"metadata {header['__metadata__']!r}"
    text = json.dumps(header).encode()
    size = len(text)
    if what == 9:
        size = g.choice([0, size - 1, size + 1, 2**32, 2**63, 2**64 - 1, len(body) + size])
        told = f"header of {size} bytes"
    elif what == 10:
        text = text[:g.randrange(1, size)]
        told = "header cut off"
    whole = size.to_bytes(8, "little") + text + body
    if what == 11:
        whole = whole[:g.randrange(len(whole))]
        told = f"file of {len(whole)} bytes"
    elif what == 12:
        text = (json.dumps(header)[:-1] + f', "{name}": ' + json.dumps(entry) + "}").encode()
        whole = len(text).to_bytes(8, "little") + text + body
        told += "twice"
    return whole, told


def index_damage(text, g):
    index = json.loads(text)
    files = index["weight_map"]
    name = g.choice(sorted(files))
    what = g.randrange(7)
    if what == 0:
        del files[name]
    elif what == 1:
        files[name] = g.choice(["absent.safetensors", "../model.safetensors", "/etc/passwd", "", "config.json", 3, None])
    elif what == 2:
        files[name] = g.choice(sorted(set(files.values()) - {files[name]}))
    elif what == 3:
        index["weight_map"] = g.choice([None, [], {}, "x", 3])
    elif what == 4:
        del index["weight_map"]
    elif what == 5:
        return text[:g.randrange(len(text))], "index cut off"
    else:
        files[misspelt(name, g)] = files.pop(name)
    return json.dumps(index), f"index: {name}, way {what}"


def spoil(folder, g):
    """Spoils one file of the folder, and says how."""
    index = folder / "model.safetensors.index.json"
    way = g.choice(["config"] * 5 + ["header"] * 4 + ["index"] * 2)
    if way == "index" and index.exists():
        text, told = index_damage(index.read_text(), g)
        index.write_text(text)
    elif way == "config":
        path = folder / "config.json"
        text, told = config_damage(path.read_text(), g)
        path.write_text(text)
    else:
        path = g.choice(sorted(folder.glob("*.safetensors")))
        data, told = header_damage(path.read_bytes(), g)
        path.write_bytes(data)
    return told
