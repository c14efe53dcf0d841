"""Advantages: equal to TRL's numbers where they should be, and what holds for every grouping."""

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, variance
from typing import Any

import pytest
import torch
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from trl.trainer.utils import nanstd

from rl.advantages import advantages, language_weights, normalize_then_sum, shrunk_baseline
from rl.advantages.grouped import EPSILON

CONF = Path(__file__).parents[3] / "conf" / "advantage"
LANGUAGE_PRESETS = ("language", "language_pooled", "language_scaled", "grpo", "dr_grpo")
NAN = float("nan")
quick = settings(max_examples=25, deadline=None)


def preset(name: str) -> dict[str, Any]:
    """The groups of a file in conf/advantage, over those of the file that it builds on."""
    file = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    own = {key: v for key, v in file.items() if key not in ("defaults", "smoothing")}
    return preset(file["defaults"][0]) | own if "defaults" in file else own


ALL = {path.stem: preset(path.stem) for path in CONF.glob("*.yaml")}
PRESETS = {name: found for name, found in ALL.items() if "estimator" not in found}


@dataclass(frozen=True)
class Batch:
    """Rewards and group ids, each of shape [N]."""

    rewards: Tensor
    prompt: Tensor
    language: Tensor
    task: Tensor

    def at(self, index: Any) -> "Batch":
        return Batch(*(values[index] for values in vars(self).values()))

    def with_rewards(self, rewards: Tensor) -> "Batch":
        return Batch(rewards, self.prompt, self.language, self.task)

    def advantages(self, **options: Any) -> Tensor:
        ids = {"prompt": self.prompt, "language": self.language, "task": self.task}
        return advantages(self.rewards, **ids, **options)


def grid(languages: int, prompts: int, generations: int) -> Batch:
    """Group ids of a full step, the rewards still 0."""
    rows = [(la * prompts + p, la, p) for la in range(languages) for p in range(prompts)]
    ids = torch.tensor(rows).repeat_interleave(generations, 0)
    return Batch(torch.zeros(len(ids), dtype=torch.float64), *ids.unbind(1))


@st.composite
def batches(draw: st.DrawFn, masked: bool = True, least_generations: int = 1) -> Batch:
    batch = grid(draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(least_generations, 5)))
    reward = st.floats(0, 1) | st.sampled_from([0.0, 0.3, 1.0])
    if masked:
        reward |= st.just(NAN)
    size = len(batch.rewards)
    rewards = draw(st.lists(reward, min_size=size, max_size=size))
    return batch.with_rewards(torch.tensor(rewards, dtype=torch.float64))


def trl_advantages(rewards: Tensor, generations: int, scale: str) -> Tensor:
    """``GRPOTrainer``'s ``sum_then_normalize`` with ``scale_rewards`` of "group", "batch" or "none"."""
    grouped = rewards.view(-1, generations)
    centered = rewards - grouped.nanmean(1).repeat_interleave(generations)
    if scale == "group":
        centered = centered / (nanstd(grouped, dim=1).repeat_interleave(generations) + 1e-4)
    elif scale == "batch":
        centered = centered / (nanstd(rewards) + 1e-4)
    return centered.nan_to_num(0.0)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("grpo", "group"), ("dr_grpo", "none"), (("prompt", "batch"), "batch")]
)
@quick
@given(batch=batches(least_generations=2))
def test_prompt_groups_equal_trl(ours: Any, theirs: str, batch: Batch) -> None:
    generations = int((batch.prompt == 0).sum())
    rewards = batch.rewards.clone()
    for start in range(0, len(rewards), generations):  # TRL has no number for a group with less than two
        rewards[start : start + 2] = rewards[start : start + 2].nan_to_num(0.5)
    options = PRESETS[ours] if isinstance(ours, str) else {"baseline": ours[0], "scale": ours[1]}
    got = batch.with_rewards(rewards).advantages(**options)
    torch.testing.assert_close(got, trl_advantages(rewards, generations, theirs), atol=1e-6, rtol=1e-6)


@st.composite
def parted(draw: st.DrawFn) -> tuple[Batch, Tensor, Tensor, Tensor]:
    """A batch, values of its parts [N, K] (NaN: none), their weights [N, K] and which samples are masked."""
    batch, count = draw(batches(masked=False, least_generations=3)), draw(st.integers(1, 4))
    size = len(batch.rewards)
    value = st.sampled_from([0.0, 0.3, 1.0, NAN]) | st.floats(0, 1)
    rows = draw(st.lists(st.lists(value, min_size=count, max_size=count), min_size=size, max_size=size))
    weights = torch.tensor(draw(st.lists(st.floats(0, 1), min_size=count, max_size=count)))
    masked = torch.tensor(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    parts = torch.tensor(rows, dtype=torch.float64)
    return batch, parts, weights.double().expand(size, -1), masked


def gdpo(batch: Batch, parts: Tensor, shares: Tensor, masked: Tensor, **options: Any) -> Tensor:
    ids = {"prompt": batch.prompt, "language": batch.language, "task": batch.task}
    return normalize_then_sum(parts, shares, masked, **ids, **options)


def trl_gdpo(parts: Tensor, weights: Tensor, generations: int) -> Tensor:
    """``GRPOTrainer``'s ``normalize_then_sum``; ``test_trainer`` holds ours against the trainer itself."""
    grouped = parts.view(-1, generations, parts.shape[1])
    normal = (grouped - grouped.nanmean(1, keepdim=True)) / (nanstd(grouped, dim=1, keepdim=True) + 1e-4)
    total = (normal.view(parts.shape) * weights).nansum(1)
    total[parts.isnan().all(1)] = NAN
    return ((total - total.nanmean()) / (nanstd(total) + 1e-4)).nan_to_num(0.0)


@quick
@given(drawn=parted())
def test_normalize_then_sum_equals_trl(drawn: tuple[Batch, Tensor, Tensor, Tensor]) -> None:
    batch, parts, weights, masked = drawn
    generations = int((batch.prompt == 0).sum())
    for start in range(0, len(parts), generations):  # TRL has no number for a group with less than two
        parts[start : start + 2] = parts[start : start + 2].nan_to_num(0.5)
        masked[start : start + 2] = False
    hidden = parts.masked_fill(masked[:, None], NAN)
    got = gdpo(batch, parts, weights, masked, baseline="prompt", scale="prompt")
    torch.testing.assert_close(got, trl_gdpo(hidden, weights, generations), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("name", sorted(set(PRESETS) - {"dr_grpo"}))
@quick
@given(drawn=parted())
def test_under_gdpo_masked_samples_get_zero_and_change_nothing(
    name: str, drawn: tuple[Batch, Tensor, Tensor, Tensor]
) -> None:
    batch, parts, weights, masked = drawn
    got = gdpo(batch, parts, weights, masked, **PRESETS[name])
    kept = ~masked & ~parts.isnan().all(1)
    assert got.isfinite().all() and not got[~kept].any()
    if kept.any():
        alone = gdpo(batch.at(kept), parts[kept], weights[kept], masked[kept], **PRESETS[name])
        torch.testing.assert_close(got[kept], alone)


@quick
@given(batch=batches(masked=False, least_generations=3), factor=st.floats(0.2, 1))
def test_under_gdpo_a_part_counts_by_its_weight_however_little_it_varies(batch: Batch, factor: float) -> None:
    """A sum of rewards would let the part with the greater spread win."""
    batch = batch.with_rewards(batch.rewards.round(decimals=1))  # no spread as small as TRL's 1e-4
    assume(batch.advantages(baseline="prompt", scale="none").abs().max() > 0.3)
    other = batch.rewards.roll(1)
    weights = torch.full((len(other), 2), 0.5, dtype=torch.float64)
    none = torch.zeros(len(other), dtype=torch.bool)
    options = {"baseline": "prompt", "scale": "prompt"}
    both = batch.advantages(**options) + batch.with_rewards(other).advantages(**options)
    assume(both.std() > 0.3)  # where they cancel, what is left is rounding, made large again
    plain = gdpo(batch, torch.stack([batch.rewards, other], 1), weights, none, **options)
    quiet = gdpo(batch, torch.stack([batch.rewards * factor, other], 1), weights, none, **options)
    torch.testing.assert_close(quiet, plain, atol=0.05, rtol=0.05)


@pytest.mark.parametrize("name", sorted(PRESETS))
@quick
@given(batch=batches())
def test_masked_samples_get_zero_and_change_nothing(name: str, batch: Batch) -> None:
    got, scored = batch.advantages(**PRESETS[name]), ~batch.rewards.isnan()
    assert torch.equal(got[~scored], torch.zeros(int((~scored).sum()), dtype=torch.float64))
    assert got.isfinite().all()
    if scored.any():
        torch.testing.assert_close(got[scored], batch.at(scored).advantages(**PRESETS[name]))


@pytest.mark.parametrize("name", sorted(PRESETS))
@pytest.mark.parametrize("weights", ["uniform", "inverse_frequency", "worst_first"])
@quick
@given(batch=batches(), data=st.data())
def test_groups_are_found_by_id_wherever_their_rows_stand(
    name: str, weights: str, batch: Batch, data: st.DataObject
) -> None:
    """So a batch that lies over several ranks in any layout gives each sample the same advantage."""
    order = torch.tensor(data.draw(st.permutations(range(len(batch.rewards)))))
    options = PRESETS[name] | {"weights": weights}
    torch.testing.assert_close(batch.advantages(**options)[order], batch.at(order).advantages(**options))


@quick
@given(batch=batches(), factor=st.integers(1, 1000), offset=st.integers(-50, 50))
def test_ids_are_names_not_positions(batch: Batch, factor: int, offset: int) -> None:
    renamed = Batch(
        batch.rewards, batch.prompt * factor + offset, offset - batch.language, batch.task * factor
    )
    torch.testing.assert_close(renamed.advantages(), batch.advantages())


@quick
@given(batch=batches())
def test_prompts_may_be_numbered_within_their_language(batch: Batch) -> None:
    numbered = Batch(batch.rewards, batch.task, batch.language, batch.task)
    torch.testing.assert_close(numbered.advantages(), batch.advantages())


@pytest.mark.parametrize("baseline", ["prompt", "language", "task", "batch"])
@quick
@given(batch=batches(masked=False, least_generations=2))
def test_a_mean_baseline_leaves_zero_mean_in_its_groups(baseline: Any, batch: Batch) -> None:
    centered = batch.advantages(baseline=baseline, scale="none")
    key = torch.zeros_like(batch.prompt) if baseline == "batch" else getattr(batch, baseline)
    for group in key.unique():
        assert centered[key == group].mean().item() == pytest.approx(0, abs=1e-9)


@quick
@given(batch=batches(masked=False, least_generations=2))
def test_the_shrunk_baseline_leaves_zero_mean_in_each_language(batch: Batch) -> None:
    centered = batch.advantages(baseline="shrunk", scale="language")
    for language in batch.language.unique():
        assert centered[batch.language == language].mean().item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", sorted(PRESETS))
@quick
@given(batch=batches(), shift=st.floats(-2, 2))
def test_only_differences_of_rewards_count(name: str, batch: Batch, shift: float) -> None:
    moved = batch.with_rewards(batch.rewards + shift)
    got, want = moved.advantages(**PRESETS[name]), batch.advantages(**PRESETS[name])
    torch.testing.assert_close(got, want, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("scale", ["prompt", "language", "task", "batch"])
@quick
@given(batch=batches(masked=False, least_generations=2))
def test_the_scale_is_its_groups_unbiased_deviation(scale: Any, batch: Batch) -> None:
    centered = batch.advantages(baseline="prompt", scale="none")
    scaled = batch.advantages(baseline="prompt", scale=scale)
    key = torch.zeros_like(batch.prompt) if scale == "batch" else getattr(batch, scale)
    for group in key.unique():
        deviation = batch.rewards[key == group].std() + EPSILON
        torch.testing.assert_close(scaled[key == group] * deviation, centered[key == group])


@quick
@given(batch=batches(least_generations=2), factor=st.floats(0.1, 10))
def test_dr_grpo_has_no_scale(batch: Batch, factor: float) -> None:
    louder = batch.with_rewards(batch.rewards * factor).advantages(**PRESETS["dr_grpo"])
    torch.testing.assert_close(louder, batch.advantages(**PRESETS["dr_grpo"]) * factor)


@quick
@given(batch=batches())
def test_with_one_language_its_groups_are_the_batch(batch: Batch) -> None:
    batch = batch.at(batch.language == 0)
    pooled, whole = batch.advantages(**PRESETS["language_pooled"]), batch.advantages(**PRESETS["batch"])
    torch.testing.assert_close(pooled, whole)
    scaled = batch.advantages(**PRESETS["language_scaled"])
    torch.testing.assert_close(scaled, batch.advantages(baseline="prompt", scale="batch"))
    across = batch.advantages(**PRESETS["crosslingual"] | {"min_group": 1})
    torch.testing.assert_close(across, batch.advantages(**PRESETS["grpo"]))


@quick
@given(batch=batches(), weights=st.sampled_from(["inverse_frequency", "worst_first"]))
def test_with_one_language_weights_do_nothing(batch: Batch, weights: str) -> None:
    batch = batch.at(batch.language == 0)
    torch.testing.assert_close(batch.advantages(weights=weights), batch.advantages())


@quick
@given(batch=batches(masked=False, least_generations=2))
def test_with_one_prompt_the_language_preset_is_leave_one_out(batch: Batch) -> None:
    """r_i minus the mean of the n - 1 others is n / (n - 1) times what the prompt's mean gives."""
    batch = batch.at(batch.prompt == 0)
    count = len(batch.rewards)
    got, grpo = batch.advantages(**PRESETS["language"]), batch.advantages(**PRESETS["grpo"])
    torch.testing.assert_close(got, grpo * count / (count - 1))


def slow_shrunk_baseline(batch: Batch) -> list[float]:
    """DESIGN's formula, sample by sample, for the same number of generations in every prompt."""
    return [_slow_baseline(batch, i) for i in range(len(batch.rewards))]


def _slow_baseline(batch: Batch, i: int) -> float:
    prompts: dict[int, list[float]] = {}
    for reward, prompt, language in zip(
        batch.rewards.tolist(), batch.prompt.tolist(), batch.language.tolist(), strict=True
    ):
        if language == batch.language[i]:
            prompts.setdefault(prompt, []).append(reward)
    own = list(prompts.pop(int(batch.prompt[i])))
    whole = [own, *prompts.values()]
    own = own.copy()
    own.remove(batch.rewards[i].item())
    others = [fmean(rewards) for rewards in prompts.values()]
    if not own:
        return fmean(others) if others else batch.rewards[i].item()
    if not others:
        return fmean(own)
    w = _slow_shrinkage(whole)
    return (1 - w) * fmean(own) + w * fmean(others)


def _slow_shrinkage(prompts: list[list[float]]) -> float:
    generations = len(prompts[0])
    within = fmean(variance(rewards) for rewards in prompts)
    v = within / (generations - 1)
    t = max(0.0, variance([fmean(rewards) for rewards in prompts]) - within / generations)
    return v / (v + t) if v + t > 0 else 0.0


@quick
@given(batch=batches(masked=False))
def test_the_shrunk_baseline_is_the_designs(batch: Batch) -> None:
    got = shrunk_baseline(batch.rewards, batch.prompt, batch.language)
    want = torch.tensor(slow_shrunk_baseline(batch), dtype=torch.float64)
    torch.testing.assert_close(got, want, atol=1e-5, rtol=1e-5)


def test_a_shrunk_baseline_by_hand() -> None:
    """Prompts (1, 0) and (1, 1): within 1/4, so v = 1/4; the means 1/2 and 1 vary by 1/8, which is
    what within/G explains alone, so t = 0 and w = 1: each prompt's baseline is the other's mean."""
    prompt, language = torch.tensor([0, 0, 1, 1]), torch.zeros(4, dtype=torch.long)
    got = shrunk_baseline(torch.tensor([1.0, 0.0, 1.0, 1.0]).double(), prompt, language)
    assert got.tolist() == [1.0, 1.0, 0.5, 0.5]


def test_prompts_that_differ_only_among_themselves_keep_their_own_mean() -> None:
    """No variance within: w = 0, and a hard prompt is not measured by an easy one."""
    prompt, language = torch.tensor([0, 0, 1, 1]), torch.zeros(4, dtype=torch.long)
    got = shrunk_baseline(torch.tensor([0.2, 0.2, 0.9, 0.9]).double(), prompt, language)
    torch.testing.assert_close(got, torch.tensor([0.2, 0.2, 0.9, 0.9]).double())


@quick
@given(batch=batches(masked=False), reward=st.floats(0, 1), data=st.data())
def test_no_sample_is_in_its_own_baseline(batch: Batch, reward: float, data: st.DataObject) -> None:
    """The two means that are mixed hold sample i in neither; only the mixing weight has seen it.

    So whatever r_i becomes, its baseline stays between those two means, and where the weight is
    fixed (one prompt: 0, one generation: 1) it does not move at all.
    """
    i = data.draw(st.integers(0, len(batch.rewards) - 1))
    peers = (batch.language == batch.language[i]) & (torch.arange(len(batch.rewards)) != i)
    own, rest = peers & (batch.prompt == batch.prompt[i]), peers & (batch.prompt != batch.prompt[i])
    assume(own.any() or rest.any())
    means = [batch.rewards[group].mean().item() for group in (own, rest) if group.any()]
    changed = batch.rewards.clone()
    changed[i] = reward
    for rewards in (batch.rewards, changed):
        baseline = shrunk_baseline(rewards, batch.prompt, batch.language)[i].item()
        assert min(means) - 1e-9 <= baseline <= max(means) + 1e-9


def test_a_sample_alone_in_its_language_gets_zero() -> None:
    batch = grid(2, 1, 1).with_rewards(torch.tensor([0.9, 0.1]))
    assert batch.advantages(**PRESETS["language"]).tolist() == [0.0, 0.0]


def test_a_small_group_takes_its_parents_statistic() -> None:
    """One scored sample in a prompt: the language's mean; one in a language: the batch's."""
    batch = grid(2, 2, 2)
    rewards = torch.tensor([0.0, NAN, 0.4, 0.8, 1.0, NAN, NAN, NAN]).double()
    got = batch.with_rewards(rewards).advantages(baseline="prompt", scale="none")
    mean, everyone = 1.2 / 3, 2.2 / 4
    want = torch.tensor([0 - mean, 0, -0.2, 0.2, 1 - everyone, 0, 0, 0]).double()
    torch.testing.assert_close(got, want)


def test_min_group_counts_scored_samples() -> None:
    rewards = torch.tensor([0.0, 1.0, NAN, 0.5, 0.5, 0.8]).double()
    batch = grid(1, 2, 3).with_rewards(rewards)
    own = batch.advantages(baseline="prompt", scale="none", min_group=2)
    pooled = batch.advantages(baseline="prompt", scale="none", min_group=3)
    assert own[0].item() == pytest.approx(-0.5)
    assert pooled[0].item() == pytest.approx(0 - rewards.nanmean().item())
    torch.testing.assert_close(own[3:], pooled[3:])


def test_the_scale_has_a_floor() -> None:
    """Rewards that hardly differ are not blown up."""
    batch = grid(1, 1, 4).with_rewards(torch.tensor([0.5, 0.5, 0.5, 0.501]).double())
    free, floored = (batch.advantages(**PRESETS["grpo"] | {"scale_floor": f}) for f in (0.0, 0.2))
    assert free.abs().max() > 1
    torch.testing.assert_close(floored, batch.advantages(**PRESETS["dr_grpo"]) / 0.2)


@quick
@given(batch=batches())
def test_a_floor_below_the_scale_does_nothing(batch: Batch) -> None:
    torch.testing.assert_close(batch.advantages(scale_floor=1e-5), batch.advantages())


@pytest.mark.parametrize("weights", ["uniform", "inverse_frequency", "worst_first"])
@quick
@given(batch=batches(masked=False), size=st.integers(1, 60))
def test_language_weights_average_to_one(weights: Any, batch: Batch, size: int) -> None:
    batch = batch.at(slice(size))
    got = language_weights(batch.rewards, batch.language, weights)
    assert got.mean().item() == pytest.approx(1.0)
    assert (got > 0).all()


def test_inverse_frequency_gives_each_language_the_same_total() -> None:
    batch = grid(2, 3, 2).at(torch.arange(12) < 8)
    ratio = _weights(batch.with_rewards(torch.arange(8).double() / 8), "inverse_frequency")
    assert ratio[:6].sum().item() == pytest.approx(ratio[6:].sum().item())


def test_worst_first_counts_the_lagging_language_more() -> None:
    batch = grid(2, 1, 4).with_rewards(torch.tensor([0.8, 1.0, 0.9, 0.9, 0.1, 0.3, 0.0, 0.2]).double())
    ratio = _weights(batch, "worst_first")
    assert ratio[4:].min() > 2 * ratio[:4].max()


def _weights(batch: Batch, weights: str) -> Tensor:
    plain = batch.advantages(baseline="batch", scale="none")
    return batch.advantages(baseline="batch", scale="none", weights=weights) / plain


def _two_languages() -> Batch:
    rewards = torch.tensor([0.1, 0.5, 0.9, 0.3, 0.2, 0.8, 0.6, 0.0])
    return grid(2, 2, 2).with_rewards(rewards.double())


@pytest.mark.parametrize("name", LANGUAGE_PRESETS)
@quick
@given(batch=batches(), gift=st.floats(-1, 1))
def test_english_rewards_do_not_move_french_advantages(name: str, batch: Batch, gift: float) -> None:
    """Every language but the first is French here; each keeps two samples to compare among."""
    french = batch.language != 0
    counts = (batch.language[~batch.rewards.isnan()]).bincount(minlength=3)
    assume(not (counts[1:] == 1).any())  # a language of one sample falls back to the batch, as it must
    before = batch.advantages(**PRESETS[name])
    after = batch.with_rewards(torch.where(french, batch.rewards, batch.rewards + gift)).advantages(
        **PRESETS[name]
    )
    torch.testing.assert_close(after[french], before[french])


@pytest.mark.parametrize("name", ["crosslingual", "batch"])
def test_in_shared_groups_they_do(name: str) -> None:
    batch = _two_languages()
    english = batch.language == 0
    moved = batch.with_rewards(batch.rewards + english * 0.5).advantages(**PRESETS[name])
    assert (moved - batch.advantages(**PRESETS[name]))[~english].abs().min() > 0.05


def test_a_prompts_difficulty_does_not_pass_for_skill() -> None:
    """An easy and a hard prompt: pooling rewards the easy one's samples, shrinking does not."""
    rewards = torch.tensor([0.9, 0.9, 0.9, 0.8, 0.1, 0.1, 0.1, 0.2]).double()
    batch = grid(1, 2, 4).with_rewards(rewards)
    pooled, shrunk = (batch.advantages(**PRESETS[n]) for n in ("language_pooled", "language"))
    assert pooled[3] > 0 > shrunk[3]
    assert pooled[7] < 0 < shrunk[7]


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_nothing_scored_gives_zeros(name: str) -> None:
    batch = grid(2, 2, 2)
    assert batch.with_rewards(batch.rewards + NAN).advantages(**PRESETS[name]).tolist() == [0.0] * 8


def test_the_result_has_the_rewards_type() -> None:
    batch = _two_languages()
    assert batch.with_rewards(batch.rewards.float()).advantages().dtype == torch.float32


def test_ids_of_another_length_are_refused() -> None:
    ids = torch.zeros(3, dtype=torch.long)
    with pytest.raises(ValueError, match="one length"):
        advantages(torch.zeros(4), prompt=ids, language=ids, task=ids)
