"""How an application is served over HTTP, the same for the sandbox and for the rewards: where it listens, whom it
lets in, how it starts and ends."""

import argparse
import asyncio
import ipaddress
import logging
import os
import resource
import signal
import socket
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

import uvicorn
from starlette.types import ASGIApp

from sandbox.serving.connections import MOST_OF_A_PEER, limited
from sandbox.tools import one_line

KEEP_ALIVE_SECONDS = 60  # longer than the client's: a request must not meet a connection that we just closed
STOP_SECONDS = 30  # for what is under way
MOST_FILES = 65_536
QUIET_SECONDS = 60.0  # between two lines on connections that could not be taken

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shell:
    """A place to serve at. ``who`` is what its messages begin with; None as ``token`` is for this machine alone."""

    who: str
    listener: socket.socket
    token: str | None
    most: int

    @classmethod
    def open(cls, who: str, options: argparse.Namespace) -> "Shell":
        """Listen as ``add_options`` has it; a sentence and exit status 1 where that cannot be."""
        if options.max_connections < 1:
            refuse(who, f"--max-connections is {options.max_connections}, set it to at least 1")
        listener = _listen(who, options.host, options.port)
        token = os.environ.get(options.token_env, "").strip() or None
        host = listener.getsockname()[0]
        if token is None and not ipaddress.ip_address(host).is_loopback:
            refuse(who, f"{host} can be reached from other machines, so set a token in {options.token_env}")
        return cls(who, listener, token, min(options.max_connections, _files() // 2))

    @property
    def url(self) -> str:
        host, port = self.listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def serve(self, app: ASGIApp, answers: str) -> None:
        """Serve until SIGTERM or SIGINT, and finish what is under way; ``answers`` is said once it answers."""
        config = uvicorn.Config(
            app,
            http=limited(self.most),  # h11's bounds the length of what comes before a body
            ws="none",
            log_level="error",  # what strangers send is no warning of ours
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        asyncio.get_running_loop().set_exception_handler(_Quiet())
        logging.getLogger("asyncio").addFilter(_is_no_lost_client)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)  # uvicorn, once it has stopped, raises them again
        await _Server(config, f"{answers} {self.url}").serve(sockets=[self.listener])


def add_options(parser: argparse.ArgumentParser, port: int, token_env: str) -> None:
    """``--host``, ``--port``, ``--token-env`` and ``--max-connections``."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on; other than loopback needs a token")
    add("--port", type=int, default=port, help="0 for any that is free")
    add("--token-env", default=token_env, metavar="NAME", help="environment variable with the token")
    help = f"connections at once, at most {MOST_OF_A_PEER} of one address"
    add("--max-connections", type=int, default=1024, help=help)


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The command's options."""
    try:
        return parser.parse_args()
    except SystemExit:
        _told()  # the help, to ``head``, say
        raise


def _told() -> None:
    """Have all been said by now; that nobody listens any more is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse(who: str, why: str) -> NoReturn:
    """End with a sentence on stderr and exit status 1."""
    sys.exit(f"{who}: {one_line(why.removeprefix(f'{who}: '))}")


class _Server(uvicorn.Server):
    """It tells its address once it answers and a signal stops it gracefully."""

    def __init__(self, config: uvicorn.Config, greeting: str):
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._greeting)
        _told()


class _Quiet:
    """The loop's exception handler: a connection that could not be taken for want of files is a line now and then."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "accept()" not in str(context.get("message")):
            loop.default_exception_handler(context)
        elif loop.time() >= self._next:
            self._next = loop.time() + QUIET_SECONDS
            log.warning("no connection can be taken now: %s", context.get("exception"))


def _is_no_lost_client(record: logging.LogRecord) -> bool:
    """asyncio has a line for each write to a client that has gone: a batch would be a thousand."""
    return not record.getMessage().startswith("socket.send() raised")


def _listen(who: str, host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=512)
    except (OSError, OverflowError) as error:
        refuse(who, f"cannot listen on {host} port {port}: {error}")
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else an answer may wait for 40 ms
    return listener


def _files() -> int:
    """How many files this process may open, once it may open as many as it can ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return MOST_FILES if soft == resource.RLIM_INFINITY else soft
