"""Serve a sandbox over HTTP: ``python -m sandbox.serve --help``."""

import argparse
import asyncio
import contextlib
import ipaddress
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
import yaml

from sandbox.isolation import LEVELS
from sandbox.pool import Sandbox, open_sandbox
from sandbox.process import WorkerDied
from sandbox.server import application
from sandbox.tools import one_line

KEEP_ALIVE_SECONDS = 60  # longer than the client's: a request must not meet a connection that we just closed
STOP_SECONDS = 30  # for the calls in flight


def main() -> None:
    """Serve until SIGTERM or SIGINT, finish the calls in flight, exit with 0; with 1 if it cannot start."""
    options = _options()
    listener = _listen(options.host, options.port)
    token = os.environ.get(options.token_env, "").strip() or None
    host, port = listener.getsockname()[:2]
    if token is None and not ipaddress.ip_address(host).is_loopback:
        sys.exit(f"sandbox: {host} can be reached from other machines, so set a token in {options.token_env}")
    try:
        asyncio.run(_serve(options, listener, token, f"http://{f'[{host}]' if ':' in host else host}:{port}"))
    except KeyboardInterrupt:  # before it served
        sys.exit(130)


class _Server(uvicorn.Server):
    """It tells its address once it answers and a signal stops it gracefully."""

    def __init__(self, config: uvicorn.Config, url: str):
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"The sandbox is at {self._url}", flush=True)


async def _serve(options: argparse.Namespace, listener: socket.socket, token: str | None, url: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        try:
            sandbox = await stack.enter_async_context(_sandbox(options))
        except (ValueError, ImportError, WorkerDied) as error:
            sys.exit(f"sandbox: {str(error).removeprefix('sandbox: ')}")
        config = uvicorn.Config(
            application(sandbox, token, options.max_sessions, options.idle_seconds),
            http="h11",  # bounds the length of what comes before a body
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)  # uvicorn, once it has stopped, raises them again
        await _Server(config, url).serve(sockets=[listener])


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
        mcp=_mcp_servers(options.mcp) if options.mcp else (),
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


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        sys.exit(f"sandbox: cannot listen on {host} port {port}: {error}")
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else an answer may wait for 40 ms
    return listener


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.serve",
        description="Serve a sandbox over HTTP to sandbox.client.connect(url, token).",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on; other than loopback needs a token")
    add("--port", type=int, default=8700, help="0 for any that is free")
    add(
        "--token-env",
        default="POLYGLOT_SANDBOX_TOKEN",
        metavar="NAME",
        help="environment variable with the token",
    )
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
    add("--mcp", metavar="FILE", help="a list of MCP servers in YAML or JSON")
    add("--transliterate", action="store_true", help="results in other scripts, in Latin letters, too")
    options = parser.parse_args()
    if options.max_sessions < 1 or not options.idle_seconds >= 0.1:
        parser.error("--max-sessions must be at least 1, --idle-seconds at least 0.1")
    return options


if __name__ == "__main__":
    main()
