"""Every source of tasks behind one ``load``."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from rewards.types import Task
from rl.data import catalog, jsonl, xsid
from rl.errors import UserError, hint
from rl.settings import Data, Sandbox
from sandbox.catalog.described import Descriptions, described

SOURCES = ("catalog", "xsid", "jsonl")


def load(source: str, path: str | Path | None = None, split: str = "train", **options: Any) -> list[Task]:
    """The tasks of one split, in a stable order.

    ``languages`` and ``tools`` keep only those; the other options are the source's own (see the
    ``load`` of ``rl.data.catalog``, ``rl.data.xsid``, ``rl.data.jsonl``). Raises ``UserError`` for
    an unknown source, language or split and for a path that is missing.
    """
    if source not in SOURCES:
        raise UserError(f"no data source {source!r}{hint(source, SOURCES)}; there are {', '.join(SOURCES)}")
    match source:
        case "catalog":
            tasks = catalog.load(split, **options)
        case "xsid":
            tasks = xsid.load(_existing(source, path), split, **options)
        case _:
            tasks = jsonl.load(_existing(source, path), split, **options)
    if not tasks:
        raise UserError(
            f"{source} has no tasks for split={split!r} with these options; loosen languages or tools"
        )
    return tasks


def from_config(data: Data, split: str, sandbox: Sandbox | None = None) -> list[Task]:
    """``load`` with the options of ``data`` that its source takes, the tools being the ``sandbox``'s and described
    as it says."""
    options: dict[str, Any] = {"languages": data.languages, "tools": data.tools}
    if data.source != "jsonl":
        options |= {"tools_per_task": data.tools_per_task, "system": data.system}
    if data.source == "catalog":
        options["per_tool"] = data.per_tool
    if data.source == "jsonl" and sandbox is not None:
        options["foreign_tools"] = bool(sandbox.url or sandbox.tools or sandbox.trusted_tools or sandbox.rest)
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
    if Path(path).is_dir() != (source == "xsid"):
        raise UserError(f"data.path {str(path)!r} must be a {'folder' if source == 'xsid' else 'file'}")
    return Path(path)
