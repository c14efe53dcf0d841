"""Tools as they are described to a model: in English, in the user's language, or in both.

A localized text is a list: a description, then trigger queries, which are requests that the tool answers. A
tool carries its own (``ToolSpec.localized``); the catalog's stand in ``descriptions/<language>.yaml``, where
``send_money`` stands for every payment tool that has no line of its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from babel import Locale
from babel.numbers import get_currency_name

from sandbox.catalog import SPECS
from sandbox.catalog.local import SCHEMES
from sandbox.catalog.routing import region
from sandbox.types import ToolSpec

Descriptions = Literal["english", "localized", "both"]
FOLDER = Path(__file__).parent / "descriptions"
LANGUAGES = sorted(file.stem for file in FOLDER.glob("*.yaml"))


def described(tool: ToolSpec, language: str, show: Descriptions) -> ToolSpec:
    """The tool with its description in ``language`` (a BCP 47 tag), or after the English one.

    A tool that has no text in the language, nor in its primary one (de for de-AT), stays as it is.
    """
    texts = localized(tool, language) if show != "english" else []
    if not texts:
        return tool
    own = " ".join([texts[0], *(f"“{query}”" for query in texts[1:])])
    if show == "localized" or texts[0] == tool.description:
        return replace(tool, description=own)
    return replace(tool, description=f"{tool.description} {own}")


def localized(tool: ToolSpec, language: str) -> Sequence[str]:
    """The tool's description and trigger queries in a language, empty if it has none."""
    for tag in (language, language.split("-")[0]):
        if tag in tool.localized:
            return tool.localized[tag]
        if tag in LANGUAGES and _is_the_catalogs(tool):
            return catalog_texts(tag)[tool.name]
    return []


def _is_the_catalogs(tool: ToolSpec) -> bool:
    """A task may describe a tool of the catalog in words of its own: then these count."""
    return tool.name in SPECS and tool.description == SPECS[tool.name].description


@cache
def catalog_texts(language: str) -> dict[str, list[str]]:
    """The catalog's texts in one of ``LANGUAGES``, by the tool's name."""
    lines: dict[str, list[str | None]] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))
    pattern = lines.pop("send_money")
    for name in SCHEMES.keys() - lines.keys():
        lines[name] = [text and text.format(**_terms(name, language)) for text in pattern]
    return {name: [text or SPECS[name].description for text in texts] for name, texts in lines.items()}


def _terms(payment: str, language: str) -> dict[str, str]:
    """What a payment tool is called, and its country and money in the language (CLDR)."""
    scheme = SCHEMES[payment]
    return {
        "scheme": scheme.title,
        "country": Locale.parse(language).territories[region(scheme.locale)],
        "money": get_currency_name(scheme.currency, locale=language),
    }
