"""Languages beside each other: the gap to English, agreement over one request, groups of relatives.

All of it is taken over parallel requests: what one language's request is worth is compared with the same one's in
another.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations
from math import prod
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

from babel.core import get_global

from rl.evaluation.intervals import difference_interval, mean_interval

Values = Mapping[str, Mapping[str, float]]  # language → request → mean over the request's samples, in 0..1
ENGLISH = "en"
TABLE = Path(__file__).with_name("languages.tsv")
GROUPS = ("family", "script", "resource")
EXPOSURE = "exposure"
UNKNOWN = "unknown"


def gaps(values: Values) -> dict[str, Any]:
    """``{"mean", "worst_language", "worst", "spread", "deviation", "english"}``: the mean over languages, the worst
    one, the best less the worst, the standard deviation over languages; and, of each other language, English less
    it (``gap``, with the bootstrap's interval over the ``n`` requests that both have) and it over English."""
    means = {language: fmean(of.values()) for language, of in values.items() if of}
    if not means:
        return {}
    worst = min(means, key=lambda language: (means[language], language))
    return {
        "mean": fmean(means.values()),
        "worst_language": worst,
        "worst": means[worst],
        "spread": max(means.values()) - means[worst],
        "deviation": pstdev(means.values()),
        "english": {language: _gap(values, language) for language in sorted(means) if language != ENGLISH}
        if ENGLISH in means
        else {},
    }


def _gap(values: Values, language: str) -> dict[str, Any]:
    shared = sorted(values[ENGLISH].keys() & values[language].keys())
    ours, english = [values[language][r] for r in shared], [values[ENGLISH][r] for r in shared]
    differences = [e - o for e, o in zip(english, ours, strict=True)]
    known = bool(shared)
    return {
        "gap": fmean(differences) if known else None,
        "ci95": difference_interval(differences),
        "ratio": fmean(ours) / fmean(english) if known and fmean(english) else None,
        "n": len(shared),
    }


def consistency(rates: Values) -> dict[str, Any]:
    """``{"every": {"share", "all_right", "ci95", "n"}, "pairs": {"a-b": {"share", "ci95", "n"}}}``: the chance that one
    sample from each language has the same outcome, over the requests that all of them (or both) have.

    From success rates p over a request's samples: the product of p plus that of 1 - p, which is unbiased as samples
    are independent; with one sample a task it is the share of requests with the same outcome. ``all_right`` tells
    agreement in success from agreement in failure.
    """
    languages = sorted(rates)
    every = _agreement([rates[language] for language in languages]) if len(languages) > 1 else {}
    pairs = {f"{a}-{b}": _agreement([rates[a], rates[b]]) for a, b in combinations(languages, 2)}
    for found in pairs.values():
        del found["all_right"]
    return {"every": every, "pairs": pairs}


def _agreement(rates: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    shared = sorted(set.intersection(*(set(of) for of in rates)))
    right = [prod(of[request] for of in rates) for request in shared]
    same = [r + prod(1 - of[request] for of in rates) for r, request in zip(right, shared, strict=True)]
    return {
        "share": fmean(same) if same else None,
        "all_right": fmean(right) if right else None,
        "ci95": mean_interval([[value] for value in same]),
        "n": len(shared),
    }


def groups(values: Values, trained: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """By family, script and resource level: ``{"languages", "mean", "ci95"}``, languages weighing alike and the
    bootstrap drawing requests. By exposure, too, where it is said which languages were ``trained``: ``direct`` are
    those, ``transfer`` the others."""
    found: dict[str, dict[str, Any]] = {}
    for kind in (*GROUPS, *([EXPOSURE] if trained is not None else [])):
        members: dict[str, list[str]] = {}
        for language in sorted(values):
            if values[language]:
                name = (
                    ("direct" if language in (trained or ()) else "transfer")
                    if kind == EXPOSURE
                    else described(language)[kind]
                )
                members.setdefault(name, []).append(language)
        found[kind] = {name: _group(values, languages) for name, languages in sorted(members.items())}
    return found


def _group(values: Values, languages: list[str]) -> dict[str, Any]:
    requests: dict[str, list[float]] = {}
    for language in languages:
        for request, value in values[language].items():
            requests.setdefault(request, []).append(value)
    mean = fmean(fmean(values[language].values()) for language in languages)
    return {"languages": languages, "mean": mean, "ci95": mean_interval(list(requests.values()))}


def described(language: str) -> dict[str, str]:
    """Family, script (as CLDR's likely subtags have it) and resource level of a BCP 47 tag."""
    parts = language.replace("_", "-").split("-")
    family, resource = _table().get(parts[0].lower(), (UNKNOWN, UNKNOWN))
    return {"family": family, "script": _script(parts), "resource": resource}


def _script(parts: Sequence[str]) -> str:
    given = next((part.title() for part in parts[1:] if len(part) == 4 and part.isalpha()), None)
    likely = get_global("likely_subtags")
    region = next((part.upper() for part in parts[1:] if len(part) == 2), "")
    found = likely.get(f"{parts[0].lower()}_{region}") or likely.get(parts[0].lower())
    return given or (str(found).split("_")[1] if found else UNKNOWN)


@cache
def _table() -> dict[str, tuple[str, str]]:
    rows = [
        line.split("\t")
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    return {tag: (family, level) for tag, family, level in rows}


def english_first(tags: Iterable[str]) -> list[str]:
    """In the order that tables have."""
    return sorted(tags, key=lambda tag: (tag != ENGLISH, tag))
