"""The one form in which we would write a fact: CLDR's, in the locale's own digits."""

from datetime import date, time
from decimal import Decimal

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from rewards.facts.cldr import Cldr
from rewards.facts.measures import UNITS
from rewards.facts.terms import LENGTHS
from rewards.types import Fact


def write_number(value: float, locale: Cldr) -> str:
    # Babel has no minus sign for some systems, so the sign is put on here.
    sign = "-" if value < 0 else ""
    pattern = locale.locale.decimal_formats[None]
    digits = format_decimal(abs(Decimal(str(value))), pattern, locale="en", decimal_quantization=False)
    return locale.native(sign + _own_marks(digits, locale))


def _own_marks(digits: str, locale: Cldr) -> str:
    whole, dot, fraction = digits.partition(".")
    mark = locale.symbols["decimal"] if dot else ""
    return whole.replace(",", locale.symbols["group"]) + mark + fraction


def write_money(fact: Fact, locale: Cldr) -> str:
    written = format_currency(Decimal(str(fact["value"])), fact["currency"], locale=locale.locale)
    latin = locale.locale.number_symbols["latn"]
    marks = {ord(latin[key]): locale.symbols[key] for key in ("decimal", "group")}
    return locale.native(_between_digits(written, marks))


def _between_digits(text: str, marks: dict[int, str]) -> str:
    """Marks replaced where digits stand on both sides: a currency's sign may hold a dot itself."""
    inside = [c.translate(marks) if text[i - 1 : i].isdigit() and text[i + 1 : i + 2].isdigit() else c
              for i, c in enumerate(text)]  # fmt: skip
    return "".join(inside)


def write_quantity(value: float, unit: str, locale: Cldr, length: str = "long") -> str:
    styles = locale.locale._data["unit_patterns"][UNITS[unit]]
    plural = locale.locale.plural_form(Decimal(str(value)))
    for style in LENGTHS[LENGTHS.index(length) :]:
        patterns = dict(styles[style]) if style in styles else {}
        for category in (plural, "other"):
            if "{0}" in patterns.get(category, ""):
                return locale.native(patterns[category].replace("{0}", write_number(value, locale)))
    raise ValueError(f"CLDR has no name for {unit} in {locale.locale}")


def write_date(value: str, locale: Cldr) -> str:
    return locale.native(format_date(date.fromisoformat(value), "long", locale=locale.locale))


def write_time(value: str, locale: Cldr) -> str:
    moment = time.fromisoformat(value)
    if locale.language == "ko":  # CLDR's short form says AM and PM in Latin letters
        half = locale.locale.day_periods["format"]["wide"]["pm" if moment.hour >= 12 else "am"]
        return f"{half} {moment.hour % 12 or 12}:{moment.minute:02d}"
    return locale.native(format_time(moment, "short", locale=locale.locale))
