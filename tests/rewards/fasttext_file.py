"""Model files in fastText's binary format, version 12, as its ``FastText::saveModel`` writes them."""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path

MAGIC, VERSION = 793712314, 12
SOFTMAX, SUPERVISED = 3, 3
WORD, LABEL = 0, 1


def small_model(path: Path, words: Mapping[str, str]) -> Path:
    """A classifier that knows each word for its label's, and nothing else."""
    labels = sorted(set(words.values()))
    size = len(labels)
    arguments = struct.pack("<12id", size, 5, 1, 1, 1, 1, SOFTMAX, SUPERVISED, 0, 0, 0, 0, 0.0)
    names = [("</s>", WORD), *((word, WORD) for word in words), *((label, LABEL) for label in labels)]
    entries = b"".join(name.encode() + b"\0" + struct.pack("<qb", 1, kind) for name, kind in names)
    counts = struct.pack("<3i2q", len(names), 1 + len(words), size, len(names), -1)
    places = [None, *(labels.index(label) for label in words.values())]
    rows = [[40.0 if i == place else 0.0 for i in range(size)] for place in places]
    unit = [[float(i == j) for j in range(size)] for i in range(size)]
    body = struct.pack("<2i", MAGIC, VERSION) + arguments + counts + entries
    path.write_bytes(body + b"\0" + _matrix(rows) + b"\0" + _matrix(unit))
    return path


def _matrix(rows: list[list[float]]) -> bytes:
    flat = [value for row in rows for value in row]
    return struct.pack("<2q", len(rows), len(rows[0])) + struct.pack(f"<{len(flat)}f", *flat)


def relabelled(source: Path, path: Path, name: Callable[[str], str]) -> Path:
    """The same model with other labels."""
    data = source.read_bytes()
    start = 8 + struct.calcsize("<12id") + struct.calcsize("<3i2q")
    size = struct.unpack_from("<i", data, 8 + struct.calcsize("<12id"))[0]
    written, at = [data[:start]], start
    for _ in range(size):
        end = data.index(b"\0", at)
        text, tail = data[at:end], data[end : end + 10]
        is_label = tail[9] == LABEL
        written.append((name(text.decode()).encode() if is_label else text) + tail)
        at = end + 10
    path.write_bytes(b"".join(written) + data[at:])
    return path
