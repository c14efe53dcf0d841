"""The phrase file of a language, and a task's values as its words.

A template has ``{slot}``, ``{slot:form}`` where the sentence asks for another form of the word, and
``{slot@window}`` where it only suits some values (``slots.WINDOWS``).
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rewards.types import Fact
from rl.data.catalog.scenarios import Scenario
from rl.data.catalog.slots import LOCAL_UNITS, windows
from rl.data.catalog.spoken import counted, plural, say
from sandbox.catalog.routing import currency_of

PHRASES = Path(__file__).parent / "phrases"
LANGUAGES = sorted(p.stem for p in PHRASES.glob("*.yaml"))
SLOT = re.compile(r"\{(\w+)(?::(\w+))?(?:@(\w+))?\}")
LEXICON = {  # the table of words for each kind of slot
    "city": "cities",
    "rail": "cities",
    "mailed": "cities",
    "country": "countries",
    "currency": "currencies",
    "foreign": "currencies",
    "service": "services",
    "place": "places",
    "account": "accounts",
}
PLURALS = ("zero", "one", "two", "few", "many", "other")


@dataclass(frozen=True)
class Word:
    """A slot's value in one language: what the call takes, and how the request or reply spells it.

    ``coded``: the call takes a code, the same in every language, and none of the spellings; ``windows``: what
    a phrasing may ask of the value; ``also``: spellings that a reply may use and no phrasing does.
    """

    argument: Any
    forms: dict[str, str]
    coded: bool = False
    windows: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def accepted(self) -> list[Any]:
        """The values that a call may give: the argument, and its spellings where it takes words."""
        spellings = dict.fromkeys(f for f in self.forms.values() if f != self.argument)
        return [self.argument] if self.coded else [self.argument, *spellings]


@cache
def phrases(language: str) -> dict[str, Any]:
    """The phrase file of ``language``, as parsed YAML."""
    return read(PHRASES / f"{language}.yaml")


def read(path: Path) -> dict[str, Any]:
    """A phrase file, as parsed YAML."""
    file: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return file


def spell(scenario: Scenario, slots: dict[str, Any], language: str, split: str) -> dict[str, Word]:
    """The drawn ``slots`` as words of ``language``."""
    file = phrases(language)
    words: dict[str, Word] = {}
    for slot, kind in scenario.slots.items():
        value, name, detail = slots[slot], *kind.split(":")[:1], kind.partition(":")[2]
        match name:
            case "units":
                words["source"], words["target"] = (_word(file, "units", unit) for unit in value)
            case "phone":
                words["phone"] = Word(value[0], {"name": value[0]})
                words["country"] = _word(file, "countries", value[1])
            case "city" | "rail" | "mailed":
                words[slot] = _word(file, "cities", value, named=True)
            case "text":
                words[slot] = _text(file["values"][detail][split][value])
            case "code":
                words[slot] = Word(value, {"name": value})
            case "time" | "meal" | "event" | "date":
                fact: Fact = {"kind": "date" if name == "date" else "time", "value": value}
                words[slot] = Word(value, say(fact, file), coded=True, windows=tuple(windows(name, value)))
            case _ if name in LEXICON:
                words[slot] = _word(file, LEXICON[name], value)
            case _:
                words[slot] = _number(file, name, value)
    return _agreed(words, file["locale"])


def _word(file: dict[str, Any], table: str, key: str, named: bool = False) -> Word:
    """A word of the language; ``named``: the call takes the word itself and not the key."""
    forms = forms_of(file["words"][table][key])
    return Word(forms["name"] if named else key, forms, coded=not named)


def _text(entry: str | dict[str, Any]) -> Word:
    forms = forms_of(entry)
    also = entry.get("also", ()) if isinstance(entry, dict) else ()
    return Word(forms["name"], forms, also=tuple(also))


def forms_of(entry: str | dict[str, Any]) -> dict[str, str]:
    """A word's or text's forms by name; a plain string has one."""
    if isinstance(entry, str):
        return {"name": entry}
    return {name: text for name, text in entry.items() if name != "also"}


def _number(file: dict[str, Any], kind: str, value: Any) -> Word:
    """A number by itself, and with each word that the file counts with (``{minutes:minutes}``)."""
    locale = file["locale"]
    amount = float(value) if isinstance(value, str) else value
    suits = tuple(windows(kind, amount))
    if kind == "local_amount":
        amount *= LOCAL_UNITS.get(currency_of(locale) or "", 1)
    amount = int(amount) if amount == int(amount) else amount
    forms = say({"kind": "number", "value": amount}, file)
    forms |= {name: counted(amount, how, locale) for name, how in file.get("counted", {}).items()}
    return Word(value if isinstance(value, str) else amount, forms, coded=True, windows=suits)


def _agreed(words: dict[str, Word], locale: str) -> dict[str, Word]:
    """With the ``source`` in the form that the number before it asks for: ``{amount} {source:counted}``."""
    number, unit = words.get("amount", words.get("value")), words.get("source")
    if number is None or unit is None or not set(PLURALS) & set(unit.forms):
        return words
    form = unit.forms[plural(number.argument, unit.forms, locale)]
    return words | {"source": Word(unit.argument, unit.forms | {"counted": form}, coded=unit.coded)}


def stated(fact: Fact, file: dict[str, Any]) -> Word:
    """What a reply says of a fact."""
    forms = say(fact, file)
    if fact["kind"] == "number":
        numbers = file.get("counted", {}).items()
        forms |= {name: counted(fact["value"], how, file["locale"]) for name, how in numbers}
    return Word(fact["value"], forms)


def fill(template: str, words: dict[str, Word]) -> str:
    """``template`` with every slot replaced by the word's spelling."""
    return SLOT.sub(lambda m: words[m[1]].forms[m[2] or "name"], template)


def suits(template: str, words: dict[str, Word]) -> bool:
    """Whether the words lie in the windows that the template asks for."""
    return all(not window or window in words[slot].windows for slot, _, window in SLOT.findall(template))
