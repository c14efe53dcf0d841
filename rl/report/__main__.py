"""``python -m rl.report RUN...``: one HTML file of one run or several, that opens from disk with no network.

RUN is the folder of a run, or of an evaluation. A run that goes on is shown as far as it is; with --serve the page
follows it.
"""

import argparse
import sys
from pathlib import Path

from rl.errors import UserError
from rl.report.page import SAMPLES, page
from rl.report.reading import RunData, read_run
from rl.report.serve import serve
from rl.terminal import at_least


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rl.report", description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="a run's folder")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where to write it; RUN/report.html if not given"
    )
    parser.add_argument(
        "--samples",
        type=at_least(0),
        default=SAMPLES,
        help=f"that the page holds at most ({SAMPLES}), left out evenly",
    )
    parser.add_argument("--serve", action="store_true", help="show it on this machine and follow the runs")
    parser.add_argument("--port", type=int, help="of --serve; without it a free one is taken")
    given = parser.parse_args()
    if given.port is not None and not given.serve:
        parser.error("--port is that of --serve, which is not given")
    try:
        runs = [read_run(folder) for folder in dict.fromkeys(given.runs)]
        if given.serve:
            serve([run.path for run in runs], given.samples, given.port or 0)
        else:
            print(_written(runs, given.out or runs[0].path / "report.html", given.samples))
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def _written(runs: list[RunData], path: Path, samples: int) -> Path:
    for note in (f"{run.name}: {note}" for run in runs for note in run.notes):
        print(note, file=sys.stderr)
    try:
        path.write_text(page(runs, samples), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); choose another with --out.") from error
    return path


if __name__ == "__main__":
    main()
