"""What the reward service costs a trajectory, beside the same rewards run one after another as TRL runs them.

All in one run on one machine: compare the ratios, not the milliseconds. ``python -m benchmarks.service``.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from rewards.compose import Rewards
from rewards.samples import samples
from rewards.scoring.part import Row
from rewards.service.actors import RewardService, running_ray
from rewards.types import Task, Trajectory

ROWS = 3000
ACTORS = 2
JUDGE_SECONDS = 0.2  # that the part stands for which waits for the network
CONF = Path(__file__).resolve().parent.parent / "conf" / "reward" / "multilingual_tool_use.yaml"


def nothing(task: Task, trajectory: Trajectory) -> float:
    """A reward that costs nothing: what remains is the service."""
    return 1.0


async def judged(task: Task, trajectory: Trajectory) -> float:
    """A reward that waits as one does for a judge."""
    await asyncio.sleep(JUDGE_SECONDS)
    return 1.0


def one_after_another(cfg: dict[str, Any], rows: Sequence[Row]) -> float:
    """Seconds as TRL runs them: each function over all rows in this process, async ones together at the end."""
    parts = Rewards.from_config(cfg).parts
    begin = time.perf_counter()
    for part in parts:
        if part.component and not part.asynchronous:
            for row in rows:
                part.component(*row)

    async def together() -> None:
        await asyncio.gather(
            *(part.component(*row) for part in parts if part.component and part.asynchronous for row in rows)
        )

    asyncio.run(together())
    return time.perf_counter() - begin


def served(cfg: dict[str, Any], rows: Sequence[Row]) -> tuple[float, float]:
    """Seconds of all rows at once, and of the median row when it comes alone."""

    async def go() -> tuple[float, float]:
        service = RewardService(cfg, actors=ACTORS)
        await asyncio.gather(*(service.score(*row) for row in rows[:200]))  # its processes start
        begin = time.perf_counter()
        await asyncio.gather(*(service.score(*row) for row in rows))
        seconds = time.perf_counter() - begin
        alone = []
        for row in rows[:40]:
            begin = time.perf_counter()
            await service.score(*row)
            alone.append(time.perf_counter() - begin)
        service.close()
        return seconds, sorted(alone)[len(alone) // 2]

    return asyncio.run(go())


def measure() -> dict[str, float]:
    """By name: milliseconds a trajectory, and ratios."""
    found = samples()
    rows = [(found[i % len(found)].task, found[i % len(found)].trajectory) for i in range(ROWS)]
    here = "benchmarks.service"
    empty = {"components": {"nothing": {"_target_": f"{here}.nothing", "weight": 1.0}}}
    four = yaml.safe_load(CONF.read_text("utf-8"))
    judge = {"judged": {"_target_": f"{here}.judged", "weight": 0.2}}
    five = four | {"components": four["components"] | judge}
    bare, latency = served(empty, rows)
    figures = {
        "service, a part that does nothing, ms": 1e3 * bare / ROWS,
        "service, that part, a row alone, ms": 1e3 * latency,
    }
    for name, cfg in (("four verifiable parts", four), ("those and a judge", five)):
        direct, (spread, _) = one_after_another(cfg, rows), served(cfg, rows)
        figures |= {
            f"{name}, one after another as in TRL, ms": 1e3 * direct / ROWS,
            f"{name}, service with {ACTORS} actors, ms": 1e3 * spread / ROWS,
            f"{name}, service / one after another": spread / direct,
        }
    return figures


def main() -> None:
    with running_ray(None):
        for name, value in measure().items():
            print(f"{name}: {value:.3f}")


if __name__ == "__main__":
    main()
