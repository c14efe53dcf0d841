"""Try a reward before a run does: ``python -m rewards.check my_rewards.short_reply``.

It runs over right answers, answers with one thing wrong and tricks, in a process of its own as in training.
The exit code is 1 where it breaks the contract: a number in 0..1 or None for every row, in time, the same each
time, the same alone as among others, and no row changed.
"""

import argparse
import asyncio
import copy
import pickle
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import yaml

from rewards.samples import Sample, samples
from rewards.schema import read_row
from rewards.scoring.part import Part, PartScore, Row, evaluate, inline
from rewards.scoring.plan import Plan
from rewards.service.processes import Answer, Workers
from sandbox.host.framing import FrameError, decode
from sandbox.lines import numbered_lines
from sandbox.tools import one_line

KINDS = ("gold", "mutant", "attack")
ENOUGH = 3  # failures after which no more rows are tried: each may take its whole time limit


def main() -> None:
    """Exit with 0, with 1 where the contract is broken, with 2 where there is nothing to check."""
    options = _options()
    try:
        cfg = _config(options)
        Plan.from_config(cfg)
        ((name, component),) = cfg["components"].items()
        part = Part.from_config(name, component, cfg)
        rows = samples() if options.data == "catalog" else _file(Path(options.data))
    except (ValueError, OSError) as error:
        print(f"rewards.check: {one_line(str(error))}", file=sys.stderr)
        sys.exit(2)
    first, again = asyncio.run(_run(cfg, part, rows))
    rows = rows[: len(first)]
    _print_table(options.reward, part, rows, first)
    broken = list(_broken(part, rows, first, again))
    for line in broken:
        print(f"BROKEN: {line}")
    if all(outcome.value is None and not outcome.failed for outcome, _ in first):
        print("It abstains on every row, so it decides nothing: is a return missing?")
    print("The contract is broken." if broken else "The contract holds.")
    sys.exit(bool(broken))


async def _run(cfg: dict[str, Any], part: Part, rows: Sequence[Sample]) -> tuple[list[Answer], list[Answer]]:
    """Each row's answer, alone; and all of them once more, side by side. Fewer where many fail."""
    workers = Workers(cfg)
    pickled = [pickle.dumps(Row(row.task, row.trajectory)) for row in rows]
    first: list[Answer] = []
    try:
        for row in pickled:
            first.append(await workers.evaluate(part, row))
            if sum(outcome.failed for outcome, _ in first) == ENOUGH:
                return first, []
        return first, await asyncio.gather(*(workers.evaluate(part, row) for row in pickled))
    finally:
        await workers.close()


def _broken(
    part: Part, rows: Sequence[Sample], first: Sequence[Answer], again: Sequence[Answer]
) -> Iterator[str]:
    """One line for each way in which the contract is broken."""
    failures: dict[str, str] = {}
    for row, (outcome, _) in [*zip(rows, first, strict=True), *zip(rows, again, strict=False)]:
        if outcome.failed:
            failures.setdefault(
                outcome.notes[part.name].removeprefix(f"failed: reward {part.name!r} "), _where(row)
            )
    yield from (f"{why} (first on {where})" for why, where in failures.items())
    if failures:
        return  # what follows would only say it again
    for row, (one, _), (other, _) in zip(rows, first, again, strict=True):
        if one != other:
            yield f"gives {_value(one)} and then {_value(other)} for one row ({_where(row)})"
            return
    yield from _together(part, rows)
    for row in rows:
        if _changes(part, Row(row.task, row.trajectory)):
            yield f"changes the task or the trajectory that it is given ({_where(row)})"
            return


def _together(part: Part, rows: Sequence[Sample]) -> Iterator[str]:
    """A reward written TRL's way gets many rows at once in training; what it returns must be as many values."""
    if part.trl and len(rows) > 1:
        found = asyncio.run(evaluate(part, [Row(row.task, row.trajectory) for row in rows], inline))
        whys = (outcome.notes[part.name] for outcome in found if outcome.failed)
        yield from (f"{why.removeprefix('failed: ')} (all rows at once)" for why in dict.fromkeys(whys))


def _changes(part: Part, row: Row) -> bool:
    before = copy.deepcopy(row)
    asyncio.run(evaluate(part, [row], inline))
    return row != before


def _print_table(target: str, part: Part, rows: Sequence[Sample], answers: Sequence[Answer]) -> None:
    shape = "many rows at once, TRL's way" if part.trl else "one row"
    print(f"{target} takes {shape}{', async' if part.asynchronous else ''}")
    print(f"{'':8}{'rows':>6}{'least':>8}{'mean':>8}{'most':>8}{'abstains':>10}{'fails':>7}")
    for kind in KINDS:
        own = [outcome for row, (outcome, _) in zip(rows, answers, strict=True) if row.kind == kind]
        values = [outcome.value for outcome in own if outcome.value is not None]
        numbers = (min(values), fmean(values), max(values)) if values else ()
        cells = "".join(f"{value:8.3f}" for value in numbers) or f"{'-':>8}" * 3
        fails = sum(outcome.failed for outcome in own)
        print(f"{kind:8}{len(own):6}{cells}{len(own) - len(values) - fails:10}{fails:7}")
    print(f"{1e3 * fmean(seconds for _, seconds in answers):.3f} ms a row")
    earn = [o.value for row, (o, _) in zip(rows, answers, strict=True) if row.kind == "gold" and o.value]
    for kind in KINDS[1:]:
        as_gold = _counts(rows, answers, kind, min(earn, default=1.0))
        if as_gold:
            print(f"{kind}s that earn as much as gold: {as_gold}")


def _counts(rows: Sequence[Sample], answers: Sequence[Answer], kind: str, least: float) -> str:
    pairs = [(row.name, o.value) for row, (o, _) in zip(rows, answers, strict=True) if row.kind == kind]
    names = [name for name, value in pairs if value is not None and value >= least]
    return ", ".join(f"{name} ({names.count(name)})" for name in dict.fromkeys(names))


def _value(outcome: PartScore) -> str:
    return "no value" if outcome.value is None else f"{outcome.value:g}"


def _where(row: Sample) -> str:
    return f"{row.task.id}: {row.name}"


def _file(path: Path) -> list[Sample]:
    """The rows of a file, each line ``{"task", "trajectory"}`` and, where it is known, ``"kind"``, ``"name"``."""
    found = []
    for number, line in numbered_lines(path):
        try:
            value = decode(line.encode())
            kind, name = value.pop("kind", "gold"), value.pop("name", f"line {number}")
            if kind not in KINDS:
                raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
            found.append(Sample(kind, str(name), *read_row(value)))
        except (ValueError, FrameError) as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    if not found:
        raise ValueError(f"{path} has no rows")
    return found


def _config(options: argparse.Namespace) -> dict[str, Any]:
    given = _mapping(options.options)
    if "." not in options.reward:
        raise ValueError(f"{options.reward!r} is no dotted path such as my_rewards.short_reply")
    if not options.time_limit > 0:
        raise ValueError(f"--time-limit is {options.time_limit:g}; give seconds above 0")
    component = {"_target_": options.reward, "weight": 1.0, **given}
    return {
        "components": {options.reward.rpartition(".")[2]: component},
        "time_limit": options.time_limit,
        "languages": options.languages,
    }


def _mapping(text: str) -> dict[str, Any]:
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError:
        given = None
    if not isinstance(given, dict):
        raise ValueError(f"--options is a mapping such as '{{limit: 200}}', which {text!r} is not")
    return given


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m rewards.check", description="Try a reward on right answers, wrong ones and tricks."
    )
    parser.add_argument("reward", help="its dotted path, such as my_rewards.short_reply")
    parser.add_argument("--data", default="catalog", help="catalog, or a file of rows (JSON lines)")
    parser.add_argument("--options", default="{}", help="its options, such as '{limit: 200}'")
    parser.add_argument("--time-limit", type=float, default=10.0, help="seconds a call")
    parser.add_argument(
        "--languages",
        nargs="*",
        default=[],
        help="the run's, which a weight by language is checked for; the rows stay as they are",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
