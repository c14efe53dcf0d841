"""Tools as they are described to a model: in English, in the user's language, or in both.

A localized text is a list: a description, then trigger queries, which are requests that the tool answers. A
tool carries its own (``ToolSpec.localized``); the catalog's stand in ``descriptions/<language>.yaml``, where
``send_money`` stands for every payment tool that has no line of its own, and its parameters' in
``descriptions/parameters/<language>.yaml``, by the English text. A file for a variety of a language (pt-PT) has
only what is said otherwise than in the language's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name

from sandbox.catalog import SPECS
from sandbox.catalog.local import SCHEMES
from sandbox.catalog.routing import region
from sandbox.types import ToolSpec

Descriptions = Literal["english", "localized", "both"]
FOLDER = Path(__file__).parent / "descriptions"
LANGUAGES = sorted(file.stem for file in FOLDER.glob("*.yaml"))
RECIPIENT, AMOUNT = "The recipient: {kinds}.", "How much, in {money}."
MOBILE, EMAIL = "a mobile number ({country})", "an e-mail address"
NAMED_BY = {  # what names a recipient besides a mobile number
    "send_zelle": (MOBILE, EMAIL),
    "send_interac": (MOBILE, EMAIL),
    "send_payid": (MOBILE, EMAIL, "an ABN"),
    "send_paynow": (MOBILE, "a company's UEN"),
    "send_sepa_instant": ("an IBAN",),
    "send_wero": (MOBILE, EMAIL),
    "send_swish": (MOBILE, "a company's Swish number (123 ...)"),
    "send_fast": (MOBILE, EMAIL, "an identity number"),
    "send_instapay": (MOBILE, "a payment address such as name@instapay"),
    "send_promptpay": (MOBILE, "a national ID or tax ID of 13 digits"),
    "send_bifast": (MOBILE, EMAIL),
    "send_alipay": (MOBILE, EMAIL),
}
WERO = "FR DE BE".split()  # the countries whose numbers it knows


def described(tool: ToolSpec, language: str, show: Descriptions) -> ToolSpec:
    """The tool and its parameters described in ``language`` (a BCP 47 tag), or after the English texts.

    A tool that has no text in the language, nor in its primary one (de for de-AT), stays as it is.
    """
    texts = localized(tool, language) if show != "english" else []
    if not texts:
        return tool
    own = " ".join([texts[0], *(f"“{query}”" for query in texts[1:])])
    both = show == "both" and texts[0] != tool.description
    return replace(
        tool,
        description=f"{tool.description} {own}" if both else own,
        parameters=_parameters(tool, language, both),
    )


def localized(tool: ToolSpec, language: str) -> Sequence[str]:
    """The tool's description and trigger queries in a language, empty if it has none."""
    for tag in _tags(language):
        if tag in tool.localized:
            return tool.localized[tag]
        if tag in LANGUAGES and _is_the_catalogs(tool):
            return catalog_texts(tag)[tool.name]
    return []


def _is_the_catalogs(tool: ToolSpec) -> bool:
    """A task may describe a tool of the catalog in words of its own: then these count."""
    return tool.name in SPECS and tool.description == SPECS[tool.name].description


def _tags(language: str) -> Iterator[str]:
    """The tag, the script it is likeliest written in (zh-Hant for zh-TW), its parent, its primary language."""
    yield language
    code = language.replace("-", "_")
    likely = get_global("likely_subtags").get(code, code).split("_")
    if len(likely) > 1:
        yield "-".join(likely[:2])
    yield get_global("parent_exceptions").get(code, language).replace("_", "-")
    yield language.split("-")[0]


def _read(folder: Path, language: str) -> dict[str, Any]:
    """The lines of a language's file over those of its primary language."""
    lines: dict[str, Any] = {}
    for tag in dict.fromkeys((language.split("-")[0], language)):
        if (path := folder / f"{tag}.yaml").exists():
            lines |= yaml.safe_load(path.read_text("utf-8"))
    return lines


@cache
def catalog_texts(language: str) -> dict[str, list[str]]:
    """The catalog's texts in one of ``LANGUAGES``, by the tool's name."""
    lines: dict[str, list[str | None]] = _read(FOLDER, language)
    pattern = lines.pop("send_money")
    for name in SCHEMES.keys() - lines.keys():
        lines[name] = [text and text.format(**_terms(name, language)) for text in pattern]
    return {name: [text or SPECS[name].description for text in texts] for name, texts in lines.items()}


def _terms(payment: str, language: str) -> dict[str, str]:
    """What a payment tool is called, and its country and money in the language (CLDR)."""
    scheme, locale = SCHEMES[payment], language.replace("-", "_")
    return {
        "scheme": scheme.title,
        "country": Locale.parse(locale).territories[region(scheme.locale)],
        "money": get_currency_name(scheme.currency, locale=locale),
    }


def _parameters(tool: ToolSpec, language: str, both: bool) -> dict[str, Any]:
    """The tool's schema with each parameter described in the language, or after the English text."""
    known = next((tag for tag in _tags(language) if tag in LANGUAGES and tag != "en"), None)
    if known is None or not _is_the_catalogs(tool):
        return tool.parameters
    texts = parameter_texts(tool.name, known)
    properties = {
        name: schema | {"description": f"{schema['description']} {texts[name]}" if both else texts[name]}
        for name, schema in tool.parameters["properties"].items()
    }
    return tool.parameters | {"properties": properties}


@cache
def parameter_texts(tool: str, language: str) -> dict[str, str]:
    """What each parameter of a tool of the catalog is, in one of ``LANGUAGES`` (not English)."""
    lines = _read(FOLDER / "parameters", language)
    english = {name: schema["description"] for name, schema in SPECS[tool].parameters["properties"].items()}
    if tool not in SCHEMES:
        return {name: lines[text] for name, text in english.items()}
    terms = _terms(tool, language)
    if tool == "send_wero":
        countries = Locale.parse(language.replace("-", "_")).territories
        terms["country"] = ", ".join(countries[code] for code in WERO)
    kinds = ", ".join(lines[kind].format(**terms) for kind in NAMED_BY.get(tool, (MOBILE,)))
    recipient, amount = lines[RECIPIENT].format(kinds=kinds), lines[AMOUNT].format(**terms)
    return {name: amount if name == "amount" else recipient for name in english}


def missing_texts(language: str) -> list[str]:
    """What the tools' descriptions in a language lack, a sentence each."""
    if language == "en":
        return []
    tools, parameters = _read(FOLDER, language), _read(FOLDER / "parameters", language)
    needed = (SPECS.keys() - SCHEMES.keys()) | {"send_money"}
    texts = {
        schema["description"]
        for name in SPECS.keys() - SCHEMES.keys()
        for schema in SPECS[name].parameters["properties"].values()
    }
    texts |= {RECIPIENT, AMOUNT, MOBILE, *(kind for kinds in NAMED_BY.values() for kind in kinds)}
    return [
        *(
            f"descriptions/{language}.yaml does not describe {name}."
            for name in sorted(needed - tools.keys())
        ),
        *(
            f"descriptions/parameters/{language}.yaml does not say {text!r}."
            for text in sorted(texts - parameters.keys())
        ),
    ]
