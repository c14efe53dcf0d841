"""Advantages over explicit groups: ``A_i = (r_i − baseline_i) / scale_i · weight(language of i)``.

Shape legend: N samples of the gathered batch. Group ids are integers of shape [N]; samples of one
id form a group, wherever they stand. A NaN reward is masked: it enters no statistic and gets 0.

A group with fewer than ``min_group`` scored samples takes its parent's statistic
(prompt → language → batch, task → batch); the shrunk baseline has rules of its own instead.
"""

import math
from typing import Any, Literal

import torch
from torch import Tensor

Baseline = Literal["prompt", "language", "task", "batch", "shrunk"]
Scale = Literal["prompt", "language", "task", "batch", "none"]
Weights = Literal["uniform", "inverse_frequency", "worst_first"]

EPSILON = 1e-4  # TRL's
PARENT = {"prompt": "language", "language": "batch", "task": "batch"}


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
    """
    if not len(rewards) == len(prompt) == len(language) == len(task):
        raise ValueError("rewards and the group ids must have one length")
    scored = ~rewards.isnan()
    if not scored.any():
        return torch.zeros_like(rewards)
    # A prompt is asked in one language, so the pair is what a caller means by either numbering.
    keys = {
        "prompt": _joint(prompt, language),
        "language": language,
        "task": task,
        "batch": torch.zeros_like(language),
    }
    keys = {name: key[scored].unique(return_inverse=True)[1] for name, key in keys.items()}
    r = rewards[scored].double()
    if baseline == "shrunk":
        centered = r - shrunk_baseline(r, keys["prompt"], keys["language"])
    else:
        centered = r - _statistic(r, keys, baseline, min_group, _means)
    if scale != "none":
        spread = _statistic(r, keys, scale, min_group, _deviations) + EPSILON
        centered = centered / spread.clamp(min=scale_floor)
    result = torch.zeros_like(rewards, dtype=torch.float64)
    result[scored] = centered * language_weights(r, keys["language"], weights)
    return result.to(rewards.dtype)


def normalize_then_sum(parts: Tensor, shares: Tensor, masked: Tensor, **grouping: Any) -> Tensor:
    """GDPO (arXiv 2601.05242): each part of the reward has its own advantages; their sum is normalized.

    So a part that hardly varies within its group counts as much as one that varies a lot, where a sum of
    rewards would drown it. With ``baseline`` and ``scale`` of "prompt" and a ``min_group`` of 1 this is
    TRL's ``normalize_then_sum``.

    Args:
        parts: values of shape [N, K]; NaN where a part has none: it adds nothing to that sample.
        shares: the weight of each part for each sample, shape [N, K].
        masked: samples that count nowhere, bool of shape [N]; so does one without any part.
        grouping: what ``advantages`` takes besides the rewards.

    Returns advantages of shape [N], normalized over the batch.
    """
    masked = masked | parts.isnan().all(1)
    parts = parts.double().masked_fill(masked[:, None], math.nan)
    columns = [advantages(column, **grouping) for column in parts.unbind(1)]
    total = (torch.stack(columns, 1) * shares).sum(1).masked_fill(masked, math.nan)
    everyone = torch.zeros_like(grouping["prompt"])
    return advantages(
        total, prompt=everyone, language=everyone, task=everyone, baseline="batch", scale="batch"
    )


def shrunk_baseline(r: Tensor, prompt: Tensor, language: Tensor) -> Tensor:
    """``(1 − w)·mean(prompt without i) + w·mean(language's prompts without its own)``, shape [N].

    ``w = v / (v + t)`` per language: ``v`` the within-prompt variance over (G − 1), ``t`` the
    between-prompt variance (that of the prompt means less within/G, at least 0). A language with
    one prompt has w = 0, a prompt with one sample w = 1, and where both hold the sample is its own
    baseline. Neither mean holds sample i, while w is estimated from all samples of the language, i
    among them: the gradient is nearly unbiased, not exactly.
    """
    size, total = _sums(torch.ones_like(r), prompt), _sums(r, prompt)
    mean = total / size
    others = size[prompt] - 1
    own = (total[prompt] - r) / others.clamp(min=1)
    language_of = torch.zeros_like(size, dtype=torch.long).scatter_(0, prompt, language)
    prompts = _sums(torch.ones_like(mean), language_of)
    rest = (_sums(mean, language_of)[language] - mean[prompt]) / (prompts[language] - 1).clamp(min=1)
    w = _shrinkage(r, prompt, mean, size, language_of, prompts)[language]
    w = torch.where(others == 0, torch.ones_like(w), w)
    w = torch.where(prompts[language] == 1, torch.zeros_like(w), w)
    alone = (others == 0) & (prompts[language] == 1)
    return torch.where(alone, r, (1 - w) * own + w * rest)


def _shrinkage(
    r: Tensor, prompt: Tensor, mean: Tensor, size: Tensor, language_of: Tensor, prompts: Tensor
) -> Tensor:
    """w of each language, shape [languages]."""
    squares = _sums((r - mean[prompt]) ** 2, prompt)
    freedom = _sums(size - 1, language_of)
    within = _sums(squares, language_of) / freedom.clamp(min=1)
    generations = _sums(size, language_of) / prompts
    center = _sums(mean, language_of) / prompts
    between = _sums((mean - center[language_of]) ** 2, language_of) / (prompts - 1).clamp(min=1)
    v = within / (generations - 1).clamp(min=1)
    t = (between - within / generations).clamp(min=0)
    return torch.where(v + t > 0, v / (v + t).clamp(min=1e-12), torch.zeros_like(v))


def language_weights(r: Tensor, language: Tensor, weights: Weights) -> Tensor:
    """Each sample's weight, shape [N], averaging to 1: alike, by 1/frequency, or by how far its
    language's mean reward is from 1 (lagging languages count more)."""
    if weights == "uniform":
        return torch.ones_like(r)
    count = _sums(torch.ones_like(r), language)
    lag = (1 - _sums(r, language) / count).clamp(min=0) + 0.1  # a language without a lag still counts
    chosen = (1 / count if weights == "inverse_frequency" else lag)[language]
    return chosen / chosen.mean()


def _statistic(r: Tensor, keys: dict[str, Tensor], group: str, min_group: int, of: object) -> Tensor:
    """The group's statistic for each sample, or the parent's where the group is too small."""
    key = keys[group]
    value = of(r, key)[key]  # type: ignore[operator]
    if group in PARENT:
        small = _sums(torch.ones_like(r), key)[key] < min_group
        if small.any():
            value = torch.where(small, _statistic(r, keys, PARENT[group], min_group, of), value)
    return value


def _sums(values: Tensor, key: Tensor) -> Tensor:
    size = int(key.max()) + 1
    return torch.zeros(size, dtype=values.dtype, device=values.device).scatter_add_(0, key, values)


def _means(r: Tensor, key: Tensor) -> Tensor:
    return _sums(r, key) / _sums(torch.ones_like(r), key)


def _deviations(r: Tensor, key: Tensor) -> Tensor:
    """Unbiased standard deviations; 0 for a group of one."""
    count = _sums(torch.ones_like(r), key)
    squares = _sums((r - _means(r, key)[key]) ** 2, key)
    return (squares / (count - 1).clamp(min=1)).sqrt()


def _joint(a: Tensor, b: Tensor) -> Tensor:
    return torch.stack([a, b], 1).unique(dim=0, return_inverse=True)[1]
