"""Language verdicts a second on one core, beside fastText's own and lingua's on the same texts in one run.

    python -m benchmarks.language

The texts are replies of the catalog's tasks. fastText and lingua say which language a text is in, of the run's;
the verifier says whether all of it is in the expected one. Each text is new to all three. The verifier keeps what it has
found out about words and neighbours, so it is measured twice: after a few texts, as in the first steps of a run, and
after as many replies to other tasks of the same kinds, as later on. lingua: ``pip install 'polyglot-grpo[bench]'``.
"""

import gc
import random
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TypeVar

from rewards.language import LanguageVerifier, Verdict, language_match
from rewards.language.identifier import identifier
from rewards.language.plain import plain
from rewards.outcome import call_match, json_valid
from rewards.samples import trajectory
from rewards.scoring.part import Row
from rewards.types import Task
from rl.data.catalog import tasks as catalog
from rl.data.sources.bfcl import gold
from sandbox.types import ToolCall

LANGUAGES = ["ar", "bn", "de", "en", "es", "fr", "hi", "ja", "ko", "pt", "ru", "sw", "te", "th", "zh"]
ROUNDS = 3
T = TypeVar("T")


def texts(split: str, per_tool: int) -> tuple[list[str], list[str]]:
    """Different replies and their languages."""
    tasks = catalog.load(split, LANGUAGES, per_tool=per_tool)
    found = {task.expected.reply: task.language for task in tasks if task.expected.reply}
    return list(found), list(found.values())


def per_second(run: Callable[[Sequence[T]], object], said: Sequence[T]) -> float:
    """Texts or rows a second of this process's CPU time: the best of equal shares, the least disturbed by others."""
    size = len(said) // ROUNDS
    best = float("inf")
    gc.collect()  # a share of a tenth of a second is no place for a collection of all that was made before
    for round in range(ROUNDS):
        begin = time.process_time()
        run(said[round * size : (round + 1) * size])
        best = min(best, time.process_time() - begin)
    return size / best


def measure() -> dict[str, float]:
    """By name: verdicts a second."""
    said, languages = texts("train", 6)
    expected = dict(zip(said, languages, strict=True))
    verifier = LanguageVerifier(LANGUAGES)
    model = identifier().model
    random.Random(0).shuffle(said)
    before, said = said[::2], said[1::2]

    def verdicts(part: Sequence[str]) -> list[Verdict]:
        return verifier.verify_batch(part, [expected[t] for t in part])

    verifier.verify_batch(*texts("test", 2))
    found = {
        "verifier, first steps": per_second(verdicts, before),
        "verifier": per_second(verdicts, said),
        "fastText, k=1": per_second(lambda part: [model.predict(plain(t)) for t in part], said),
        "fastText, all labels": per_second(lambda part: [model.predict(plain(t), k=-1) for t in part], said),
    }
    if find_spec("lingua"):
        found["lingua"] = per_second(_lingua(), said)
    return found | {"characters a text": sum(map(len, said)) / len(said), "texts": float(len(said))}


def _lingua() -> Callable[[Sequence[str]], object]:
    from lingua import IsoCode639_1, Language, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, tag.upper()) for tag in LANGUAGES]
    detector = LanguageDetectorBuilder.from_languages(*map(Language.from_iso_code_639_1, codes)).build()
    detector.detect_language_of("Which language is this?")  # its models load
    return lambda part: [detector.detect_language_of(text) for text in part]


def rewards_per_second() -> dict[str, float]:
    """``language_match`` on whole trajectories, each with a reply of its own: the verdict, and before it what of
    the reply is prose of its own; and that with the calls' match and schema check."""

    def language(part: Sequence[Row]) -> None:
        for row in part:
            language_match(*row, LANGUAGES)

    def calls_and_language(part: Sequence[Row]) -> None:
        for row in part:
            json_valid(row[0], row[1]), call_match(*row), language_match(*row, LANGUAGES)

    rows = _rows("train", 4)
    language(_rows("test", 2))  # as after a few steps of a run
    return {
        "language_match": per_second(language, rows[::2]),
        "calls and language": per_second(calls_and_language, rows[1::2]),
    }


def _rows(split: str, per_tool: int) -> list[Row]:
    """Trajectories that earn everything, each of a task of its own, in no order."""
    tasks = [task for task in catalog.load(split, LANGUAGES, per_tool=per_tool) if task.expected.calls]
    rows = [row for row in map(_row, tasks) if row[1].messages[-1]["content"] and _all_ran(row)]
    random.Random(0).shuffle(rows)
    return rows


def _all_ran(row: Row) -> bool:
    return all(result.status == "ok" for result in row[1].results)


def _row(task: Task) -> Row:
    calls = [ToolCall(str(i), c["name"], gold(c["arguments"])) for i, c in enumerate(task.expected.calls)]
    return task, trajectory(task, calls, task.expected.reply)


def main() -> None:
    found = measure()
    print(f"{found.pop('texts'):,.0f} texts of {found.pop('characters a text'):.0f} characters, one core")
    for name, rate in found.items():
        print(f"{name:22}{rate:12,.0f} texts a second {rate / found['verifier']:8.2f} of the verifier's")
    if "lingua" not in found:
        print("lingua is not installed: pip install 'polyglot-grpo[bench]'")
    for name, rate in rewards_per_second().items():
        print(f"{name:22}{rate:12,.0f} trajectories a second")


if __name__ == "__main__":
    main()
