"""Serve scores over HTTP to other trainers: ``python -m rewards.serve --help``."""

import argparse
import asyncio

from rewards.compose import Rewards
from rewards.service.actors import NoCluster, RewardService, running_ray
from rewards.serving.app import application
from rewards.serving.presets import configuration, presets
from sandbox.serving.shell import Shell, add_options, parsed, refuse

WHO = "rewards"


def main() -> None:
    """Serve until SIGTERM or SIGINT, finish what is being scored, exit with 0; with 1 if it cannot start."""
    options = _options()
    shell = Shell.open(WHO, options)
    try:
        cfg = configuration(options.config)
        Rewards.from_config(cfg)  # what is wrong shows before Ray has taken its time to start
    except (ValueError, OSError) as error:
        refuse(WHO, str(error))
    try:
        with running_ray(options.ray_address):
            service = RewardService(cfg, options.actors, options.in_flight)
            try:
                asyncio.run(shell.serve(application(service, shell.token), "The rewards are at"))
            finally:
                service.close()
    except NoCluster as error:
        refuse(WHO, str(error))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m rewards.serve",
        description="Score trajectories over HTTP; the protocols stand in docs/rewards.md.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--config",
        default="call_only",
        metavar="NAME|FILE",
        help=f"the rewards: {', '.join(presets())}, or a file as conf/reward has them",
    )
    add_options(parser, 8800, "POLYGLOT_REWARDS_TOKEN")
    add("--actors", type=int, default=2, help="processes that score")
    add("--in-flight", type=int, default=256, help="rows that are scored at once; others wait")
    add("--ray-address", help="of a Ray cluster that runs already; None starts Ray here")
    options = parsed(parser)
    if min(options.actors, options.in_flight) < 1:
        parser.error("--actors and --in-flight must be at least 1")
    return options


if __name__ == "__main__":
    main()
