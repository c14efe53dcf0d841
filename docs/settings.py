"""Makes ``docs/settings.md`` and the tables of ``docs/outputs.md`` from the code: ``python docs/settings.py``."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from rl.config.schema import Config
from rl.config.section import Section, section_of
from rl.data.settings import SOURCE_SETTINGS
from rl.report.rollouts import COLUMNS

HERE = Path(__file__).resolve().parent
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
    parts = {name: section_of(field.annotation) for name, field in model.model_fields.items()}
    own = {name for name, field in model.model_fields.items() if parts[name] is not field.annotation} - {
        "data"
    }
    title = prefix.rstrip(".") or "the run"
    rows = [row for name, row in _rows(model, prefix).items() if name in own]
    if rows:
        yield f"\n## {title}\n"
        if prefix and model.__doc__ and model.__doc__ != Section.__doc__:
            yield f"{inspect.cleandoc(model.__doc__).replace('``', '`')}\n"
        yield from ["| setting | type | default | |", "|---|---|---|---|", *rows]
    for name, part in parts.items():
        if part is not None:
            yield from _section(part, f"{prefix}{name}.")
    if not prefix:
        for source, part in SOURCE_SETTINGS.items():
            yield f"\n## data={source}\n"
            yield from ["| setting | type | default | |", "|---|---|---|---|", *_rows(part, "data.").values()]


def _rows(model: type[BaseModel], prefix: str) -> dict[str, str]:
    """Setting → its row, those of the classes that it builds on first."""
    found = {}
    for owner in reversed(model.__mro__):
        if not issubclass(owner, BaseModel) or owner is BaseModel:
            continue
        source = inspect.getsource(owner)
        for field in ast.parse(source).body[0].body:
            if isinstance(field, ast.AnnAssign) and field.target.id in model.model_fields.keys() - {"source"}:
                name = model.model_fields[field.target.id].alias or field.target.id
                texts = [
                    ast.get_source_segment(source, part) or "" for part in (field.annotation, field.value)
                ]
                choices = model.model_fields[field.target.id].annotation
                cells = [f"`{prefix}{name}`", *map(_code, _kind(texts, choices)), _meaning(source, field)]
                found[field.target.id] = f"| {' | '.join(cells)} |"
    return found


def _kind(texts: list[str], annotation: Any) -> list[str]:
    """Type and default. A choice is written out, whatever its name; a pydantic Field is no default."""
    kind, default = (" ".join(text.split()) for text in texts)
    if get_origin(annotation) is Literal:
        kind = " | ".join(f'"{choice}"' for choice in get_args(annotation))
    return [kind, "" if default.startswith("Field(") else default]


def _meaning(source: str, field: ast.AnnAssign) -> str:
    """The comment behind the field; the formatter may have parted them over lines."""
    lines = source.splitlines()[field.lineno - 1 : field.end_lineno]
    found = [match[1] for line in lines if (match := re.search(r"  # (?!fmt)(.*)", line))]
    return " ".join(found)


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
