"""Parallel tasks over the sandbox's catalog: one scenario, asked natively in every language.

A task's wording comes from ``phrases/<language>.yaml``, its gold calls from running the scenario in
the catalog, its values in the request and the reference reply from CLDR. Train and test share no
phrasing and no open slot value.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import yaml

from rewards.facts import form
from rewards.types import Expected, Task
from rl.data.scenarios import LOCAL_UNITS, SCENARIOS, Scenario, draw
from rl.errors import UserError, hint
from sandbox import catalog
from sandbox.catalog.routing import FAMILIES, currency_of

PHRASES = Path(__file__).parent / "phrases"
LANGUAGES = sorted(p.stem for p in PHRASES.glob("*.yaml"))
KINDS = [*SCENARIOS, "small_talk"]
SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True)
class Word:
    """A slot's value in one language: what the call takes, and how the request or reply spells it.

    ``coded``: the call takes a code, the same in every language, and none of the spellings.
    """

    argument: Any
    forms: dict[str, str]
    coded: bool = False

    @property
    def accepted(self) -> list[Any]:
        spellings = [f for f in self.forms.values() if f != self.argument]
        return [self.argument] if self.coded else [self.argument, *spellings]


@cache
def phrases(language: str) -> dict[str, Any]:
    """The phrase file of ``language``, as parsed YAML."""
    return yaml.safe_load((PHRASES / f"{language}.yaml").read_text(encoding="utf-8"))


def load(
    split: str = "train",
    languages: Sequence[str] | None = None,
    tools: Sequence[str] | None = None,
    per_tool: int = 40,
    tools_per_task: int = 4,
    system: str | None = None,
) -> list[Task]:
    """``per_tool`` tasks of each kind in ``tools`` (tools of the catalog, ``two_times``, ``send_money``,
    ``replace_alarm``, ``convert_and_pay``, ``small_talk``; None: all) in each language.

    Each task is shown ``tools_per_task`` tools, the needed ones among them; where each country has a tool of
    its own (``send_money``), some of the others, too. Raises UserError for a
    split, language or tool that does not exist.
    """
    languages, kinds = list(languages or LANGUAGES), list(tools or KINDS)
    _known("split", [split], ["train", "test"])
    _known("language", languages, LANGUAGES)
    _known("tool", kinds, KINDS)
    return [
        build(kind, i, language, split, kinds, tools_per_task, system)
        for kind in kinds
        for i in range(per_tool)
        for language in languages
    ]


def _known(what: str, given: Iterable[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise UserError(
                f"the catalog has no {what} {name!r}{hint(name, known)} (it has {', '.join(known)})"
            )


def build(
    kind: str,
    i: int,
    language: str,
    split: str,
    kinds: Sequence[str],
    tools_per_task: int,
    system: str | None,
) -> Task:
    """The ``i``-th task of ``kind`` in ``language``; the same scenario for every language."""
    parallel_id = f"catalog/{split}/{kind}/{i}"
    wording = Random(f"{parallel_id}/{language}")
    if kind == "small_talk":
        request, state, expected = _small_talk(i, language, split)
    else:
        request, state, expected = _scenario(kind, parallel_id, wording, language, split)
    needed = {c["name"] for c in expected.calls}
    rng = Random(f"{parallel_id}/tools")
    rivals = _sampled(_foreign(kind, language), needed, tools_per_task // 2, rng)
    shown = _shown(needed | set(rivals), kinds, tools_per_task, rng)
    messages = [{"role": "system", "content": system}] if system else []
    return Task(
        id=f"{parallel_id}/{language}",
        parallel_id=parallel_id,
        language=language,
        locale=phrases(language)["locale"],
        messages=[*messages, {"role": "user", "content": request}],
        tools=[catalog.SPECS[name] for name in shown],
        expected=expected,
        state=state,
        source="catalog",
        split=split,
    )


def half(parallel_id: str) -> int:
    """0 or 1. Training tasks of different halves share no phrasing: the warm start learns from half 0,
    so that reinforcement meets requests that supervision never showed, as it does in real models."""
    return crc32(parallel_id.encode()) % 2


def _half_of(phrasings: list[Any], parallel_id: str, split: str) -> list[Any]:
    return phrasings if split == "test" else phrasings[half(parallel_id) :: 2]


def _small_talk(i: int, language: str, split: str) -> tuple[str, dict[str, Any], Expected]:
    pairs = _half_of(phrases(language)["small_talk"][split], f"catalog/{split}/small_talk/{i}", split)
    pair = pairs[i % len(pairs)]
    return pair["request"], catalog.initial_state(), Expected(no_call=True, reply=pair["reply"])


def _scenario(
    kind: str, parallel_id: str, wording: Random, language: str, split: str
) -> tuple[str, dict[str, Any], Expected]:
    scenario, file = SCENARIOS[kind], phrases(language)
    words = spell(scenario, draw(scenario.slots, split, Random(parallel_id)), language, split)
    slots = arguments(words, file["locale"])
    state = catalog.initial_state() | scenario.given(slots)
    after = state
    calls: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    unsure: set[str] = set()  # what in the state hangs on the spelling of an argument

    def run(tool: str, **arguments: Any) -> dict[str, Any]:
        nonlocal after
        before = after
        content, after = catalog.run(tool, arguments, before, index=len(calls))
        accepted = {name: _accepted(value, words) for name, value in arguments.items()}
        if any(len(values) > 1 for values in accepted.values()):
            unsure.update(key for key in after if after[key] != before.get(key))
        calls.append({"name": tool, "arguments": accepted})
        results.append(content)
        return content

    facts = scenario.play(slots, run)
    phrasing = file["tools"][kind]
    request = fill(wording.choice(_half_of(phrasing["requests"][split], parallel_id, split)), words)
    invalid = any(r.get("valid") is False for r in results) and "replies_no" in phrasing
    reply = wording.choice(phrasing["replies_no" if invalid else "replies"])
    stated = {name: Word(fact["value"], {"name": form(fact, file["locale"])}) for name, fact in facts.items()}
    expected = Expected(
        calls=calls,
        ordered=scenario.ordered,
        facts=[_in_words(fact, words, language) for fact in facts.values()],
        final_state=after,
        unchecked=sorted(unsure),
        reply=fill(reply, stated | words),
    )
    return request, state, expected


def arguments(words: dict[str, Word], locale: str) -> dict[str, Any]:
    """What a scenario plays with: each slot's argument, the ``locale`` and its ``currency``."""
    values = {slot: word.argument for slot, word in words.items()}
    return values | {"locale": locale, "currency": currency_of(locale)}


def spell(scenario: Scenario, slots: dict[str, Any], language: str, split: str) -> dict[str, Word]:
    """The drawn ``slots`` as words of ``language``."""
    words: dict[str, Word] = {}
    locale = phrases(language)["locale"]
    for slot, kind in scenario.slots.items():
        value, name, detail = slots[slot], *kind.split(":")[:1], kind.partition(":")[2]
        match name:
            case "units":
                words["source"], words["target"] = (_lexicon(language, "units", unit, unit) for unit in value)
            case "phone":
                words["phone"] = Word(value[0], {"name": value[0]})
                words["country"] = _lexicon(language, "countries", value[1], value[1])
            case "city":
                words[slot] = _lexicon(language, "cities", value, None)
            case "country" | "currency" | "foreign":
                table = "countries" if name == "country" else "currencies"
                words[slot] = _lexicon(language, table, value, value)
            case "service" | "place" | "account":
                words[slot] = _lexicon(language, f"{name}s", value, value)
            case "text":
                forms = _forms(phrases(language)["values"][detail][split][value])
                words[slot] = Word(forms["name"], forms)
            case "code":
                words[slot] = Word(value, {"name": value})
            case "local_amount":
                amount = value * LOCAL_UNITS.get(currency_of(locale) or "", 1)
                words[slot] = Word(
                    amount, {"name": form({"kind": "number", "value": amount}, locale)}, coded=True
                )
            case _:
                fact = {"kind": name if name in ("time", "date") else "number", "value": value}
                if isinstance(value, str) and value.isdecimal():
                    fact["value"] = int(value)
                words[slot] = Word(value, {"name": form(fact, locale)}, coded=True)
    return words


def _lexicon(language: str, table: str, key: str, argument: Any) -> Word:
    """A word of the language; ``argument`` None: the call takes the word itself."""
    forms = _forms(phrases(language)["words"][table][key])
    return Word(forms["name"] if argument is None else argument, forms, coded=argument is not None)


def _forms(entry: str | dict[str, str]) -> dict[str, str]:
    return entry if isinstance(entry, dict) else {"name": entry}


def fill(template: str, words: dict[str, Word]) -> str:
    """``template`` with ``{slot}`` and ``{slot:form}`` replaced by the words' spellings."""
    return SLOT.sub(lambda m: words[m[1]].forms[m[2] or "name"], template)


def _accepted(value: Any, words: dict[str, Word]) -> list[Any]:
    """The acceptable values of a gold argument: a word of the language in any of its forms."""
    spelled = (w.accepted for w in words.values() if w.argument == value and isinstance(value, str))
    return next(spelled, [value])


def _in_words(fact: dict[str, Any], words: dict[str, Word], language: str) -> dict[str, Any]:
    """The fact with the language's spellings of a text, and its words for a verdict."""
    if "verdict" in fact:
        return fact | phrases(language)["verdict"]
    if fact["kind"] != "text":
        return fact
    also = [s for s in _accepted(fact["value"], words) if s != fact["value"]]
    return fact | {"also": also} if also else fact


def _shown(needed: set[str], kinds: Sequence[str], count: int, rng: Random) -> list[str]:
    """The needed tools among others of the run's, in an order that tells nothing."""
    shown = sorted(needed) + _sampled(
        [k for k in kinds if k in catalog.SPECS], needed, count - len(needed), rng
    )
    rng.shuffle(shown)
    return shown


def _foreign(kind: str, language: str) -> list[str]:
    """The tools that do the same where other languages are spoken; where the user's own is, nothing in the
    request might tell the countries apart."""
    tools = FAMILIES.get(kind, ())
    return [tool for tool in tools if not (catalog.SPECS[tool].locale or "").startswith(f"{language}-")]


def _sampled(names: Sequence[str], taken: set[str], count: int, rng: Random) -> list[str]:
    """``count`` of the names that are not taken, or as many as there are."""
    left = [name for name in names if name not in taken]
    return rng.sample(left, min(max(count, 0), len(left)))


def gold_messages(task: Task) -> list[dict[str, Any]]:
    """The messages of a right trajectory: the calls, their results, the reference reply if there is one.

    Calls of a task with ``ordered`` expectations come one a turn, since the next needs the last's
    result; others come in one turn.
    """
    messages: list[dict[str, Any]] = []
    state = task.state
    turns = [[c] for c in task.expected.calls] if task.expected.ordered else [task.expected.calls]
    index = 0
    for turn in filter(None, turns):
        calls = [{"name": c["name"], "arguments": {a: v[0] for a, v in c["arguments"].items()}} for c in turn]
        messages.append(
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"type": "function", "function": c} for c in calls],
            }
        )
        for call in calls:
            content, state = catalog.run(call["name"], call["arguments"], state, index=index)
            index += 1
            messages.append(
                {"role": "tool", "name": call["name"], "content": json.dumps(content, ensure_ascii=False)}
            )
    if task.expected.reply is not None:
        messages.append({"role": "assistant", "content": task.expected.reply})
    return messages
