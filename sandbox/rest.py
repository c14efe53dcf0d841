"""REST tools before a run: ``python -m sandbox.rest check shop.yaml --hosts api.shop.example``.

``check`` calls each API once and tells which are dead; exit status 1 where one is. A run leaves them out by itself with
``sandbox.rest.drop_dead=true``.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from sandbox.backends.rest.tools import HttpTools
from sandbox.tools import one_line


def main() -> int:
    """The exit status: 0 where all live, 1 where some are dead, 2 where a document is wrong."""
    options = _options()
    try:
        tools = HttpTools(
            options.sources,
            options.hosts,
            private_hosts=options.private_hosts,
            seconds=options.seconds,
            rate=options.rate,
        )
    except ValueError as error:
        print(f"sandbox.rest: {one_line(str(error))}", file=sys.stderr)
        return 2
    found = asyncio.run(_checked(tools))
    for name in tools.specs:
        print(f"dead  {name}: {found[name]}" if name in found else f"ok    {name}")
    if options.out:
        Path(options.out).write_text(
            json.dumps({"dead": found}, indent=2, ensure_ascii=False) + "\n", "utf-8"
        )
    return 1 if found else 0


async def _checked(tools: HttpTools) -> dict[str, str]:
    async with tools:
        return await tools.dead()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.rest", description="REST tools before a run.")
    check = parser.add_subparsers(dest="command", required=True).add_parser(
        "check", help="call each API once and tell which are dead"
    )
    add = check.add_argument
    add("sources", nargs="+", metavar="SOURCE", help="OpenAPI documents or files of records")
    add("--hosts", nargs="*", default=[], metavar="HOST", help="hosts that may be reached")
    add("--private-hosts", nargs="*", default=[], metavar="ADDRESS:PORT", help="which need not be public")
    add("--seconds", type=float, default=10.0, help="that a call may take")
    add("--rate", type=float, default=5.0, help="calls a second to a host")
    add("--out", metavar="FILE", help="write what is dead, and why, as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
