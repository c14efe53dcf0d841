"""The documentation is of this code: its tables, its links, its commands."""

import importlib.util
import re
from pathlib import Path

import pytest

from rl.config.load import Config
from rl.config.schema import Trainer

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
