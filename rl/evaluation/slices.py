"""The same held-out tasks under one change each, so that what it costs is seen pair by pair.

A change never touches what the right answer is made of: values of the expected calls, where they stand in the request
word for word, stay as they are.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from statistics import fmean
from typing import Any

from babel import Locale, UnknownLocaleError

from rewards.facts.cldr import ZEROS
from rewards.types import Expected, Task
from rl.data import in_their_languages
from rl.data.catalog.gold import gold_messages
from rl.data.rows import shown
from rl.errors import UserError
from rl.evaluation.funnel import Judged, rate
from rl.evaluation.held_out import request_means
from rl.evaluation.intervals import difference_interval
from rl.report.summary import Rate
from sandbox.catalog import SPECS
from sandbox.catalog.described import localized
from sandbox.latin import romanized
from sandbox.types import ToolSpec

Change = Callable[[Task], Task | None]
WORD = re.compile(r"[^\W\d_]{4,}")
RARE = 6  # one word of so many has a typing error
LONG = 8  # letters: a longer run of them is cut, as scripts without spaces write
# English that people mix into requests of any language: tags, which leave its grammar alone (Poplack 1980).
TAGS = (
    "hey, {}",
    "{} please",
    "ok so, {}",
    "{}, thanks!",
    "sorry, quick question: {}",
    "{} asap",
    "by the way, {}",
)


def typos(task: Task) -> Task | None:
    """Two neighbouring letters change places in one word of six, at least in one."""
    draw = Random(f"{task.parallel_id}/{task.language}/typos")
    words = [match for piece, free in _pieces(task) if free for match in WORD.findall(piece)]
    count = max(1, len(words) // RARE)
    chosen = set(draw.sample(range(len(words)), min(count, len(words))))
    number = iter(range(len(words)))
    return _said(task, lambda text: WORD.sub(lambda m: _slip(m[0], draw, next(number) in chosen), text))


def _slip(word: str, draw: Random, wrong: bool) -> str:
    if not wrong:
        return word
    at = draw.randrange(1, min(len(word), LONG) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def native_digits(task: Task) -> Task | None:
    """The digits of the locale's own script, where it has some (CLDR's native numbering system)."""
    try:
        system = Locale.parse(task.locale.replace("-", "_")).other_numbering_systems.get("native", "latn")
    except (UnknownLocaleError, ValueError):
        return None
    table = {ord("0") + i: chr(ord(ZEROS.get(system, "0")) + i) for i in range(10)}
    return _said(task, lambda text: text.translate(table))


def in_latin(task: Task) -> Task | None:
    """The request in Latin letters (uroman), as many type who write another script. Not Japanese, whose characters
    uroman reads as Chinese."""
    if task.language.split("-")[0] == "ja":
        return None
    return _said(task, romanized)


def code_switched(task: Task) -> Task | None:
    """The request with an English tag before or after it."""
    if task.language.split("-")[0] == "en":
        return None
    tag = Random(f"{task.parallel_id}/tag").choice(TAGS)
    return _with_request(task, tag.format(_request(task)))


def with_tools(task: Task, count: int, pool: Mapping[str, ToolSpec]) -> Task | None:
    """``count`` tools are shown, the needed ones among them; None where there are no more than that."""
    needed = list(dict.fromkeys(call["name"] for call in task.expected.calls))
    own = {tool.name: tool for tool in task.tools}
    others = [name for name in pool if name not in needed]
    if not task.tools or len(others) + len(needed) < count:
        return None
    names = shown(needed, others, count, task.parallel_id)
    return replace(task, tools=[own.get(name) or pool[name] for name in names])


def result_in_prompt(task: Task) -> Task | None:
    """What the right calls would return stands in the system prompt: no call is due, the reply is the same."""
    if task.source != "catalog" or not task.expected.facts or not task.run_calls:
        return None
    results = [m for m in gold_messages(task) if m["role"] == "tool"]
    if not results:
        return None
    told = "\n".join(f"{m['name']}: {m['content']}" for m in results)
    expected = Expected(no_call=True, facts=task.expected.facts, reply=task.expected.reply)
    return replace(_with_system(task, f"What the tools have found already:\n{told}"), expected=expected)


def localized_tools(task: Task) -> Task | None:
    """Tools described in the user's language."""
    (changed,) = in_their_languages([task], "localized")
    return changed if changed.tools != task.tools else None


def glossary(task: Task) -> Task | None:
    """The system prompt says of each tool what it does in the user's language."""
    texts = {tool.name: localized(tool, task.language) for tool in task.tools}
    lines = [f"{name}: {text[0]}" for name, text in texts.items() if text]
    if task.language.split("-")[0] == "en" or not lines:
        return None
    return _with_system(task, "\n".join(lines))


SLICES: dict[str, Change] = {
    "typos": typos,
    "native_digits": native_digits,
    "romanized": in_latin,
    "code_switched": code_switched,
    "result_in_prompt": result_in_prompt,
    "localized_tools": localized_tools,
    "glossary": glossary,
}
SHOWN = {f"tools_{count}": count for count in (4, 10, 20, 40)}


def slices(tasks: Sequence[Task], names: Sequence[str]) -> dict[str, list[Task]]:
    """The changed tasks of each slice, with the same ``parallel_id``. Raises UserError for one that changes none."""
    pool = {tool.name: tool for task in tasks for tool in task.tools}
    if any(task.source in ("catalog", "xsid") for task in tasks):
        pool |= {name: tool for name, tool in SPECS.items() if tool.locale is None and name not in pool}
    found = {}
    for name in names:
        change = partial(with_tools, count=SHOWN[name], pool=pool) if name in SHOWN else SLICES[name]
        changed = [(task, change(task)) for task in tasks]
        found[name] = [replace(new, id=f"{old.id}#{name}") for old, new in changed if new is not None]
        if not found[name]:
            raise UserError(f"evaluate.slices: {name} changes none of the held-out tasks; leave it out.")
    return found


def compared(plain: Sequence[Judged], changed: Mapping[str, Sequence[Judged]]) -> dict[str, Any]:
    """``{slice: {language: {"plain", "changed", "change", "ci95", "n"}}}``: rates of success over the requests that
    the slice has, and the paired change of the mean with the bootstrap's interval over them."""
    before = request_means(plain, lambda sample: float(sample.success))
    found: dict[str, Any] = {}
    for name, samples in changed.items():
        after = request_means(samples, lambda sample: float(sample.success))
        found[name] = {
            language: _change(language, before.get(language, {}), after[language], plain, samples)
            for language in after
        }
    return found


def _change(
    language: str,
    before: Mapping[str, float],
    after: Mapping[str, float],
    plain: Sequence[Judged],
    changed: Sequence[Judged],
) -> dict[str, Any]:
    shared = sorted(before.keys() & after.keys())
    changes = [after[request] - before[request] for request in shared]

    def own(samples: Sequence[Judged]) -> Rate:
        mine = (s for s in samples if s.steps and s.task.language == language)
        return rate((s, s.success) for s in mine if s.task.parallel_id in shared)

    return {
        "plain": own(plain),
        "changed": own(changed),
        "change": fmean(changes) if changes else None,
        "ci95": difference_interval(changes),
        "n": len(shared),
    }


def _request(task: Task) -> str:
    return str(task.messages[-1]["content"])


def _with_request(task: Task, text: str) -> Task | None:
    if text == _request(task):
        return None
    return replace(task, messages=[*task.messages[:-1], task.messages[-1] | {"content": text}])


def _with_system(task: Task, text: str) -> Task:
    first, *rest = task.messages
    if first["role"] == "system":
        return replace(task, messages=[first | {"content": f"{first['content']}\n\n{text}"}, *rest])
    return replace(task, messages=[{"role": "system", "content": text}, *task.messages])


def _said(task: Task, change: Callable[[str], str]) -> Task | None:
    """The task with its request changed outside what the right answer is made of; None where nothing changes."""
    return _with_request(task, "".join(change(piece) if free else piece for piece, free in _pieces(task)))


def _pieces(task: Task) -> Iterator[tuple[str, bool]]:
    """The request, cut into what may be changed and values of the expected calls that stand in it."""
    values = {
        value
        for call in task.expected.calls
        for acceptable in call["arguments"].values()
        for value in acceptable
        if isinstance(value, str) and value.strip()
    }
    if not values:
        yield _request(task), True
        return
    longest = sorted(values, key=len, reverse=True)
    for i, piece in enumerate(re.split(f"({'|'.join(map(re.escape, longest))})", _request(task))):
        yield piece, i % 2 == 0
