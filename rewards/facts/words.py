"""What a language says beside a number: minus, about, cents, half an hour (``measures.yaml``), as patterns."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rewards.facts.cldr import Cldr
from rewards.text.normalize import UNSPACED_LANGUAGES, fold, fold_words

# Little words that may stand between a number and what is said of it, within a clause.
NEAR = r"[^.,;:!?()\d。、，！？।\n]{0,28}?"
# A hyphen after a letter or digit is no sign, but scripts without spaces put one right after a word.
SIGN = re.compile(
    r"(?<![0-9_a-z\u00aa-\u0dff])-(?:[a-z]{0,3}[^\w\s-]? ?|[元円원])$|(?<![a-z])(?:chf|eur|usd|gbp|rp|kr)-$"
)


# Coins alone, such as 99 cents: a pattern, whose they are, and how many hundredths one is.
Coins = tuple[re.Pattern[str], frozenset[str], int]
ALONE = r"(?<![\d.,:/a-z-])"
CENTS = "USD EUR CAD AUD NZD SGD HKD ZAR"  # currencies that have cents


@dataclass(frozen=True)
class Words:
    """Patterns of one language. ``minus`` ends before the number, ``below`` and ``cents`` follow it, ``rough`` has both."""

    minus: re.Pattern[str]
    below: re.Pattern[str]
    than_zero: re.Pattern[str] | None
    less: re.Pattern[str]
    hedge: re.Pattern[str]
    rough: dict[str, tuple[re.Pattern[str], re.Pattern[str]]]
    cents: re.Pattern[str]
    cent: re.Pattern[str]
    hundredths: re.Pattern[str]  # the same, but for the p of "20 p.p."
    bare_cents: re.Pattern[str]
    coins: tuple[Coins, ...]
    tenths: re.Pattern[str]
    point: re.Pattern[str]
    half: tuple[tuple[re.Pattern[str], int], ...]
    hour: str
    durations: dict[str, tuple[str, ...]]
    money: dict[str, tuple[str, ...]]

    def negative(self, text: str, start: int, end: int) -> bool:
        """Whether the number at these places is below zero."""
        before, after = text[max(0, start - 32) : start], text[end : end + 48]
        if SIGN.search(before) or self.minus.search(before) or self.below.match(after):
            return True
        return bool(self.than_zero and self.than_zero.search(before) and self.less.match(after))

    def rounded(self, text: str, start: int, end: int, above: bool) -> bool:
        """Whether the number at these places is said to be about right; ``above``: the right one is greater."""
        before, after = text[max(0, start - 28) : start], text[end : end + 28]
        return any(
            front.search(before) or behind.match(after)
            for key, (front, behind) in self.rough.items()
            if key != ("under" if above else "over")
        )


@lru_cache(maxsize=1)
def data() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        Path(__file__).with_name("measures.yaml").read_text("utf-8")
    )
    return found


@lru_cache(maxsize=256)
def words(locale: Cldr) -> Words:
    own, english = data().get(locale.language, {}), data()["en"]
    spaced = locale.language not in UNSPACED_LANGUAGES
    left = r"(?<![^\W\d_])" if spaced else ""
    right = r"(?![^\W\d_])" if spaced else ""
    minus = any_of([*own.get("minus", ()), *english["minus"]])
    rough = {key: any_of([*own.get(key, ()), *english[key]]) for key in ("about", "over", "under")}
    named = [*own.get("cents", {}).items(), *english["cents"].items()]
    cents = any_of(word for _, words_for in named for word in words_for)
    tenths = any_of(own.get("tenths", ()))
    half: dict[str, int] = own.get("half", {})
    below = "|".join(map(fold_words, [*own.get("below", ()), *english["below"]]))
    return Words(
        minus=re.compile(rf"{left}(?:{minus})\s?$"),
        below=re.compile(rf"{NEAR}(?:{below})"),
        than_zero=re.compile(rf"{left}(?:{any_of(own['than_zero'])})\s?$") if "than_zero" in own else None,
        less=re.compile(rf"{NEAR}(?:{any_of(own.get('less', ()))})"),
        hedge=re.compile(rf"{left}(?:{'|'.join(rough.values())})"),
        rough={
            key: (
                re.compile(rf"{left}(?:{terms})[^\d.,;!?]{{0,14}}$"),
                re.compile(rf"[^\d.,;!?]{{0,14}}?(?:, ?)?{left}(?:{terms}){right}"),
            )
            for key, terms in rough.items()
        },
        cents=re.compile(
            rf"{NEAR}(?<!\d)(?P<cents>\d{{1,2}})\s?(?:de )?(?:{cents}){right}|{NEAR}{left}(?:{cents})\s(?P<after>\d{{1,2}})(?!\d)"
        ),
        cent=re.compile(rf"\s?(?:de )?(?:{cents}|{tenths}){right}"),
        bare_cents=re.compile(
            rf"\s(?:(?:{any_of(own.get('with', ()))})\s)?(?P<cents>\d\d)(?P<after>)(?=\s?(?:[.,!?;।]|$))"
        ),
        hundredths=re.compile(rf"(?!\s?p\b)\s?(?:de )?(?:{cents}|{tenths}){right}"),
        coins=tuple(_coins(own, named, right)),
        tenths=re.compile(
            rf"(?P<tenths>\d)\s?(?:(?:{tenths})(?:(?P<cents>\d)分?)?|(?=[.,!?;。，！？；、]|$))(?!\d)"
            if "tenths" in own
            else "(?!)"
        ),
        point=re.compile(rf"\s(?:{any_of(own.get('point', ()))})\s(?P<cents>\d\d)(?!\d)"),
        half=tuple((re.compile(_whole(said, spaced)), minutes) for said, minutes in half.items()),
        hour="|".join(_whole(said, spaced) for said in own.get("hour", ())) or "(?!)",
        durations={unit: own.get(f"{unit}s", ()) for unit in ("hour", "minute")},
        money={code: tuple(map(fold, names)) for code, names in own.get("money", {}).items()},
    )


def _coins(own: dict[str, Any], named: Iterable[tuple[str, list[str]]], right: str) -> Iterator[Coins]:
    for codes, said in named:
        count, coin = r"(?P<number>\d{1,2})", rf"(?:{any_of(said)}){right}"
        body = (
            rf"{coin}\s{count}(?![.,:]?\d)"
            if own.get("coins_first")
            else rf"{count}\s?(?:de )?{coin}(?!\.[^\W\d_])"
        )
        yield re.compile(ALONE + body), frozenset(codes.replace("cent", CENTS).split()), 1
    for codes, pattern in own.get("coins", {}).items():
        body = rf"(?P<number>[1-9])(?:{fold(pattern)})钱?(?:(?P<more>\d)分)?"
        yield re.compile(ALONE + body), frozenset(codes.split()), 10


def any_of(terms: Iterable[str]) -> str:
    """The terms, folded, as a pattern that takes the longest; of none, one that takes nothing."""
    folded = sorted({fold(term) for term in terms if term}, key=len, reverse=True)
    return "|".join(map(re.escape, folded)) or "(?!)"


def _whole(said: str, spaced: bool) -> str:
    """A phrase as a pattern; a number before it makes it another one."""
    body = fold_words(said)
    return rf"(?<![^\W_])(?<!\d )(?:{body})" if spaced else rf"(?:{body})"
