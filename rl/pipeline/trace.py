"""A run's samples, scores, transfers and updates on one line of time, as https://ui.perfetto.dev opens it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path


class Trace:
    """``trace.json``: events of the Trace Event Format, one a line. What is written so far can be opened any time."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w", encoding="utf-8")
        self.file.write("[\n")
        self.numbers = count()

    @contextmanager
    def span(self, process: str, name: str, **details: object) -> Iterator[None]:
        """Something that ``process`` does from here to the end of the block; spans may overlap."""
        begin, number = time.perf_counter(), next(self.numbers)
        try:
            yield
        finally:
            common: dict[str, object] = {
                "name": name,
                "cat": process,
                "pid": process,
                "tid": process,
                "id": number,
            }
            ends: tuple[tuple[str, float, dict[str, object]], ...] = (
                ("b", begin, details),
                ("e", time.perf_counter(), {}),
            )
            for kind, at, args in ends:
                self.file.write(json.dumps(common | {"ph": kind, "ts": at * 1e6, "args": args}) + ",\n")

    def close(self) -> None:
        self.file.close()
