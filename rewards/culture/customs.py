"""What a locale's readers are used to beyond what Babel's CLDR has: ``rules/<language or locale>.yaml``.

A locale's file overrides its language's, section by section, in the register list by list; each file names the
source of each section.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

RULES = Path(__file__).parent / "rules"
# A word's edges. Python's \w leaves out the vowel signs of India's scripts; the danda is no part of a word.
LETTER = "[\\w\u0900-\u0963\u0966-\u0dff]"
SENTENCE_END = r"(?=[\s\")\]»”’'~♪]*(?:[.!?。！？…।؟\n~]|\Z))"
SENTENCE_START = r"(?:\A|[.!?。！？…।؟\n]\s{0,3})"
Manner = Literal["formal", "familiar"]


@dataclass(frozen=True)
class Register:
    """How the reader is spoken to. ``formal`` and ``familiar`` are patterns of words (or, with ``at: end``,
    of sentence ends); ``asked_*`` are more of them, which tell the manner of a request only; ``opening`` are familiar words at the start of a sentence;
    ``beside`` are forms that are familiar only where the reply or its request is formal; each ``clash`` is two
    forms, which tell nothing alone and are of two manners together.

    ``default`` is due where the request does not tell ("either": both are usual), and where it does, too,
    if the reply does not ``mirror`` a familiar user.
    ``elsewhere`` are words of address that other countries of the language use.
    """

    formal: re.Pattern[str]
    familiar: re.Pattern[str]
    opening: re.Pattern[str] | None
    asked_formal: re.Pattern[str] | None
    asked_familiar: re.Pattern[str] | None
    elsewhere: re.Pattern[str] | None
    beside: re.Pattern[str] | None
    clash: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
    default: Literal["formal", "either"]
    mirror: bool


@dataclass(frozen=True)
class Era:
    """A calendar's mark beside a year, the years it may stand with, and what to add for the Gregorian one
    (None: the years do not run in step)."""

    mark: str
    before: bool
    years: tuple[int, int]
    offset: int | None = None


@dataclass(frozen=True)
class Customs:
    """``clock`` 12 or 24 refuses the other one (``either``: both are usual; None: by CLDR). ``digits`` are the numbering systems
    in use (None: Latin and the language's own). ``family_first`` are the scripts, as Unicode names them,
    in which names stand family name first. ``address`` is the order of an address's parts.
    """

    clock: Literal[12, 24, "either"] | None = None
    measurement: Literal["metric", "US", "UK"] = "metric"
    temperature: Literal["celsius", "fahrenheit"] = "celsius"
    digits: tuple[str, ...] | None = None
    family_first: tuple[str, ...] = ()
    address: tuple[str, ...] | None = None
    eras: tuple[Era, ...] = field(default=())
    register: Register | None = None


@lru_cache(maxsize=256)
def customs(tag: str) -> Customs:
    """The customs of a BCP 47 tag; the defaults where no file knows better.

    Raises TypeError for a section that does not exist.
    """
    language = tag.split("-")[0]
    general, own = _file(language), _file(tag)
    rules = {**general, **own}
    if "register" in general and "register" in own:
        rules["register"] = {**general["register"], **own["register"]}
    return Customs(**{name: _section(name, value, language) for name, value in rules.items()})


def _file(name: str) -> dict[str, Any]:
    path = RULES / f"{name}.yaml"
    if not name.replace("-", "").isalnum() or not path.is_file():
        return {}
    rules: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    del rules["sources"]
    return rules


def _section(name: str, value: Any, language: str) -> Any:
    if name == "register":
        return _register(language=language, **value)
    if name == "eras":
        return tuple(Era(e["mark"], e["side"] == "before", tuple(e["years"]), e.get("offset")) for e in value)
    return tuple(value) if isinstance(value, list) else value


def _register(
    language: str,
    formal: list[str],
    familiar: list[str],
    default: Literal["formal", "either"] = "either",
    asked_formal: list[str] | None = None,
    asked_familiar: list[str] | None = None,
    elsewhere: list[str] | None = None,
    opening: list[str] | None = None,
    beside: list[str] | None = None,
    clash: list[list[str]] | None = None,
    at: Literal["word", "end", "anywhere"] = "word",
    mirror: bool = True,
) -> Register:
    def compiled(words: list[str]) -> re.Pattern[str]:
        body = f"(?:{'|'.join(words)})"
        edged = {"word": f"(?<!{LETTER}){body}(?!{LETTER})", "end": body + SENTENCE_END, "anywhere": body}
        return re.compile(edged[at])

    def pattern(words: list[str] | None) -> re.Pattern[str] | None:
        return compiled(words) if words else None

    polite, close = pattern(formal), pattern(familiar)
    assert polite and close, f"rules/{language}.yaml needs words for both manners"
    first = re.compile(rf"{SENTENCE_START}(?:{'|'.join(opening)})") if opening else None
    asked, strange = (pattern(asked_formal), pattern(asked_familiar)), pattern(elsewhere)
    pairs = tuple((compiled([one]), compiled([other])) for one, other in clash or [])
    return Register(polite, close, first, *asked, strange, pattern(beside), pairs, default, mirror)
