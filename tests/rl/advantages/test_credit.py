"""What each estimator promises, on batches with turns, thoughts, calls and replies."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rl.advantages import ESTIMATORS, GatheredBatch, Progress, estimate, kl_by_language
from rl.advantages.macro import UNITS, actions
from rl.advantages.turns import returns
from rl.config.schema import Advantage
from rl.errors import ConfigError

NAN = float("nan")
NAMES = ("json_valid", "language_match")
LANGUAGES = ("ar", "en", "fr")
OPTIONS: dict[str, dict[str, Any]] = {"rlmr": {"constraint": "language_match"}, "kl": {"more": {"en": 0.1}}}
quick = settings(max_examples=25, deadline=None)


@st.composite
def batches(draw: st.DrawFn, masked: bool = True) -> GatheredBatch:
    """Up to three languages of up to three prompts; samples of up to three turns of thought, call and reply."""
    languages, prompts, generations = (
        draw(st.integers(1, 3)),
        draw(st.integers(1, 3)),
        draw(st.integers(2, 4)),
    )
    rows = [(la * prompts + p, la, p) for la in range(languages) for p in range(prompts)]
    prompt, language, task = torch.tensor(rows).repeat_interleave(generations, 0).unbind(1)
    n = len(prompt)
    lot = torch.Generator().manual_seed(draw(st.integers(0, 10**6)))
    parts = torch.rand(n, 2, generator=lot).round(decimals=1)
    rewards = parts.mean(1)
    if masked:
        rewards[torch.rand(n, generator=lot) < 0.2] = NAN
    turns, kinds = zip(*(_tokens(lot) for _ in range(n)), strict=True)
    turn = torch.nn.utils.rnn.pad_sequence(list(turns), batch_first=True, padding_value=-1)
    kind = torch.nn.utils.rnn.pad_sequence(list(kinds), batch_first=True, padding_value=-1)
    calling = torch.stack([((turn == u) & (kind == 1)).any(1) for u in range(3)], 1)
    outcomes = (torch.rand(n, 3, generator=lot) < 0.5).float().masked_fill(~calling, NAN)
    logprobs = -torch.rand(turn.shape, generator=lot) * turn.ge(0)
    reference = -torch.rand(turn.shape, generator=lot) * turn.ge(0)
    return GatheredBatch(
        rewards, parts, torch.full_like(parts, 0.5), prompt, language, task, turn, NAMES, LANGUAGES,
        outcomes, kind, logprobs, reference,
    )  # fmt: skip


def _tokens(lot: torch.Generator) -> tuple[Tensor, Tensor]:
    """Turns and kinds of a sample's tokens: thought, call, a result that is not ours; then thought and reply."""
    turns: list[int] = []
    kinds: list[int] = []
    calls = int(torch.randint(3, (1,), generator=lot))
    for turn in range(calls + 1):
        for kind in (0, 1 if turn < calls else 2):
            length = int(torch.randint(1, 4, (1,), generator=lot))
            turns, kinds = turns + [turn] * length, kinds + [kind] * length
        if turn < calls:
            turns, kinds = [*turns, -1, -1], [*kinds, -1, -1]
    return torch.tensor(turns), torch.tensor(kinds)


def found(batch: GatheredBatch, name: str, **options: Any) -> Tensor:
    return estimate(batch, Advantage(estimator=name, options=OPTIONS.get(name, {}) | options))


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
@quick
@given(batch=batches())
def test_masked_samples_and_what_the_policy_did_not_write_get_zero(name: str, batch: GatheredBatch) -> None:
    got = found(batch, name)
    assert not got[batch.rewards.isnan()].any()
    if got.dim() == 2:
        assert not got[batch.turns < 0].any()


@pytest.mark.parametrize("name", sorted(set(ESTIMATORS) - {"shares", "gdpo", "floored"}))
@quick
@given(batch=batches(), shift=st.floats(-2, 2))
def test_a_language_is_not_moved_by_anothers_rewards(name: str, batch: GatheredBatch, shift: float) -> None:
    moved = batch.rewards + shift * (batch.language == 0)
    got, want = found(replace(batch, rewards=moved), name), found(batch, name)
    torch.testing.assert_close(got, want, atol=1e-2, rtol=2e-3)  # float32 rounds the shift; 1e-4 divides it


@quick
@given(batch=batches(masked=False), share=st.floats(0.1, 1.0))
def test_no_language_is_louder_than_the_floor_lets_it(batch: GatheredBatch, share: float) -> None:
    got = found(batch, "floored", share=share)
    centered = estimate(batch, Advantage(scale="none"))
    variances = torch.stack(
        [batch.rewards[batch.language == i].double().var() for i in batch.language.unique()]
    )
    common = variances.mean().sqrt()
    assert (got.abs() <= centered.abs() / (share * common + 1e-4) + 1e-5).all()
    assert torch.equal(got.sign(), centered.sign())


def test_a_solved_language_with_one_failure_is_not_blown_up() -> None:
    language = torch.arange(2).repeat_interleave(64)
    rewards = torch.ones(128)
    rewards[0] = 0.0  # of the first language all but one are right, of the second half
    rewards[64::2] = 0.0
    tokens = torch.zeros(128, 1, dtype=torch.long)
    ids = torch.arange(128) // 8
    batch = GatheredBatch(rewards, rewards[:, None], rewards[:, None], ids, language, ids, tokens)
    plain = estimate(batch, Advantage(baseline="language", scale="language"))
    held = estimate(batch, Advantage(baseline="language", estimator="floored", options={"share": 0.5}))
    assert plain[0] < -7.8 and held[0].item() == pytest.approx(-5.36, abs=0.01)
    assert held[64:].abs().max().item() == pytest.approx(plain[64:].abs().max().item(), rel=1e-4)


@quick
@given(batch=batches())
def test_each_language_pulls_by_its_share_and_keeps_its_ratios(batch: GatheredBatch) -> None:
    got, base = found(batch, "shares", most=1e9), found(batch, "grouped")
    tokens = batch.turns.ge(0).sum(1)
    pulls, due = [], []
    for language in batch.language.unique():
        own = batch.language == language
        factor = got[own].abs().sum() / base[own].abs().sum().clamp(min=1e-12)
        torch.testing.assert_close(got[own], base[own] * factor, atol=1e-4, rtol=1e-4)
        if base[own].abs().sum() > 0:
            pulls.append((got[own].abs() * tokens[own]).sum())
            due.append((~batch.rewards[own].isnan()).sum().float())
    if pulls:
        share, wanted = torch.stack(pulls), torch.stack(due)
        torch.testing.assert_close(share / share.sum(), wanted / wanted.sum(), atol=1e-4, rtol=1e-4)


@quick
@given(batch=batches(), most=st.floats(0.5, 3))
def test_no_language_is_made_louder_than_most(batch: GatheredBatch, most: float) -> None:
    got, base = found(batch, "shares", most=most), found(batch, "grouped")
    assert (got.abs() <= base.abs() * most + 1e-6).all()


def test_returns_are_discounted_sums_of_what_comes() -> None:
    outcomes = torch.tensor([[1.0, NAN, 0.5], [0.0, NAN, NAN], [NAN, 1.0, NAN]])
    want = torch.tensor([[1.125, 0.25, 0.5], [0.0, NAN, NAN], [0.5, 1.0, NAN]])
    torch.testing.assert_close(returns(outcomes, 0.5), want, equal_nan=True)


@quick
@given(batch=batches(masked=False))
def test_a_better_turn_is_worth_more_and_the_reply_keeps_the_samples(batch: GatheredBatch) -> None:
    got, sample = found(batch, "turns"), found(batch, "grouped")
    assert batch.kinds is not None and batch.outcomes is not None
    after = (batch.turns >= 0) & (batch.turns >= _calls(batch)[:, None])
    torch.testing.assert_close(got[after], batch.spread(sample)[after])
    credit = (got - batch.spread(sample)).masked_fill(batch.turns != 0, 0.0).amax(1)
    total = returns(batch.outcomes, 1.0)[:, 0]
    for prompt in batch.prompt.unique():
        own = (batch.prompt == prompt) & ~total.isnan()
        if int(own.sum()) > 1 and total[own].std() > 0.3:
            best, least = total[own].argmax(), total[own].argmin()
            assert credit[own][best] >= credit[own][least] - 1e-4


def _calls(batch: GatheredBatch) -> Tensor:
    assert batch.outcomes is not None
    return (~batch.outcomes.isnan()).sum(1)


def test_an_earlier_wrong_call_is_blamed_and_the_repair_is_not() -> None:
    """Both samples end alike; one made a wrong call first."""
    turns = torch.tensor([[0, 1, 2], [0, 1, 2]])
    outcomes = torch.tensor([[0.0, 1.0], [1.0, 1.0]])
    ids, one = torch.zeros(2, dtype=torch.long), torch.ones(2)
    kinds = torch.tensor([[1, 1, 2], [1, 1, 2]])
    batch = GatheredBatch(
        one, one[:, None], one[:, None], ids, ids, ids, turns, outcomes=outcomes, kinds=kinds
    )
    got = estimate(batch, Advantage(estimator="turns", baseline="prompt", scale="prompt"))
    assert got[0, 0] < 0 < got[1, 0] and got[:, 1:].abs().max() < 1e-6


@pytest.mark.parametrize("unit", UNITS)
@quick
@given(batch=batches())
def test_each_macro_action_counts_once_and_a_sample_as_before(unit: Any, batch: GatheredBatch) -> None:
    action, got, sample = actions(batch, unit), found(batch, "macro", unit=unit), found(batch, "grouped")
    for row in range(len(action)):
        chosen = action[row][action[row] >= 0]
        assert torch.equal(chosen.unique(), torch.arange(int(chosen.max()) + 1))
        assert (chosen.diff() >= 0).all()
        pulls = torch.stack([got[row][action[row] == a].sum() for a in chosen.unique()])
        torch.testing.assert_close(pulls, pulls.mean().expand_as(pulls), atol=1e-4, rtol=1e-4)
        assert got[row].sum().item() == pytest.approx(sample[row].item() * len(chosen), abs=1e-3)


def test_a_chain_is_a_call_and_the_reply_to_it() -> None:
    turns = torch.tensor([[0, 0, -1, 1, -1, 2, 2]])
    kinds = torch.tensor([[0, 1, -1, 1, -1, 2, 2]])
    one, ids = torch.ones(1), torch.zeros(1, dtype=torch.long)
    batch = GatheredBatch(one, one[:, None], one[:, None], ids, ids, ids, turns, kinds=kinds)
    assert actions(batch, "chain").tolist() == [[0, 0, -1, 1, -1, 1, 1]]
    assert actions(batch, "kind").tolist() == [[0, 1, -1, 2, -1, 3, 3]]
    assert actions(batch, "ngram", 2).tolist() == [[0, 0, -1, 1, -1, 2, 2]]


@quick
@given(batch=batches(masked=False))
def test_who_breaks_the_constraint_is_below_the_mean_wherever_somebody_keeps_it(batch: GatheredBatch) -> None:
    got, broken = found(batch, "rlmr"), batch.parts[:, 1] < 0.5
    for prompt in batch.prompt.unique():
        own = batch.prompt == prompt
        if 0 < int(broken[own].sum()) < int(own.sum()):
            assert (got[own & broken] < 0).all()


@quick
@given(batch=batches(), weight=st.floats(0, 2))
def test_exploration_flips_no_sign_and_touches_thoughts_alone(batch: GatheredBatch, weight: float) -> None:
    got, sample = found(batch, "entropy", weight=weight), batch.spread(found(batch, "grouped"))
    assert batch.kinds is not None
    assert torch.equal(got[batch.kinds != 0], sample[batch.kinds != 0])
    assert (got * sample >= 0).all() and (got >= sample - 1e-6).all()


@quick
@given(batch=batches())
def test_kl_by_language_acts_on_its_language_alone(batch: GatheredBatch) -> None:
    assert batch.reference is not None and batch.logprobs is not None
    got, sample = found(batch, "kl", more={"en": 0.5}), batch.spread(found(batch, "grouped"))
    english = (batch.language == 1) & ~batch.rewards.isnan()
    assert torch.equal(got[~english], sample[~english])
    apart = (batch.logprobs - batch.reference) * batch.turns.ge(0)
    torch.testing.assert_close(got[english], (sample - 0.5 * apart)[english])
    assert all(value >= 0 for value in kl_by_language(batch).values())


def test_progress_is_smoothed_kept_and_read_again(tmp_path: Path) -> None:
    ids, tokens = torch.tensor([0, 0, 1, 1]), torch.zeros(4, 1, dtype=torch.long)
    progress = Progress(["en", "fr", "zh"], smoothing=0.75)
    for first in (1.0, 0.0):
        r = torch.tensor([first, first, 0.5, NAN])
        batch = progress.after(GatheredBatch(r, r[:, None], r[:, None], ids, ids, ids, tokens))
    assert progress.means == {"en": 0.75, "fr": 0.5, "zh": None}
    assert batch.level is not None and batch.level.tolist() == [0.75, 0.75, 0.5, 0.5]
    progress.has_learned()
    progress.save(tmp_path)
    again = Progress(["en", "fr", "zh"], 0.75)
    again.read(tmp_path)
    assert again.means == progress.means


@pytest.mark.parametrize("name", ["grouped", "gdpo", "floored"])
def test_smoothed_weights_go_by_what_languages_were_before(name: str) -> None:
    """In this step both languages do alike; over earlier ones the second lags."""
    ids = torch.tensor([0, 0, 1, 1])
    r, tokens = torch.tensor([1.0, 0.0, 1.0, 0.0]), torch.zeros(4, 1, dtype=torch.long)
    batch = GatheredBatch(r, r[:, None], torch.ones(4, 1), ids, ids, ids, tokens)
    level = torch.tensor([0.9, 0.9, 0.2, 0.2])
    worst = Advantage(estimator=name, baseline="prompt", weights="worst_first")
    got = estimate(replace(batch, level=level), worst).abs()
    assert got[2] / got[0] == pytest.approx(0.9 / 0.2, rel=1e-3)
    assert estimate(batch, worst).abs().max() == pytest.approx(estimate(batch, worst).abs().min().item())


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("rlmr", {"constraint": "language_mach"}, "did you mean language_match?"),
        ("entropy", {"weight": 3.0}, "would turn signs around"),
        ("macro", {"unit": "word"}, "it is one of kind, turn, chain, ngram"),
        ("shares", {"due": {"xx": 1.0}}, "'xx', which is no language of the run"),
        ("kl", {"more": {"xx": 1.0}}, "'xx', which is no language of the run"),
    ],
)
def test_wrong_options_end_in_one_sentence(name: str, options: dict[str, Any], said: str) -> None:
    one, ids = torch.ones(2), torch.zeros(2, dtype=torch.long)
    tokens = torch.zeros(2, 1, dtype=torch.long)
    batch = GatheredBatch(
        one, torch.ones(2, 2), torch.ones(2, 2), ids, ids, ids, tokens, NAMES, LANGUAGES, None, tokens,
        tokens.float(), tokens.float(),
    )  # fmt: skip
    with pytest.raises(ConfigError) as refused:
        found(batch, name, **options)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_kl_without_a_reference_says_what_to_set() -> None:
    one, ids = torch.ones(2), torch.zeros(2, dtype=torch.long)
    batch = GatheredBatch(one, one[:, None], one[:, None], ids, ids, ids, ids[:, None], NAMES, LANGUAGES)
    with pytest.raises(ConfigError, match=r"set trainer\.beta above 0"):
        found(batch, "kl")
