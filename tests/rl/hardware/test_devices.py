"""Which GPUs a run of one process has; the machine's number of them is made up."""

import os

import pytest
import torch

from rl.errors import ConfigError, UserError
from rl.hardware.devices import hide_other_gpus
from rl.runs.sft import sft
from tests.rl.parts import composed

NAME = "CUDA_VISIBLE_DEVICES"


@pytest.mark.parametrize(
    ("there", "allowed", "left"), [(4, "", "0"), (2, "2,3", "2"), (1, "3", "3"), (0, "", "")]
)
def test_it_is_the_first_that_it_may_use(
    monkeypatch: pytest.MonkeyPatch, there: int, allowed: str, left: str
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: there)
    monkeypatch.setenv(NAME, allowed)
    hide_other_gpus()
    assert os.environ[NAME] == left


def test_supervised_runs_have_one_too_for_policy_and_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ConfigError, match=r"more than the one GPU .* run python -m rl.train with cluster=ray"
    ):
        sft(composed("cluster.device_gb=80", "rollout.workers=2"))
    config = composed("model=hub", "model.path=./nowhere")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv(NAME, "")
    with pytest.raises(UserError, match="no folder"):
        sft(config)
    assert os.environ[NAME] == "0"
