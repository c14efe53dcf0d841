"""What the catalog's tasks ask, in no language yet: the slots, the gold calls and the facts of each.

A scenario is a function ``(slots, run) -> facts``. ``slots`` holds each slot's argument value in the
task's language, and the task's ``locale`` and its ``currency``; ``run(tool, **arguments)`` executes the
gold call in the session's state and returns its result; the facts that come back, by name, are what the
reply must state.
"""

from rl.data.catalog.scenarios import days, media, money, services, travel, world
from rl.data.catalog.scenarios.base import Facts, Run, Scenario

__all__ = ["SCENARIOS", "Facts", "Run", "Scenario"]

SCENARIOS: dict[str, Scenario] = {
    **days.SCENARIOS,
    **world.SCENARIOS,
    **media.SCENARIOS,
    **travel.SCENARIOS,
    **services.SCENARIOS,
    **money.SCENARIOS,
}
