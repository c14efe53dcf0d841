"""Serve a sandbox over HTTP: ``python -m sandbox.serve --help``."""

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

import yaml

from sandbox.host.worker import WorkerDied
from sandbox.isolation.bubblewrap import LEVELS
from sandbox.pool import Sandbox, open_sandbox
from sandbox.serving.app import NOTHING_MORE, More, application
from sandbox.serving.shell import Shell, add_options, parsed, refuse
from sandbox.tools import one_line

WHO = "sandbox"


def main() -> None:
    """Serve until SIGTERM or SIGINT, finish the calls in flight, exit with 0; with 1 if it cannot start."""
    options = _options()
    shell = Shell.open(WHO, options)
    try:
        asyncio.run(_serve(options, shell))
    except KeyboardInterrupt:  # before it served
        sys.exit(130)


async def _serve(options: argparse.Namespace, shell: Shell) -> None:
    async with contextlib.AsyncExitStack() as stack:
        try:
            sandbox = await stack.enter_async_context(_sandbox(options))
            more = _mcp(sandbox, options) if options.mcp is not None else NOTHING_MORE
        except (ValueError, ImportError, WorkerDied) as error:
            refuse(WHO, str(error))
        app = application(sandbox, shell.token, options.max_sessions, options.idle_seconds, more)
        await shell.serve(app, "The sandbox is at")


def _mcp(sandbox: Sandbox, options: argparse.Namespace) -> More:
    try:
        from sandbox.serving.mcp import served  # only here: the SDK takes a second to load
    except ModuleNotFoundError as error:
        raise ValueError(f"--mcp needs {error.name}; pip install 'polyglot-grpo[mcp]'") from error
    return served(sandbox, options.max_sessions, options.idle_seconds)


def _sandbox(options: argparse.Namespace) -> Sandbox:
    return open_sandbox(
        workers=options.workers,
        isolation=options.isolation,
        wall_seconds=options.wall_seconds,
        cpu_seconds=options.cpu_seconds,
        memory_mb=options.memory_mb,
        program_mb=options.program_mb,
        disk_mb=options.disk_mb,
        output_kb=options.output_kb,
        programs=options.programs,
        catalog=options.catalog,
        tools=options.tools,
        trusted_tools=options.trusted_tools,
        mcp=_mcp_servers(options.mcp_servers) if options.mcp_servers else (),
        transliterate=options.transliterate,
    )


def _mcp_servers(file: str) -> list[Any]:
    try:
        servers = yaml.safe_load(Path(file).read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{file}: {one_line(str(error))}; correct it there") from error
    if not isinstance(servers, list):
        raise ValueError(f"{file}: must be a list of servers: [{{command: [python, -m, my_server]}}]")
    return servers


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.serve",
        description="Serve a sandbox over HTTP to sandbox.client.connect(url, token).",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add_options(parser, 8700, "POLYGLOT_SANDBOX_TOKEN")
    add("--max-sessions", type=int, default=4096, help="sessions open at once")
    add("--idle-seconds", type=float, default=900.0, help="a session that is unused for so long is closed")
    add("--workers", type=int, help="processes; None is one for each core")
    add("--isolation", choices=LEVELS, default="full", help="see docs/sandbox.md")
    add("--wall-seconds", type=float, default=5.0, help="wall time of a call")
    add("--cpu-seconds", type=int, default=2, help="CPU time of a session's programs")
    add("--memory-mb", type=int, default=1024, help="of a worker")
    add("--program-mb", type=int, default=256, help="of a session's programs")
    add("--disk-mb", type=int, default=16, help="of a session's programs: in /tmp and in /dev/shm")
    add("--output-kb", type=int, default=256, help="of a result")
    add("--programs", type=int, default=128, help="sessions that may hold a program at once")
    add("--catalog", default="sandbox.catalog", metavar="MODULE", help="the built-in tools")
    add("--tools", nargs="*", default=[], metavar="MODULE", help="your tools, isolated")
    add("--trusted-tools", nargs="*", default=[], metavar="MODULE", help="your tools, beside the catalog's")
    add("--mcp", nargs="?", const="", metavar="FILE", help="serve the tools at /mcp, too, to any MCP client")
    add("--mcp-servers", metavar="FILE", help="MCP servers whose tools are served: a list in YAML or JSON")
    add("--transliterate", action="store_true", help="results in other scripts, in Latin letters, too")
    options = parsed(parser)
    if options.max_sessions < 1 or not options.idle_seconds >= 0.1:
        parser.error("--max-sessions must be at least 1, --idle-seconds at least 0.1")
    if options.mcp:  # its older meaning
        options.mcp_servers, options.mcp = options.mcp, None
    return options


if __name__ == "__main__":
    main()
