"""Every source of tasks behind one ``load``."""

from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

from rewards.types import Task
from rl.data import catalog
from rl.data.disjoint import disjoint
from rl.data.settings import Own, Source
from rl.data.sources import bfcl, confusion, itc, jsonl, mapicall, massive, mgsm, own, sealtools, xlam, xsid
from rl.errors import UserError, hint
from sandbox.catalog.described import Descriptions, described

SOURCES: dict[str, Callable[..., list[Task]]] = {
    "catalog": catalog.load,
    "xsid": xsid.load,
    "massive": massive.load,
    "bfcl": bfcl.load,
    "mapicall": mapicall.load,
    "itc": itc.load,
    "xlam": xlam.load,
    "sealtools": sealtools.load,
    "mgsm": mgsm.load,
    "confusion": confusion.load,
    "jsonl": jsonl.load,
}
FOLDERS = (
    "xsid",
    "bfcl",
    "sealtools",
)  # sources that are several files; others are a file, or a folder of such


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
        found = None if path is None and source == "bfcl" else _existing(source, path)
        tasks = SOURCES[source](found, split, **options)
    if not tasks:
        raise UserError(
            f"{source} has no tasks for split={split!r} with these options; loosen languages or tools"
        )
    return tasks


def from_config(data: Source, split: str, sandbox: Any = None) -> list[Task]:
    """``load`` with those settings of ``data`` that its source takes, the tools being those of the settings
    ``sandbox`` and described as they say."""
    if isinstance(data, Own):
        tasks = own.load(data, split)
    else:
        source = str(getattr(data, "source", ""))
        taken = signature(SOURCES[source]).parameters.keys() - {"path", "split"}
        options: dict[str, Any] = {name: value for name, value in data if name in taken}
        if source == "jsonl" and sandbox is not None:
            tools = (sandbox.url, sandbox.tools, sandbox.trusted_tools, sandbox.rest, sandbox.mcp)
            options["foreign_tools"] = any(tools)
        tasks = load(source, data.path, split, **options)
    if data.unseen_tools:
        tasks = disjoint(tasks, data.unseen_tools, unseen=split == data.test_split)
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
