"""Makes ``docs/settings.md`` and the tables of ``docs/outputs.md`` from the code: ``python docs/settings.py``."""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from rl.config.schema import Config  # noqa: E402
from rl.config.section import Section  # noqa: E402
from rl.data.settings import SOURCES  # noqa: E402
from rl.report.rollouts import COLUMNS  # noqa: E402

LINE = re.compile(r"^    (?P<name>\w+): (?P<kind>.+?)(?: = (?P<default>[^#]+?))?(?:  ?# (?P<meaning>.*))?$")
HEAD = """# Settings

Every setting, its type, its default in code (files of `conf/` set others: `--cfg job` prints what a run gets) and what it is.
On the command line: `trainer.steps=200`. Made from `rl/config/schema.py` by `docs/settings.py`.
"""
BEGIN, END = "<!-- columns -->", "<!-- end -->"


def settings() -> str:
    """The page of settings."""
    parts = [HEAD, *_section(Config, "")]
    return "\n".join(parts)


def _section(model: type[BaseModel], prefix: str) -> Iterator[str]:
    nested = {name: field.annotation for name, field in model.model_fields.items()}
    below = {k: v for k, v in nested.items() if isinstance(v, type) and issubclass(v, BaseModel)}
    title = prefix.rstrip(".") or "the run"
    rows = [row for name, row in _rows(model, prefix).items() if name not in below and name != "data"]
    if rows:
        yield f"\n## {title}\n"
        if prefix and model.__doc__ and model.__doc__ != Section.__doc__:
            yield f"{inspect.cleandoc(model.__doc__).replace('``', '`')}\n"
        yield from ["| setting | type | default | |", "|---|---|---|---|", *rows]
    for name, part in below.items():
        yield from _section(part, f"{prefix}{name}.")
    if not prefix:
        for source, part in SOURCES.items():
            yield f"\n## data={source}\n"
            yield from ["| setting | type | default | |", "|---|---|---|---|", *_rows(part, "data.").values()]


def _rows(model: type[BaseModel], prefix: str) -> dict[str, str]:
    """Setting → its row, those of the classes that it builds on first."""
    found = {}
    for owner in reversed(model.__mro__):
        if not issubclass(owner, BaseModel) or owner is BaseModel:
            continue
        for line in inspect.getsource(owner).splitlines():
            match = LINE.match(line)
            if match and match["name"] in model.model_fields and match["name"] != "source":
                kind = match["kind"]
                if kind.endswith("["):  # written over several lines
                    kind = getattr(model.model_fields[match["name"]].annotation, "__name__", "")
                cells = [f"`{prefix}{match['name']}`", _code(kind), _code(match["default"] or "")]
                found[match["name"]] = f"| {' | '.join(cells)} | {match['meaning'] or ''} |"
    return found


def _code(text: str) -> str:
    return "`" + text.strip().replace("|", "\\|") + "`" if text.strip() else ""


def columns() -> str:
    """The table of the columns of ``rollouts/*.parquet``."""
    rows = (f"| `{name}` | `{c.kind}` | {c.meaning} |" for name, c in COLUMNS.items())
    return "\n".join([BEGIN, "| column | type | |", "|---|---|---|", *rows, END])


def outputs(page: str) -> str:
    """The page of outputs with the table of today's columns."""
    return page[: page.index(BEGIN)] + columns() + page[page.index(END) + len(END) :]


if __name__ == "__main__":
    (HERE / "settings.md").write_text(settings(), encoding="utf-8")
    page = HERE / "outputs.md"
    page.write_text(outputs(page.read_text("utf-8")), encoding="utf-8")
