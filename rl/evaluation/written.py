"""The results of an evaluation as files: JSON for programs, CSV for tables, Markdown to read."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rl.evaluation.funnel import STEPS
from rl.evaluation.languages import english_first
from rl.evaluation.results import Results

COLUMNS = ("section", "of", "figure", "value", "low", "high", "n")
SELECTION = ("hallucinated", "missing", "extra")
INVOCATION = ("incorrect", "missing", "extra")


def write(folder: Path, name: str, results: Results) -> list[Path]:
    """``<name>.json``, ``.csv`` and ``.md`` in ``folder``; their paths."""
    texts = {
        "json": json.dumps(results, indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        "csv": as_csv(results),
        "md": as_markdown(results),
    }
    paths = [folder / f"{name}.{ending}" for ending in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def as_csv(results: Results) -> str:
    """One line a figure: where it stands, whose it is, its value, its interval and the cases it comes from."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    for section in ("languages", "funnel", "errors", "arguments", "effort"):
        for language, figures in results[section].items():
            table.writerows((section, language, *line) for line in _figures(figures))
    for section in ("reward", "success"):
        for kind, figures in results[section].items():
            table.writerows((section, kind, *line) for line in _figures(figures))
    for source, languages in results["benchmarks"].items():
        for language, figures in languages.items():
            table.writerows((source, language, *line) for line in _figures(figures))
    for name, languages in results.get("slices", {}).items():
        for language, figures in languages.items():
            table.writerows((name, language, *line) for line in _figures(figures))
    table.writerows(("spend", "endpoint", *line) for line in _figures(results.get("spend", {})))
    return file.getvalue()


def _figures(
    value: Any, name: str = "", beside: Mapping[str, Any] | None = None
) -> Iterator[tuple[Any, ...]]:
    """(figure, value, low, high, n) of each number below ``value``; an interval and n stand with their figure."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "ci95":
                yield from _figures(inner, f"{name}.{key}" if name else key, value)
    elif isinstance(value, int | float):
        key = name.rsplit(".", 1)[-1]
        bounded = key in ("reward", "rate", "share", "gap", "mean", "change") and beside is not None
        low, high = (beside.get("ci95") or ("", "")) if bounded and beside else ("", "")
        yield name, value, low, high, beside.get("n", "") if bounded and beside else ""


def as_markdown(results: Results) -> str:
    """The tables that a person reads, English first."""
    languages = english_first(results["languages"])
    tries = list(next(iter(results["languages"].values()))["pass_at"]) if languages else []
    head = f"# Evaluation\n\n{results['samples']} sample(s) a task at temperature {results['temperature']:g}."
    blocks = [
        head,
        _languages(results, languages, [k for k in tries if k != "1"]),
        _funnel(results, languages),
        _errors(results, languages),
        *_arguments(results, languages),
        _effort(results, languages),
        _beside_english(results, languages),
        _groups(results),
        *_benchmarks(results["benchmarks"]),
        *_slices(results.get("slices", {})),
        *_spend(results.get("spend", {})),
    ]
    return "\n\n".join(blocks) + "\n"


def _languages(results: Results, languages: Sequence[str], tries: Sequence[str]) -> str:
    head = ["language", "tasks", "scored", "masked", "reward", "worst", "success"]
    rows = []
    for language in languages:
        found = results["languages"][language]
        cells = [found["tasks"], found["n"], found["masked"], _with(found["reward"], found["ci95"])]
        cells += [_two(found["worst"]), _rate(found["success"])]
        cells += [_two(found[kind][k]) for k in tries for kind in ("pass_at", "pass_hat")]
        rows.append([language, *cells])
    head += [f"pass{mark}{k}" for k in tries for mark in "@^"]
    return "## Languages\n\n" + _table(head, rows)


def _funnel(results: Results, languages: Sequence[str]) -> str:
    rows = []
    for language in languages:
        found = results["funnel"][language]
        steps = [_rate(found["steps"][step]) for step in STEPS]
        rows.append([language, *steps, _rate(found["joint"]), _two(found["product"])])
    text = "Each step given those before; *all* is the share without a wrong step, beside the rates' product."
    return f"## Funnel\n\n{text}\n\n" + _table(["language", *STEPS, "all", "product"], rows)


def _errors(results: Results, languages: Sequence[str]) -> str:
    head = ["language", "calls without need", "no call where due", "tools F1", "arguments F1"]
    head += [f"tool {kind}" for kind in SELECTION] + [f"parameter {kind}" for kind in INVOCATION]
    rows = []
    for language in languages:
        found = results["errors"][language]
        cells = [_rate(found["over_calling"]), _rate(found["under_calling"])]
        cells += [_two(found["selection_f1"]), _two(found["invocation_f1"])]
        cells += [_two(found[f"selection_error_{kind}"]) for kind in SELECTION]
        cells += [_two(found[f"invocation_error_{kind}"]) for kind in INVOCATION]
        rows.append([language, *cells])
    text = "The last six are shares of the errors of their kind."
    return f"## Errors in calls\n\n{text}\n\n" + _table(head, rows)


def _arguments(results: Results, languages: Sequence[str]) -> Iterator[str]:
    """A line a kind of value and a script, a column a language."""
    found = results["arguments"]
    rows = []
    for by in ("kind", "script"):
        for name in sorted({name for language in languages for name in found[language][by]}):
            cells = [found[language][by].get(name) for language in languages]
            rows.append([f"{by}: {name}", *(_rate(cell) if cell else "-" for cell in cells)])
    if rows:
        yield "## Arguments that are right\n\n" + _table(["value", *languages], rows)


def _effort(results: Results, languages: Sequence[str]) -> str:
    names = list(next(iter(results["effort"].values()))) if languages else []
    rows = [
        [language, *(_two(results["effort"][language][name]) for name in names)] for language in languages
    ]
    return "## Effort\n\n" + _table(["language", *(name.replace("_", " ") for name in names)], rows)


def _beside_english(results: Results, languages: Sequence[str]) -> str:
    every = results["success"]["consistency"]["every"]
    lines = [_spread("reward", results["reward"]["gaps"]), _spread("success", results["success"]["gaps"])]
    if every:
        lines.append(
            f"Same outcome in every language: {_with(every['share'], every['ci95'])} of {every['n']} requests "
            f"(right in all: {_two(every['all_right'])})."
        )
    rows = []
    for language in languages:
        found = [results[kind]["gaps"].get("english", {}).get(language) for kind in ("reward", "success")]
        pair = _pair(results["success"]["consistency"]["pairs"], language)
        if any(found):
            cells = [cell for one in found for cell in (_with(one["gap"], one["ci95"]), _two(one["ratio"]))]
            rows.append([language, *cells, _two(pair["share"] if pair else None)])
    head = ["language", "reward gap", "reward ratio", "success gap", "success ratio", "same as English"]
    table = "\n\n" + _table(head, rows) if rows else ""
    return "## Languages beside each other\n\n" + "\n".join(filter(None, lines)) + table


def _spread(name: str, gaps: Mapping[str, Any]) -> str:
    if not gaps:
        return ""
    return (
        f"Mean {name} over languages {gaps['mean']:.3f}, worst {gaps['worst_language']} {gaps['worst']:.3f}, "
        f"spread {gaps['spread']:.3f} (standard deviation {gaps['deviation']:.3f})."
    )


def _pair(pairs: Mapping[str, Any], language: str) -> Any:
    return pairs.get(f"en-{language}") or pairs.get(f"{language}-en")


def _groups(results: Results) -> str:
    rows = [
        [
            kind,
            name,
            " ".join(found["languages"]),
            *(_with(one["mean"], one["ci95"]) for one in (found, other)),
        ]
        for kind, members in results["reward"]["groups"].items()
        for name, found in members.items()
        if (other := results["success"]["groups"][kind][name])
    ]
    return "## Groups of languages\n\n" + _table(["by", "group", "languages", "reward", "success"], rows)


def _benchmarks(benchmarks: Mapping[str, Any]) -> Iterator[str]:
    """A table for each: a line a figure, a column a language."""
    for source, found in benchmarks.items():
        languages = english_first(found)
        values = {language: {name: cell for name, cell in _cells(found[language])} for language in languages}
        names = list(dict.fromkeys(name for cells in values.values() for name in cells))
        rows = [[name, *(values[language].get(name, "-") for language in languages)] for name in names]
        yield f"## {source}\n\n" + _table(["figure", *languages], rows)


def _cells(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        label = f"{prefix}{name}".replace("_", " ")
        if isinstance(value, Mapping) and "ci95" in value:
            yield label, _rate(value)
        elif isinstance(value, Mapping):
            yield from _cells(value, f"{prefix}{name}: ")
        else:
            yield label, "-" if value is None else f"{value:.3f}"


def _slices(slices: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        [name, language, found["n"], _rate(found["plain"]), _rate(found["changed"]),
         _with(found["change"], found["ci95"])]
        for name, languages in slices.items()
        for language in english_first(languages)
        for found in [languages[language]]
    ]  # fmt: skip
    if rows:
        head = ["slice", "language", "requests", "success plain", "changed", "change"]
        yield "## Slices\n\nThe same requests, plain and changed.\n\n" + _table(head, rows)


def _spend(spend: Mapping[str, float]) -> Iterator[str]:
    if spend:
        counts = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in spend.items())
        yield f"## Spent at the endpoint\n\n{counts}."


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _rate(found: Mapping[str, Any]) -> str:
    return _with(found["rate"], found["ci95"])


def _with(value: float | None, interval: Sequence[float] | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" + (f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else "")


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
