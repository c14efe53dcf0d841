"""Every source of tasks behind one ``load``."""

from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

from rewards.types import Task
from rl.data import bfcl, catalog, itc, jsonl, mapicall, massive, xlam, xsid
from rl.errors import UserError, hint
from rl.settings import Data, Sandbox
from sandbox.catalog.described import Descriptions, described

SOURCES: dict[str, Callable[..., list[Task]]] = {
    "catalog": catalog.load,
    "xsid": xsid.load,
    "massive": massive.load,
    "bfcl": bfcl.load,
    "mapicall": mapicall.load,
    "itc": itc.load,
    "xlam": xlam.load,
    "jsonl": jsonl.load,
}
FOLDERS = ("xsid", "bfcl")  # sources that are several files; others are a file, or a folder of such


def load(source: str, path: str | Path | None = None, split: str = "train", **options: Any) -> list[Task]:
    """The tasks of one split, in a stable order.

    ``languages`` and ``tools`` keep only those; the other options are the source's own (see the ``load``
    of ``rl.data.<source>``). Raises ``UserError`` for an unknown source, language or split, for a path
    that is missing, and for a row that is wrong, with its file and line.
    """
    if source not in SOURCES:
        raise UserError(f"no data source {source!r}{hint(source, SOURCES)}; there are {', '.join(SOURCES)}")
    if source == "catalog":
        tasks = catalog.load(split, **options)
    else:
        tasks = SOURCES[source](_existing(source, path), split, **options)
    if not tasks:
        raise UserError(
            f"{source} has no tasks for split={split!r} with these options; loosen languages or tools"
        )
    return tasks


def from_config(data: Data, split: str, sandbox: Sandbox | None = None) -> list[Task]:
    """``load`` with those settings of ``data`` that its source takes, the tools being the ``sandbox``'s and
    described as it says."""
    taken = signature(SOURCES[data.source]).parameters.keys() - {"path", "split"}
    options: dict[str, Any] = {name: value for name, value in data if name in taken}
    if data.source == "jsonl" and sandbox is not None:
        own = (sandbox.url, sandbox.tools, sandbox.trusted_tools, sandbox.rest, sandbox.mcp)
        options["foreign_tools"] = any(own)
    tasks = load(data.source, data.path, split, **options)
    return in_their_languages(tasks, sandbox.descriptions if sandbox is not None else "english")


def in_their_languages(tasks: list[Task], show: Descriptions) -> list[Task]:
    """The tasks, their tools described in English, in each task's language, or in both."""
    if show == "english":
        return tasks
    return [replace(task, tools=[described(t, task.language, show) for t in task.tools]) for task in tasks]


def known_languages(source: str, path: str | Path | None = None) -> list[str]:
    """Languages that the source has at that path; empty where only reading it all would tell."""
    if source == "catalog":
        return catalog.LANGUAGES
    if source == "xsid" and path is not None:
        return xsid.known_languages(Path(path))
    return []


def _existing(source: str, path: str | Path | None) -> Path:
    if path is None:
        raise UserError(f"data={source} needs data.path, where its files are")
    if not Path(path).exists():
        raise UserError(f"data.path {str(path)!r} does not exist")
    if source in FOLDERS and not Path(path).is_dir():
        raise UserError(f"data.path {str(path)!r} must be a folder")
    if source == "jsonl" and Path(path).is_dir():
        raise UserError(f"data.path {str(path)!r} must be a file")
    return Path(path)
