"""The judge's agreement with human labels: ``python -m rewards.judge calibrate labels.jsonl --help``."""

import argparse
import asyncio
import sys
from pathlib import Path

from rewards.judge import Judge, Kind
from rewards.judge.calibrate import agreement, as_json, graded, read, table


def main() -> None:
    """Print the table, or JSON; exit with 2 and one sentence for what the user can correct."""
    options = _options()
    try:
        labels = read(options.labels)
        asked = any(label.judge is None for label in labels)
        if asked and not (options.base_url and options.model):
            raise ValueError("Rows without judge must be graded: give --base-url and --model.")
        judge = _judge(options) if asked else None
    except ValueError as error:
        sys.exit(_refused(str(error)))
    grades, why = asyncio.run(graded(labels, judge)) if judge else ([label.judge for label in labels], None)
    found = agreement(labels, grades, options.threshold)
    stats = judge.stats() if judge else None
    print(as_json(found, stats) if options.json else table(found))
    if judge and all(grade is None for grade in grades):
        sys.exit(
            f"The judge at {options.base_url} graded none of the {len(labels)} replies; see whether it runs"
            + (f" ({why})." if why else ".")
        )


def _judge(options: argparse.Namespace) -> Judge:
    """One model judges alone, two debate if told so, more are a jury."""
    models: list[str] = options.model
    kind: Kind = "debate" if options.debate else "openai" if len(models) == 1 else "jury"
    return Judge(
        options.base_url,
        model=models[0] if kind == "openai" else models[2] if options.debate and len(models) == 3 else None,
        models=models[:2] if options.debate else models,
        kind=kind,
        api_key_env=options.api_key_env,
        timeout=options.timeout,
        cache=options.cache,
        run=str(options.labels),
    )


def _refused(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rewards.judge", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser("calibrate", help="compare with human labels")
    command.add_argument("labels", type=Path, help="JSON lines: language, request, reply, human (0..1), ...")
    command.add_argument(
        "--base-url", help="of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1"
    )
    command.add_argument("--model", action="append", help="who judges; several are a jury")
    command.add_argument(
        "--debate", action="store_true", help="the first two debate, a third gives the verdict"
    )
    command.add_argument("--api-key-env", default="OPENAI_API_KEY", help="holds the key; '' for no key")
    command.add_argument("--timeout", type=float, default=30.0, help="seconds a request")
    command.add_argument("--cache", help="an SQLite file that keeps the answers")
    command.add_argument("--threshold", type=float, default=0.5, help="the least grade that is good")
    command.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
