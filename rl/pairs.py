"""``python -m rl.pairs RUN FILE``: preference pairs from a run's samples, for TRL's DPO.

Two samples of one prompt whose verified rewards are apart by the margin: the better is chosen, the other rejected.
"""

import argparse
import sys
from pathlib import Path

from rl.errors import UserError
from rl.report.pairs import pairs, write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rl.pairs", description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder")
    parser.add_argument("file", type=Path, metavar="FILE", help="the JSON Lines file to write")
    parser.add_argument("--margin", type=float, default=0.3, help="least difference of rewards (0.3)")
    parser.add_argument(
        "--per-prompt", type=int, default=1, help="pairs of a prompt and step, the widest first (1)"
    )
    given = parser.parse_args()
    try:
        found = pairs(given.run, given.margin, given.per_prompt)
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    write(found, given.file)
    print(f"{len(found)} pairs written to {given.file}")


if __name__ == "__main__":
    main()
