"""Language verdicts a second on one core, beside fastText's own and lingua's on the same texts in one run.

    python -m benchmarks.language

The texts are replies of the catalog's tasks. fastText and lingua say which language a text is in, of the run's;
the verifier says whether all of it is in the expected one. Each text is new to all three: what a first pass over
other texts leaves behind (words already looked at, as in a long run) is kept. lingua: ``pip install
'polyglot-grpo[bench]'``.
"""

import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec

from rewards.language import LanguageVerifier, language_match
from rewards.language.identifier import identifier
from rewards.language.plain import plain
from rewards.samples import samples
from rl.data import catalog

LANGUAGES = ["ar", "bn", "de", "en", "es", "fr", "hi", "ja", "ko", "pt", "ru", "sw", "te", "th", "zh"]
ROUNDS = 3


def texts(split: str, per_tool: int) -> tuple[list[str], list[str]]:
    """Different replies and their languages."""
    tasks = catalog.load(split, LANGUAGES, per_tool=per_tool)
    found = {task.expected.reply: task.language for task in tasks if task.expected.reply}
    return list(found), list(found.values())


def per_second(run: Callable[[Sequence[str]], object], said: Sequence[str]) -> float:
    """Texts a second of this process's CPU time: the best of equal shares, the least disturbed by others."""
    size = len(said) // ROUNDS
    best = float("inf")
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
    verifier.verify_batch(*texts("test", 2))  # as after a few steps of a run
    found = {
        "verifier": per_second(lambda part: verifier.verify_batch(part, [expected[t] for t in part]), said),
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


def reward_per_second() -> float:
    """``language_match`` on whole trajectories: the verdict, and before it what of the reply is prose of its own."""
    rows = [(row.task, row.trajectory) for row in samples()] * 10
    begin = time.process_time()
    for row in rows:
        language_match(*row, LANGUAGES)
    return len(rows) / (time.process_time() - begin)


def main() -> None:
    found = measure()
    print(f"{found.pop('texts'):,.0f} texts of {found.pop('characters a text'):.0f} characters, one core")
    for name, rate in found.items():
        print(f"{name:22}{rate:12,.0f} texts a second {rate / found['verifier']:8.2f} of the verifier's")
    if "lingua" not in found:
        print("lingua is not installed: pip install 'polyglot-grpo[bench]'")
    print(f"{'language_match':22}{reward_per_second():12,.0f} trajectories a second")


if __name__ == "__main__":
    main()
