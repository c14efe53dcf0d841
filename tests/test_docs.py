"""The documentation is of this code: its tables, its links, its commands."""

import importlib
import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from rl.config.cli import CONF, rewritten
from rl.config.load import load
from rl.config.schema import Config, Trainer

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [
    *sorted(DOCS.glob("*.md")),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "examples" / "README.md",
]
SPEC = importlib.util.spec_from_file_location("settings_page", DOCS / "settings.py")
assert SPEC is not None and SPEC.loader is not None
MADE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MADE)


def test_the_table_of_settings_is_today_s() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    assert page == MADE.settings(), "python docs/settings.py makes it"
    names = {f"`trainer.{name}`" for name in Trainer.model_fields} - {"`trainer.curriculum`"}  # a section
    assert names <= set(re.findall(r"^\| (`[\w.]+`)", page, re.M))
    assert all(
        f"## {name}" in page
        for name in Config.model_fields
        if name not in {"seed", "run", "output_dir", "resume", "data"}
    )


def test_the_table_of_columns_is_today_s() -> None:
    page = (DOCS / "outputs.md").read_text("utf-8")
    assert page == MADE.outputs(page), "python docs/settings.py makes it"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        if not link.startswith(("http", "mailto")):
            assert (page.parent / link).exists(), link


def test_every_room_is_on_the_page_of_the_architecture() -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    rooms = {file.parent.name for file in (ROOT / "rl").glob("*/__init__.py")}
    assert {room for room in rooms if f"`{room}/`" not in page} == set()
    for room, modules in re.findall(r"^\| `(\w+)/` \| (.*) \|$", page, re.M):
        folder = ROOT / "rl" / room
        if not folder.is_dir():
            continue
        told = [name for name in re.findall(r"`([a-z_]+/?)`", modules) if name != "own"]
        assert [n for n in told if not (folder / n).exists() and not (folder / f"{n}.py").exists()] == []


def commands() -> list[tuple[str, str]]:
    """Page and command of whatever takes the settings of a run, as it stands in a block of code or in a line."""
    found = []
    for page in PAGES:
        text = page.read_text("utf-8").replace("\\\n", " ")
        lines = re.findall(r"^(?:\.venv/bin/)?((?:polyglot-grpo|python -m rl\.).*)$", text, re.M)
        lines += re.findall(r"`((?:polyglot-grpo|python -m rl\.)[^`]*)`", text)
        names = r"(?:polyglot-grpo |python -m rl\.)(train|sft|evaluate|plan|preview)\b(?!.*(\.\.\.|--config-dir|_target_|my_|…|RUN))"
        found += [(page.name, line.split("  #")[0]) for line in lines if re.match(names, line)]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(("page", "command"), commands())
def test_a_command_is_one_of_ours(page: str, command: str) -> None:
    """Its words compose, and its settings are settings: what it names need not be on this machine."""
    words = [word for word in shlex.split(command) if re.match(r"[+~]*[\w.@/]+=", word)]
    sweep = bool({"-m", "--multirun"} & set(shlex.split(command)))
    if any(word.startswith("resume=") for word in words):
        words = [word for word in words if not word.startswith("resume=")]
    first = [re.sub(r"^([\w./]+=[^,\[{]+),.*$", r"\1", word) for word in words] if sweep else words
    with initialize_config_dir(str(CONF), version_base="1.3"):
        load(compose("config", rewritten(first)), here=False)


def test_old_names_of_modules_are_in_the_changelog_and_go_on_working() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    moved = {}
    for file in [file for name in ("rl", "rewards", "sandbox") for file in (ROOT / name).rglob("*.py")]:
        if match := re.match(r'"""Moved to ``([\w.]+)``', file.read_text("utf-8")):
            moved[".".join(file.relative_to(ROOT).with_suffix("").parts)] = match[1]
    assert len(moved) > 5
    for old, new in moved.items():
        assert f"`{old}`" in changes, old
        there, here = importlib.import_module(new), importlib.import_module(old)
        names = getattr(here, "__all__", [name for name in vars(there) if not name.startswith("_")])
        assert all(getattr(here, name) is getattr(there, name) for name in names)


def test_what_troubleshooting_quotes_is_said_somewhere() -> None:
    sources = [
        file.read_text("utf-8")
        for name in ("rl", "rewards", "sandbox")
        for file in (ROOT / name).rglob("*.py")
    ]
    said = re.sub(r'"\n\s*f?"', "", "\n".join(sources))
    said = re.sub(r"\{[^{}]*\}", "…", said)
    for quoted in re.findall(r"^\| `([^`]*)` \|", (DOCS / "troubleshooting.md").read_text("utf-8"), re.M):
        for piece in re.split(r"…|N|;", quoted):
            assert piece.strip(" ?") in said, quoted
