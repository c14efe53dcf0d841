"""``python -m rl.compare RUN...``: runs beside each other, by language and part.

RUN is the folder of a run, or of an evaluation of its model; the first is what the others are held against. One
run is compared with itself before its training.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rl.errors import UserError
from rl.evaluation.compare import as_markdown, compare
from rl.evaluation.stored import AFTER, BEFORE, Stored, stored


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rl.compare", description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="a run's folder")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    given = parser.parse_args()
    try:
        comparison = compare(_read(given.runs))
        if given.json:
            _write(given.json, comparison)
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print(as_markdown(comparison))


def _write(path: Path, comparison: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(comparison, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror}); choose another with --json."
        ) from error


def _read(folders: list[Path]) -> list[Stored]:
    """The evaluations of the folders. One that cannot be read is told of, and left out where two others can."""
    if len(folders) == 1:
        return [stored(folders[0], BEFORE), stored(folders[0], AFTER)]
    found, problems = [], []
    for folder in dict.fromkeys(folders):
        try:
            found.append(stored(folder))
        except UserError as error:
            problems.append(str(error))
    if len(found) < 2:
        raise UserError(" ".join(problems) or f"{folders[0]} is named twice; name another run beside it.")
    for problem in problems:
        print(f"Left out: {problem}", file=sys.stderr)
    return found


if __name__ == "__main__":
    main()
