"""``python -m rl.inspect RUN``: the samples of a run in the terminal, the worst first.

RUN is the folder of a run or of an evaluation, going on or ended. Filters leave out what is not like them.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from rl.errors import UserError, hint
from rl.report.reading import STEPPED, Sample, read_run
from rl.report.shown import harmless, overview, sample_view
from rl.terminal import at_least, quiet_when_closed


def main() -> None:
    given = _parser().parse_args()
    try:
        with quiet_when_closed():
            _show(given)
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rl.inspect", description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder")
    parser.add_argument("--language", help="BCP 47 tag, such as ar")
    parser.add_argument(
        "--set",
        help="training, during (looks while it trained), evaluation-before, evaluation-after or evaluation; all if not given",
    )
    parser.add_argument("--step", type=int, help="of training, or of the policy that was looked at")
    parser.add_argument("--kind", help="of task: a catalog task's kind, or the tools that are due")
    parser.add_argument("--stop", help="why the sample ended: end, length, turns or infra")
    parser.add_argument("--part", default="reward", help="what to order by: reward, or a part of it")
    parser.add_argument("--text", help="that stands in the request, a turn, a call or a result")
    many = parser.add_mutually_exclusive_group()
    many.add_argument("--worst", type=at_least(1), metavar="N", help="the N lowest (10)")
    many.add_argument("--best", type=at_least(1), metavar="N", help="the N highest")
    return parser


def _show(given: argparse.Namespace) -> None:
    run = read_run(given.run)
    for note in run.notes:
        print(note, file=sys.stderr)
    samples = run.samples
    if given.step is not None:
        samples = [sample for sample in samples if sample["set"] in STEPPED]
    for name in ("language", "set", "step", "kind", "stop"):
        samples = _only(samples, name, getattr(given, name))
    if given.text:
        samples = [sample for sample in samples if given.text.casefold() in _text(sample)]
    worth = _worth(samples, given.part)
    known = sorted((s for s in samples if worth(s) is not None), key=lambda s: float(worth(s) or 0.0))
    chosen = known[::-1][: given.best] if given.best else known[: given.worst or 10]
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(overview(samples, len(run.samples)))
    for number, sample in enumerate(chosen, 1):
        key = (sample["set"], sample["step"], sample["task_id"])
        group = [other for other in run.samples if (other["set"], other["step"], other["task_id"]) == key]
        console.print(sample_view(number, sample, group))


def _only(samples: list[Sample], name: str, value: str | int | None) -> list[Sample]:
    """The samples with that value. Raises UserError where there is none, with those that there are."""
    if value is None:
        return samples
    there = sorted({sample[name] for sample in samples})
    if value not in there:
        texts = [harmless(str(one)) for one in there]
        shown = f"{texts[0]} to {texts[-1]}" if len(texts) > 20 else ", ".join(texts)
        raise UserError(
            f"There is no sample with {name} {value}{hint(str(value), texts)}; there are {shown or 'none at all'}."
        )
    return [sample for sample in samples if sample[name] == value]


def _worth(samples: list[Sample], part: str) -> Callable[[Sample], float | None]:
    if part == "reward":
        return lambda sample: sample["reward"]
    parts = sorted({name for sample in samples for name in sample["parts"]})
    if part not in parts:
        raise UserError(f"The reward has no part {part}{hint(part, parts)}; there are {', '.join(parts)}.")
    return lambda sample: sample["parts"].get(part)


def _text(sample: Sample) -> str:
    told = (sample["request"], sample.get("turns"), sample["messages"], sample["notes"])
    return "\n".join(map(str, told)).casefold()


if __name__ == "__main__":
    main()
