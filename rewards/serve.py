"""Serve scores over HTTP to other trainers: ``python -m rewards.serve --help``."""

import argparse
import asyncio
import ipaddress
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

import uvicorn
import yaml

from rewards.compose import Rewards
from rewards.server import application
from rewards.service import RewardService, running_ray
from sandbox.tools import one_line

STOP_SECONDS = 30  # for what is being scored
KEEP_ALIVE_SECONDS = 60


def main() -> None:
    """Serve until SIGTERM or SIGINT, finish what is being scored, exit with 0; with 1 if it cannot start."""
    options = _options()
    listener = _listen(options.host, options.port)
    token = os.environ.get(options.token_env, "").strip() or None
    host, port = listener.getsockname()[:2]
    if token is None and not ipaddress.ip_address(host).is_loopback:
        _refuse(f"{host} can be reached from other machines, so set a token in {options.token_env}")
    try:
        cfg = _config(options.config)
        Rewards.from_config(cfg)  # what is wrong shows before Ray has taken its time to start
    except (ValueError, OSError, yaml.YAMLError) as error:
        _refuse(str(error))
    with running_ray(options.ray_address):
        service = RewardService(cfg, options.actors, options.in_flight)
        try:
            asyncio.run(
                _serve(service, listener, token, f"http://{f'[{host}]' if ':' in host else host}:{port}")
            )
        finally:
            service.close()


class _Server(uvicorn.Server):
    """It tells its address once it answers and a signal stops it gracefully."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self.url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"The rewards are at {self.url}", flush=True)


async def _serve(service: RewardService, listener: socket.socket, token: str | None, url: str) -> None:
    config = uvicorn.Config(
        application(service, token),
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


def _config(path: str) -> dict[str, Any]:
    """A file of ``conf/reward``, or one like it: ``components`` and what else ``Rewards`` takes."""
    cfg = yaml.safe_load(Path(path).read_text("utf-8"))
    if not isinstance(cfg, dict) or not isinstance(cfg.get("components"), dict):
        raise ValueError(f"{path} has no components; conf/reward/call_only.yaml shows how they are written")
    if "defaults" in cfg:
        raise ValueError(f"{path} builds on another file, which only rl.train does; write it out in full")
    return cfg


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        _refuse(f"cannot listen on {host} port {port}: {error}")
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else an answer may wait for 40 ms
    return listener


def _refuse(why: str) -> NoReturn:
    sys.exit(f"rewards: {one_line(why)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m rewards.serve",
        description="Score trajectories over HTTP; the protocols stand in docs/rewards.md.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--config",
        default="conf/reward/call_only.yaml",
        help="the rewards, as a file of conf/reward has them",
    )
    add("--host", default="127.0.0.1", help="address to listen on; other than loopback needs a token")
    add("--port", type=int, default=8800, help="0 for any that is free")
    add(
        "--token-env",
        default="POLYGLOT_REWARDS_TOKEN",
        metavar="NAME",
        help="environment variable with the token",
    )
    add("--actors", type=int, default=2, help="processes that score")
    add("--in-flight", type=int, default=256, help="rows that are scored at once; others wait")
    add("--ray-address", help="of a Ray cluster that runs already; None starts Ray here")
    options = parser.parse_args()
    if min(options.actors, options.in_flight) < 1:
        parser.error("--actors and --in-flight must be at least 1")
    return options


if __name__ == "__main__":
    main()
