"""What ``Rewards.from_config`` and its ``Plan`` take, of a run's settings."""

from pathlib import Path
from typing import Any

from rewards.judge.beside import with_judge
from rl.config.schema import Config


def reward_settings(config: Config) -> dict[str, Any]:
    """The components and their limits, the judge beside the culture part where one is named."""
    settings = config.reward.model_dump(include={"components", "on_abstain", "time_limit"})
    settings["languages"] = config.data.languages
    if config.data.languages and config.evaluate.languages:
        settings["languages"] = list(dict.fromkeys([*config.data.languages, *config.evaluate.languages]))
    if config.judge.kind != "rules" and "culture" in settings["components"]:
        judge = config.judge.model_dump() | {"run": config.run}
        if config.judge.cache:  # an actor may run in another folder
            judge["cache"] = str(Path(config.judge.cache).resolve())
        settings["components"] = with_judge(settings["components"], judge)
    return settings
