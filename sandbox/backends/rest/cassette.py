"""Answers of APIs, kept in a JSON-lines file, so that a run can be repeated without them.

A line is ``{"method", "url", "headers", "body", "status", "content"}``: the request as the model made it, with
``${env:NAME}`` where a secret goes, and the answer with its secrets taken out. The last line for a request counts.
"""

import json
from pathlib import Path
from typing import Any

from sandbox.lines import numbered_lines

REQUEST = ("method", "url", "headers", "body")
Recorded = tuple[int, Any]  # HTTP status and content


class Cassette:
    """The recordings in one file. Raises ``ValueError`` where the file cannot be read."""

    def __init__(self, path: Path, must_exist: bool):
        self._path = path
        self._answers: dict[str, Recorded] = {}
        if must_exist and not path.is_file():
            raise ValueError(f"{path}: there is no such cassette; make it with mode 'record'")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            for number, line in numbered_lines(path):
                self._read(line, number)

    def find(self, request: dict[str, Any]) -> Recorded | None:
        """What was answered to the request, if it was recorded."""
        return self._answers.get(_key(request))

    def keep(self, request: dict[str, Any], status: int, content: Any) -> None:
        """Record an answer, unless the same is the one on record."""
        if self.find(request) == (status, content):
            return
        self._answers[_key(request)] = (status, content)
        line = json.dumps({**request, "status": status, "content": content}) + "\n"
        # One write to a file opened for appending: several processes may record into it.
        with open(self._path, "ab", buffering=0) as file:
            file.write(line.encode())

    def _read(self, line: str, number: int) -> None:
        try:
            entry = json.loads(line)
            self._answers[_key(entry)] = (entry["status"], entry["content"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{self._path}: line {number} is not a recording; delete it, or record anew"
            ) from error


def _key(request: dict[str, Any]) -> str:
    return json.dumps([request[part] for part in REQUEST], sort_keys=True)
