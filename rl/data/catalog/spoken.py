"""How a native says a value in a sentence.

CLDR's form unless the ``spoken`` section of the language's phrase file has a better one, since CLDR writes for
tables: "6:30 pm" in Hindi, R$ after Arabic digits, a Christian year in Thai.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import get_month_names

from rewards.facts import form
from rewards.types import Fact

Forms = dict[str, str]


def say(fact: Fact, file: dict[str, Any]) -> Forms:
    """The forms of a fact's value by name (``name`` is the plain one) in the language of a phrase file."""
    how, locale = file.get("spoken", {}), file["locale"]
    match fact["kind"]:
        case "time" if "time" in how:
            return _time(fact["value"], how["time"], locale)
        case "date" if "date" in how:
            return {"name": _date(fact["value"], how["date"], locale)}
        case "money":
            return {"name": _money(fact, file)}
        case "temperature" if "temperature" in how:
            return {"name": _temperature(fact["value"], how["temperature"], locale)}
        case "quantity" if fact["unit"] in how.get("quantity", {}):
            return {"name": counted(fact["value"], how["quantity"][fact["unit"]], locale)}
    return {"name": form(fact, locale)}


def number(value: float, locale: str) -> str:
    """The number in the locale's digits and marks."""
    return form({"kind": "number", "value": value}, locale)


def counted(value: float, patterns: str | Forms, locale: str) -> str:
    """A number with the word that it counts, which takes the form that the number asks for (CLDR's plurals).

    A pattern has ``{}`` for the number, or says it in words.
    """
    pattern = patterns if isinstance(patterns, str) else patterns[plural(value, patterns, locale)]
    return pattern.format(number(value, locale))


def plural(value: float, forms: Forms, locale: str) -> str:
    """The plural category of a number among those that ``forms`` tells apart.

    A noun agrees with the whole number before the decimal mark, unless there is a form for a ``fraction``.
    """
    if value != int(value) and "fraction" in forms:
        return "fraction"
    category = str(Locale.parse(locale, sep="-").plural_form(Decimal(int(abs(value)))))
    return category if category in forms else "other"


def _time(value: str, how: dict[str, Any], locale: str) -> Forms:
    """``how``: ``parts`` of the day by their first hour, ``forms``, and ``whole`` ones for whole hours; ``shift``
    where the day's hours are counted from sunrise."""
    hour, minute = map(int, value.split(":"))
    part = [name for first, name in how["parts"].items() if first <= hour] or list(how["parts"].values())
    said = {
        "part": part[-1],
        "hour": number((hour + how.get("shift", 0) - 1) % 12 + 1, locale),
        "minute": f"{minute:02d}",
        "minutes": number(minute, locale),
    }
    patterns = how["forms"] if minute else how["whole"]
    return {name: pattern.format(**said) for name, pattern in patterns.items()}


def _date(value: str, how: dict[str, Any], locale: str) -> str:
    """``how``: the ``form``, the ``first`` of a month where it is no plain 1, the ``years`` of another era."""
    day = dt.date.fromisoformat(value)
    months = get_month_names("wide", locale=locale.replace("-", "_"))
    first = how.get("first") if day.day == 1 else None
    year = number(day.year + how.get("years", 0), locale)
    separators = [c for c in number(1000, locale) if not c.isdecimal()]
    for mark in separators:
        year = year.replace(mark, "")
    return str(how["form"]).format(day=first or number(day.day, locale), month=months[day.month], year=year)


def _money(fact: Fact, file: dict[str, Any]) -> str:
    """``how``: the ``form``, the ``units`` whose name is not the one that sums are asked in, with their plurals; a
    unit that has ``{}`` for the number says where it stands ("${}")."""
    how, locale, value = file.get("spoken", {}).get("money"), file["locale"], fact["value"]
    if how is None:
        return form(fact, locale)
    units = file["words"]["currencies"] | how.get("units", {})
    unit = units[fact["currency"]]
    if isinstance(unit, dict):
        unit = unit.get(plural(value, unit, locale)) or unit["name"]
    return str(unit if "{}" in unit else how["form"].format(unit=unit)).format(_sum(value, locale))


def _sum(value: float, locale: str) -> str:
    """Whole, or with two decimals: 212, 212.50."""
    if value == int(value):
        return number(int(value), locale)
    cents = number(float(f"1.{f'{value:.2f}'[-2:]}1"), locale)  # 1.501 for a half, in the locale's digits
    return number(int(value), locale) + cents[1:-1]


def _temperature(celsius: float, how: Forms, locale: str) -> str:
    """``fahrenheit`` for a locale that thinks in it, else a pattern, or one for each plural, of degrees Celsius."""
    if "fahrenheit" in how:
        return how["fahrenheit"].format(number(round(celsius * 1.8 + 32), locale))
    return counted(celsius, how, locale)
