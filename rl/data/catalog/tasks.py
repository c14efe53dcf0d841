"""Parallel tasks over the sandbox's catalog: one scenario, asked natively in every language.

A task's wording comes from ``phrases/<language>.yaml``, its gold calls from running the scenario in
the catalog, its values in the request and the reference reply from CLDR or the file's spoken forms. Train
and test share no phrasing of a request or a reply and no open slot value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from zlib import crc32

from rewards.types import Expected, ExpectedCall, Fact, Task
from rl.data.catalog.gold import gold_messages
from rl.data.catalog.scenarios import SCENARIOS
from rl.data.catalog.slots import draw
from rl.data.catalog.words import LANGUAGES, Word, fill, phrases, spell, stated, suits
from rl.errors import UserError, hint
from sandbox import catalog
from sandbox.catalog.routing import FAMILIES, currency_of

__all__ = ["KINDS", "LANGUAGES", "arguments", "build", "gold_messages", "half", "load", "make", "phrases"]

KINDS = [*SCENARIOS, "small_talk"]


@dataclass(frozen=True)
class Asked:
    """A request, the state in which it is made, and what is expected."""

    request: str
    state: dict[str, Any]
    expected: Expected


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


def make(kind: str, language: str, *, split: str = "train", request: str | None = None, **slots: Any) -> Task:
    """One task of ``kind`` with ``slots`` of your choice, in the user's own words if ``request`` is given.

    A slot takes what is drawn for it: a time or date in ISO form, a code, a city's key (``"new_york"``), the
    position of a text in the language's list, ``("kilometer", "mile")`` for units, a sum before it is multiplied
    for small money (50 are 50 dollars or 5,000 yen). Slots that are not given are drawn. Raises UserError for
    a kind, language, split or slot that does not exist.
    """
    _known("kind", [kind], KINDS)
    _known("language", [language], LANGUAGES)
    _known("split", [split], ["train", "test"])
    _known(f"slot of {kind}", slots, list(SCENARIOS[kind].slots) if kind in SCENARIOS else [])
    parallel_id = f"catalog/{split}/{kind}/made"
    if kind == "small_talk":
        asked = _small_talk(0, language, split)
    else:
        given = {slot: tuple(v) if isinstance(v, list) else v for slot, v in slots.items()}
        drawn = draw(SCENARIOS[kind].slots, split, Random(f"{parallel_id}/{sorted(slots.items())}"))
        asked = _scenario(kind, parallel_id, drawn | given, language, split)
    return _task(kind, parallel_id, language, split, asked, KINDS, 4, None, request)


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
    if kind == "small_talk":
        asked = _small_talk(i, language, split)
    else:
        slots = draw(SCENARIOS[kind].slots, split, Random(parallel_id))
        asked = _scenario(kind, parallel_id, slots, language, split)
    return _task(kind, parallel_id, language, split, asked, kinds, tools_per_task, system)


def _task(
    kind: str,
    parallel_id: str,
    language: str,
    split: str,
    asked: Asked,
    kinds: Sequence[str],
    tools_per_task: int,
    system: str | None,
    request: str | None = None,
) -> Task:
    needed = {c["name"] for c in asked.expected.calls}
    rng = Random(f"{parallel_id}/tools")
    rivals = _sampled(_foreign(kind, language), needed, tools_per_task // 2, rng)
    shown = _shown(needed | set(rivals), kinds, tools_per_task, rng)
    messages = [{"role": "system", "content": system}] if system else []
    return Task(
        id=f"{parallel_id}/{language}",
        parallel_id=parallel_id,
        language=language,
        locale=phrases(language)["locale"],
        messages=[*messages, {"role": "user", "content": request or asked.request}],
        tools=[catalog.SPECS[name] for name in shown],
        expected=asked.expected,
        state=asked.state,
        source="catalog",
        split=split,
    )


def half(parallel_id: str) -> int:
    """0 or 1. Training tasks of different halves share no phrasing: the warm start learns from half 0,
    so that reinforcement meets requests that supervision never showed, as it does in real models."""
    return crc32(parallel_id.encode()) % 2


def _half_of(phrasings: list[Any], parallel_id: str, split: str) -> list[Any]:
    return phrasings if split == "test" else phrasings[half(parallel_id) :: 2]


def _small_talk(i: int, language: str, split: str) -> Asked:
    pairs = _half_of(phrases(language)["small_talk"][split], f"catalog/{split}/small_talk/{i}", split)
    pair = pairs[i % len(pairs)]
    return Asked(pair["request"], catalog.initial_state(), Expected(no_call=True, reply=pair["reply"]))


def _scenario(kind: str, parallel_id: str, drawn: dict[str, Any], language: str, split: str) -> Asked:
    scenario, file = SCENARIOS[kind], phrases(language)
    words = spell(scenario, drawn, language, split)
    slots = arguments(words, file["locale"])
    state = catalog.initial_state() | scenario.given(slots)
    after = state
    calls: list[ExpectedCall] = []
    results: list[dict[str, Any]] = []
    unsure: set[str] = set()  # what in the state hangs on the spelling of an argument

    def run(tool: str, **arguments: Any) -> dict[str, Any]:
        nonlocal after
        before = after
        answer: dict[str, Any]
        answer, after = catalog.run(tool, arguments, before, index=len(calls))
        accepted = {name: _accepted(value, words) for name, value in arguments.items()}
        if any(len(values) > 1 for values in accepted.values()):
            unsure.update(key for key in after if after[key] != before.get(key))
        calls.append({"name": tool, "arguments": accepted})
        results.append(answer)
        return answer

    facts = scenario.play(slots, run)
    wording = Random(f"{parallel_id}/{language}")
    phrasing = file["tools"][kind]
    requests = _half_of(phrasing["requests"][split], parallel_id, split)
    request = wording.choice([r for r in requests if suits(r, words)])
    invalid = any(r.get("valid") is False for r in results) and "replies_no" in phrasing
    reply = wording.choice(phrasing["replies_no" if invalid else "replies"][split])
    told = {name: stated(fact, file) for name, fact in facts.items()}
    expected = Expected(
        calls=calls,
        ordered=scenario.ordered,
        facts=[_in_words(fact, words, language) for fact in facts.values()],
        final_state=after,
        unchecked=sorted(unsure),
        reply=fill(reply, told | words),
    )
    return Asked(fill(request, words), state, expected)


def arguments(words: dict[str, Word], locale: str) -> dict[str, Any]:
    """What a scenario plays with: each slot's argument, the ``locale`` and its ``currency``."""
    values = {slot: word.argument for slot, word in words.items()}
    return values | {"locale": locale, "currency": currency_of(locale)}


def _word_of(value: Any, words: dict[str, Word]) -> Word:
    """The word of the language that an argument is, or the value as it stands."""
    spelled = (w for w in words.values() if w.argument == value and isinstance(value, str))
    return next(spelled, Word(value, {}))


def _accepted(value: Any, words: dict[str, Word]) -> list[Any]:
    """The acceptable values of a gold argument: a word of the language in any of its forms."""
    return _word_of(value, words).accepted


def _in_words(fact: Fact, words: dict[str, Word], language: str) -> Fact:
    """The fact with the language's spellings of a text, and its words for a verdict."""
    if "verdict" in fact:
        words_for: Fact = {**fact, **phrases(language)["verdict"]}
        return words_for
    if fact["kind"] != "text":
        return fact
    word = _word_of(fact["value"], words)
    also = [*word.accepted[1:], *word.also]
    return {**fact, "also": also} if also else fact


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
