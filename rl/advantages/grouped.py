"""``A_i = (r_i − baseline_i) / scale_i · weight(language of i)``, the groups of baseline and scale chosen apart.

Shape legend: N samples of the gathered batch. Group ids are integers of shape [N]; samples of one
id form a group, wherever they stand. A NaN reward is masked: it enters no statistic and gets 0.

A group with fewer than ``min_group`` scored samples takes its parent's statistic
(prompt → language → batch, task → batch); the shrunk baseline has rules of its own instead.
"""

from typing import Any, Literal

import torch
from torch import Tensor

from rl.advantages.baselines import shrunk
from rl.advantages.batch import GatheredBatch
from rl.advantages.groups import dense, deviations, joint, means, statistic
from rl.advantages.runs import Runs
from rl.advantages.weights import Weights, language_weights
from rl.config.schema import Advantage

Baseline = Literal["prompt", "language", "task", "batch", "shrunk"]
Scale = Literal["prompt", "language", "task", "batch", "none"]

EPSILON = 1e-4  # TRL's


def grouped(batch: GatheredBatch, settings: Advantage) -> Tensor:
    """``advantages`` of the batch's rewards, shape [N]."""
    options: dict[str, Any] = {**batch.groups(), **grouping(settings), "level": batch.level}
    return advantages(batch.rewards, **options)


def grouping(settings: Advantage) -> dict[str, Any]:
    """What of the settings ``advantages`` takes."""
    return settings.model_dump(include={"baseline", "scale", "min_group", "scale_floor", "weights"})


def advantages(
    rewards: Tensor,
    *,
    prompt: Tensor,
    language: Tensor,
    task: Tensor,
    baseline: Baseline = "shrunk",
    scale: Scale = "language",
    min_group: int = 2,
    scale_floor: float = 0.0,
    weights: Weights = "uniform",
    level: Tensor | None = None,
) -> Tensor:
    """Advantages of shape [N] for ``rewards`` of shape [N] (NaN: masked, gets 0).

    Args:
        prompt, language, task: integer group ids of shape [N]; ``task`` is shared by the parallel
            prompts of all languages.
        baseline: the group whose mean is subtracted. ``shrunk`` is the leave-one-out mean of the
            prompt, shrunk toward its language's other prompts (James–Stein; arXiv 2511.03710).
        scale: the group whose unbiased standard deviation + 1e-4 divides; ``none`` divides by 1.
        min_group: scored samples that a group needs for a statistic of its own; not applied to the shrunk
            baseline. With 1, a lone sample is its own baseline: its advantage is 0, as in TRL.
        scale_floor: least value of the scale.
        weights: how much each language counts; they average to 1 over the scored samples.
        level: mean reward of each sample's language over earlier steps, shape [N]; None: that of these rewards.
    """
    if not len(rewards) == len(prompt) == len(language) == len(task):
        raise ValueError("rewards and the group ids must have one length")
    whole, r = bool(len(rewards)) and not rewards.sum().isnan(), rewards
    if not whole:
        scored = ~rewards.isnan()
        if not scored.any():
            return torch.zeros_like(rewards)
        r, prompt, language, task = (values[scored] for values in (rewards, prompt, language, task))
        level = None if level is None else level[scored]
    r = r.double()
    groups: set[str] = {baseline, scale}
    runs = Runs(prompt, language, *([task] if "task" in groups else []))
    of, keys = runs.summary(r), _keys(runs, prompt, language, task, groups)
    if baseline == "shrunk":
        found = r - shrunk(r, runs, of, keys["prompt"], keys["language"])
    else:
        found = r - runs.spread(statistic(of, keys, baseline, min_group, means))
    if scale != "none":
        spread = statistic(of, keys, scale, min_group, deviations) + EPSILON
        found /= runs.spread(spread.clamp(min=scale_floor))
    if weights != "uniform":
        found *= language_weights(r, runs.spread(keys["language"]), weights, level)
    found = found.to(rewards.dtype)
    return found if whole else torch.zeros_like(rewards).masked_scatter(scored, found)


def _keys(runs: Runs, prompt: Tensor, language: Tensor, task: Tensor, groups: set[str]) -> dict[str, Tensor]:
    """Dense ids of the runs by the groups' names, of those that are used and of their parents."""
    language = dense(runs.of(language))
    keys = {"language": language, "batch": torch.zeros_like(language[:1]).expand(len(language))}
    if groups & {"prompt", "shrunk"}:
        # A prompt is asked in one language, so the pair is what a caller means by either numbering.
        keys["prompt"] = joint(runs.of(prompt), language)
    if "task" in groups:
        keys["task"] = dense(runs.of(task))
    return keys
