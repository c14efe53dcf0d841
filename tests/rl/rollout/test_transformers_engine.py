"""The transformers engine on a real model with random weights: exact samples, exact log-probabilities."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedTokenizerFast, Qwen3ForCausalLM

from rl.config.schema import Tiny
from rl.rollout.engines.base import Completion, Sampling
from rl.rollout.engines.transformers import HfEngine
from rl.tiny.model import new_model
from rl.weights.base import Weights

SIZES = Tiny(hidden_size=32, layers=2, heads=2, kv_heads=1, intermediate_size=64)
NEVER = 0  # a token that stands for the end and, with these seeds, is not drawn
PROMPTS = [[30, 31, 32], list(range(40, 60)), [99], list(range(200, 207)), [33, 30, 33, 30], [150, 151]]


def make_model(tokenizer: PreTrainedTokenizerFast, seed: int) -> Qwen3ForCausalLM:
    """Random weights, ten times as large, so that the context and not the last token decides."""
    model = new_model(SIZES, tokenizer, 256, seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" not in name:
                weight.mul_(10)
    return model.eval()


@pytest.fixture(scope="module")
def model(tiny_tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    return make_model(tiny_tokenizer, 0)


@pytest.fixture(scope="module")
def folder(model: Qwen3ForCausalLM, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("model")
    model.save_pretrained(path)
    return str(path)


@pytest.fixture(scope="module")
def engine(folder: str) -> HfEngine:
    return open_engine(folder)


def open_engine(folder: str, end_id: int = NEVER, concurrency: int = 8) -> HfEngine:
    return HfEngine(folder, dtype="float32", concurrency=concurrency, end_ids=(NEVER, end_id))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def generate(
    engine: HfEngine, prompts: list[list[int]], sampling: Sampling, seeds: list[int] | None = None
) -> list[Completion]:
    async def together() -> list[Completion]:
        chosen = seeds or range(len(prompts))
        requests = (engine.generate(p, sampling, s) for p, s in zip(prompts, chosen, strict=True))
        return list(await asyncio.gather(*requests))

    return run(together())


@torch.inference_mode()
def forward_logits(model: Qwen3ForCausalLM, prompt: list[int], completion: list[int]) -> torch.Tensor:
    """Logits of a plain forward pass, no cache and no padding, shape [completion, vocabulary]."""
    logits: torch.Tensor = model(torch.tensor([prompt + completion])).logits[0]
    return logits[len(prompt) - 1 : -1]


def assert_same(one: Completion, other: Completion) -> None:
    assert one.token_ids == other.token_ids
    assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)


def test_greedy_is_the_argmax_of_a_plain_forward_pass(engine: HfEngine, model: Qwen3ForCausalLM) -> None:
    samples = generate(engine, PROMPTS, Sampling(12, 0.0))
    assert len({token for sample in samples for token in sample.token_ids}) > len(PROMPTS)
    for prompt, sample in zip(PROMPTS, samples, strict=True):
        logits = forward_logits(model, prompt, sample.token_ids)
        assert sample.token_ids == logits.argmax(-1).tolist()
        chosen = logits.log_softmax(-1).max(-1).values
        assert sample.logprobs == pytest.approx(chosen.tolist(), abs=1e-4)


@pytest.mark.parametrize("temperature", [1.0, 0.6, 1.7])
def test_logprobs_are_those_of_a_plain_forward_pass(
    engine: HfEngine, model: Qwen3ForCausalLM, temperature: float
) -> None:
    for prompt, sample in zip(PROMPTS, generate(engine, PROMPTS, Sampling(12, temperature)), strict=True):
        logps = (forward_logits(model, prompt, sample.token_ids) / temperature).log_softmax(-1)
        chosen = logps.gather(-1, torch.tensor(sample.token_ids)[:, None])[:, 0]
        assert sample.logprobs == pytest.approx(chosen.tolist(), abs=1e-4)


def test_top_p_draws_from_the_nucleus_and_reports_its_distribution(
    engine: HfEngine, model: Qwen3ForCausalLM
) -> None:
    """The nucleus is the fewest most likely tokens that hold top_p of the probability."""
    for prompt, sample in zip(PROMPTS, generate(engine, PROMPTS, Sampling(12, 1.0, 0.4)), strict=True):
        probabilities = forward_logits(model, prompt, sample.token_ids).softmax(-1)
        for row, token, logprob in zip(probabilities, sample.token_ids, sample.logprobs, strict=True):
            likely = row.sort(descending=True).values
            size = int((likely.cumsum(0) < 0.4).sum()) + 1
            nucleus = likely[:size]
            assert row[token] >= nucleus[-1] - 1e-6
            assert logprob == pytest.approx((row[token] / nucleus.sum()).log().item(), abs=1e-3)


def test_a_sample_hangs_on_its_own_seed_and_not_on_the_batch_around_it(engine: HfEngine) -> None:
    together = generate(engine, PROMPTS, Sampling(16))
    for seed, prompt in enumerate(PROMPTS):
        [alone] = generate(engine, [prompt], Sampling(16), [seed])
        assert_same(alone, together[seed])
    order = [4, 0, 5, 1, 3, 2]
    shuffled = generate(engine, [PROMPTS[i] for i in order], Sampling(16), order)
    for place, index in enumerate(order):
        assert_same(shuffled[place], together[index])


def test_seeds_make_the_difference(engine: HfEngine) -> None:
    same = generate(engine, [PROMPTS[1]] * 6, Sampling(16), [1, 2, 3, 1, 2**70 + 5, -1])
    texts = [tuple(s.token_ids) for s in same]
    assert texts[0] == texts[3]
    assert len(set(texts)) == 5


def test_more_requests_than_places_are_all_served(folder: str, engine: HfEngine) -> None:
    narrow = open_engine(folder, concurrency=2)
    for one, other in zip(
        generate(narrow, PROMPTS, Sampling(6)), generate(engine, PROMPTS, Sampling(6)), strict=True
    ):
        assert_same(one, other)


def test_each_request_has_its_own_limit(engine: HfEngine) -> None:
    async def together() -> list[Completion]:
        limits = (1, 9, 4)
        return await asyncio.gather(*(engine.generate([60], Sampling(n), 3) for n in limits))

    short, long, middle = run(together())
    assert [len(s.token_ids) for s in (short, long, middle)] == [1, 9, 4]
    assert_same(middle, Completion(long.token_ids[:4], long.logprobs[:4], False))
    assert not (short.ended or long.ended or middle.ended)


def test_a_turn_ends_with_its_end_token(folder: str, engine: HfEngine) -> None:
    [free] = generate(engine, [PROMPTS[1]], Sampling(12), [5])
    end = free.token_ids[4]
    place = free.token_ids.index(end)
    ending = open_engine(folder, end_id=end)
    stopped, other = generate(ending, [PROMPTS[1], PROMPTS[0]], Sampling(12), [5, 6])
    assert stopped.ended
    assert stopped.token_ids == free.token_ids[: place + 1]
    assert len(stopped.logprobs) == len(stopped.token_ids)
    assert other.ended == (other.token_ids[-1] == end)
    assert end not in other.token_ids[:-1]


def test_new_weights_change_what_is_sampled(folder: str, tiny_tokenizer: PreTrainedTokenizerFast) -> None:
    engine, other = open_engine(folder), make_model(tiny_tokenizer, 1)
    before = generate(engine, PROMPTS, Sampling(8, 0.0))
    state = {name: value for name, value in other.state_dict().items() if name != "lm_head.weight"}
    run(engine.load_weights([Weights(state, 1)]))
    for prompt, old, new in zip(PROMPTS, before, generate(engine, PROMPTS, Sampling(8, 0.0)), strict=True):
        assert new.token_ids != old.token_ids
        assert new.token_ids == forward_logits(other, prompt, new.token_ids).argmax(-1).tolist()


def test_what_top_p_leaves_out_is_not_sampled(engine: HfEngine) -> None:
    likeliest, cut = (generate(engine, PROMPTS, s) for s in (Sampling(8, 0.0), Sampling(8, 1.0, 1e-6)))
    assert [c.token_ids for c in cut] == [c.token_ids for c in likeliest]
    assert all(logprob == 0 for completion in cut for logprob in completion.logprobs)


def test_weights_under_a_wrong_name_are_refused(folder: str, model: Qwen3ForCausalLM) -> None:
    """Else a mistake in the names would leave the old policy sampling for ever."""
    wrong = {"base_model." + name: value for name, value in model.state_dict().items() if "norm" in name}
    with pytest.raises(ValueError, match=r"base_model\.model"):
        run(open_engine(folder).load_weights([Weights(wrong, 1)]))


def test_a_failure_reaches_every_caller_of_its_batch_and_no_other(engine: HfEngine) -> None:
    async def broken() -> list[Any]:
        requests = [engine.generate([10**6], Sampling(4), 0), engine.generate([30], Sampling(4), 0)]
        return await asyncio.wait_for(asyncio.gather(*requests, return_exceptions=True), 30)

    assert all(isinstance(e, IndexError) for e in run(broken()))
    assert len(generate(engine, [[30]], Sampling(4))[0].token_ids) == 4


def test_a_caller_that_gives_up_does_not_hold_up_the_others(engine: HfEngine) -> None:
    async def one_leaves() -> Completion:
        leaving = asyncio.create_task(engine.generate([30], Sampling(20), 0))
        staying = asyncio.create_task(engine.generate([31], Sampling(20), 1))
        await asyncio.sleep(0.01)
        leaving.cancel()
        return await asyncio.wait_for(staying, 30)

    assert len(run(one_leaves()).token_ids) == 20
