"""Which of the tools that do the same thing in different countries serves a user's locale."""

import re
from collections.abc import Sequence

from babel.core import get_global
from babel.numbers import get_territory_currencies

from sandbox.catalog.clock import NOW
from sandbox.catalog.local import LOCALES

FAMILIES = {"send_money": tuple(LOCALES)}
ACROSS = {"send_money": {"EUR": "send_sepa_instant"}}  # tools that work wherever the currency is used


def local_tool(family: str, locale: str) -> str:
    """The family's tool for a user of ``locale``, a BCP 47 tag.

    It is the tool of that very locale; else of its region (te-IN pays as hi-IN does, en-BR as pt-BR); else one
    that works wherever the region's currency is used (in Italy a SEPA transfer). A tag without a region stands
    for its likeliest one (CLDR's likely subtags). Raises ``LookupError`` where the family has no tool for it.
    """
    tools = FAMILIES[family]
    land = region(locale)
    here = sorted(
        (tool for tool in tools if region(LOCALES[tool]) == land), key=lambda t: LOCALES[t] != locale
    )
    currencies = get_territory_currencies(land, NOW.date(), NOW.date()) if land else []
    across = [tool for currency, tool in ACROSS.get(family, {}).items() if currency in currencies]
    for tool in (*here, *across):
        return tool
    known = ", ".join(sorted({region(LOCALES[tool]) or "" for tool in tools}))
    raise LookupError(f"no {family} tool works in {locale}: there are tools for {known} and the euro area")


def nearest(locales: Sequence[str], wanted: str) -> str | None:
    """The one of ``locales`` that serves a user of ``wanted``: that very one, else one of the same region, of these
    one of the same language first. None where there is none. All are BCP 47 tags, compared without case."""
    land, language = region(wanted), wanted.replace("_", "-").split("-")[0].lower()
    here = [tag for tag in locales if land is not None and region(tag) == land]
    here.sort(
        key=lambda tag: (
            tag.lower() != wanted.lower(),
            tag.replace("_", "-").split("-")[0].lower() != language,
        )
    )
    return here[0] if here else None


def region(locale: str) -> str | None:
    """The ISO 3166 code of the tag's region, given or likeliest; None where neither is known."""
    language, *others = locale.replace("_", "-").split("-")
    for part in others:
        if re.fullmatch("[A-Za-z]{2}|[0-9]{3}", part):
            return part.upper()
    likely = get_global("likely_subtags")
    found = likely.get("_".join([language.lower(), *(part.title() for part in others)])) or likely.get(
        language.lower()
    )
    return found.rpartition("_")[2] if found else None


def currency_of(locale: str) -> str | None:
    """The ISO 4217 code of the money that people of the locale's region pay with now (CLDR), if it is known."""
    land = region(locale)
    found = get_territory_currencies(land, NOW.date(), NOW.date()) if land else []
    return found[0] if found else None
