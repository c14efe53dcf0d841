"""A default that stands in two places, for use with and without settings, is one value."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rewards.judge import Judge as JudgeReward
from rewards.scoring.part import TIME_LIMIT
from rewards.service.actors import RewardService
from rl.advantages import advantages
from rl.config.schema import Advantage, Judge, Reward, Sandbox
from rl.config.section import Section
from sandbox import open_sandbox

CONF = Path(__file__).resolve().parents[3] / "conf"


@pytest.mark.parametrize(
    ("section", "takes"),
    [(Judge, JudgeReward), (Reward, RewardService), (Sandbox, open_sandbox), (Advantage, advantages)],
)
def test_settings_have_the_defaults_of_what_takes_them(
    section: type[Section], takes: Callable[..., Any]
) -> None:
    theirs = {
        p.name: p.default for p in inspect.signature(takes).parameters.values() if p.default is not p.empty
    }
    both = {name: field.default for name, field in section.model_fields.items() if name in theirs}
    both.pop("kind", None)  # of a judge: without a model there is none, and the settings say rules
    assert both and {n: _plain(v) for n, v in both.items()} == {n: _plain(theirs[n]) for n in both}


def test_the_time_limit_of_a_reward_is_one() -> None:
    assert Reward.model_fields["time_limit"].default == TIME_LIMIT


@pytest.mark.parametrize(("name", "section"), [("judge", Judge), ("sandbox", Sandbox)])
def test_the_first_file_of_a_group_gives_every_setting_its_default(name: str, section: type[Section]) -> None:
    whole = yaml.safe_load((CONF / "config.yaml").read_text(encoding="utf-8"))
    first = next(group[name] for group in whole["defaults"] if isinstance(group, dict) and name in group)
    given = whole.get(name, {}) | yaml.safe_load((CONF / name / f"{first}.yaml").read_text(encoding="utf-8"))
    assert given == {name: field.default for name, field in section.model_fields.items()}


def _plain(value: Any) -> Any:
    """Tuples, which a signature holds for lists, as lists."""
    return list(value) if isinstance(value, tuple | list) else value
