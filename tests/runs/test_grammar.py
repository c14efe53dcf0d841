"""Calls under a grammar, sampled by a real engine: whatever the policy is, they fit their tools' schemas."""

import asyncio
from pathlib import Path

import pytest
import torch
import xgrammar
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from rewards.types import Task, Trajectory
from rl.config.schema import Tiny, WarmStart
from rl.rollout.chat import Chat
from rl.rollout.engines.base import Completion, Sampling
from rl.rollout.grammar import calls_tag
from rl.tiny import model as tiny
from rl.tiny.warm_start import train
from rl.training.spans import chosen
from sandbox.arguments import CallCheck, wrong_call
from tests.rl.parts import SIZES


@pytest.fixture(scope="module")
def policy(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_tokenizer: PreTrainedTokenizerFast,
    some_tasks: list[Task],
) -> Path:
    """Taught for a moment: it begins calls and knows little more. vLLM's attention on the CPU begins at 32 dimensions
    a head."""
    folder = tmp_path_factory.mktemp("policy")
    model = tiny.new_model(Tiny(**SIZES | {"hidden_size": 64}), tiny_tokenizer, 512, seed=0)
    threads = torch.get_num_threads()
    torch.set_num_threads(
        1
    )  # of a model as small as this, whose threads wait for each other on cores that are shared
    train(model, tiny_tokenizer, some_tasks, WarmStart(steps=60, rows=8), 0, lambda done, text: None)
    torch.set_num_threads(threads)
    model.save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    return folder


def sampled(
    policy: Path, chat: Chat, prompts: list[list[int]], grammars: list[str | None]
) -> list[Completion]:
    """A turn after each prompt, at temperature 1."""
    from rl.rollout.engines.vllm import VllmEngine

    async def sample() -> list[Completion]:
        engine = VllmEngine(
            str(policy), dtype="float32", max_model_len=512, concurrency=64, tensor_parallel=1,
            gpu_memory_utilization=0.4, kv_cache_gib=0.1, end_ids=chat.end_ids, seed=0, grammars=True,
        )  # fmt: skip
        try:
            return await asyncio.gather(
                *(
                    engine.generate(prompt, Sampling(100, grammar=grammar), seed)
                    for seed, (prompt, grammar) in enumerate(zip(prompts, grammars, strict=True))
                )
            )
        finally:
            engine.close()

    return asyncio.run(sample())


def allowed(chat: Chat, tag: str, ids: list[int], size: int) -> torch.Tensor:
    """Which tokens of the vocabulary the grammar allows at each place of ``ids``: [T, V]."""
    info = xgrammar.TokenizerInfo.from_huggingface(chat.tokenizer, vocab_size=size)
    matcher = xgrammar.GrammarMatcher(xgrammar.GrammarCompiler(info).compile_structural_tag(tag))
    mask = xgrammar.allocate_token_bitmask(1, size)
    rows = []
    for token in ids:
        matcher.fill_next_token_bitmask(mask)
        bits = (mask[0, :, None] >> torch.arange(32, dtype=torch.int32)) & 1
        rows.append(bits.flatten()[:size].bool())
        assert matcher.accept_token(token)
    return torch.stack(rows)


def problems(chat: Chat, task: Task, turn: Completion) -> list[str | None]:
    """Of each call of a turn, what is wrong with it."""
    tools = {tool.name: tool for tool in task.tools}
    names: dict[str, str | None] = {name: name for name in tools}
    calls = chat.read(turn.token_ids, task.tools)[1]
    return [wrong_call(call, names, lambda name: CallCheck(tools[name])) for call in calls]


@torch.no_grad()
def test_calls_fit_their_schemas_and_log_probabilities_are_those_of_what_was_allowed(
    policy: Path, tiny_tokenizer: PreTrainedTokenizerFast, some_tasks: list[Task]
) -> None:
    chat = Chat(tiny_tokenizer)
    tasks = (some_tasks * 64)[:64]
    prompts = [chat.prompt_ids(task.messages, task.tools) for task in tasks]
    tags = [str(calls_tag(chat.call_format, task.tools)) for task in tasks]
    turns = sampled(policy, chat, prompts * 2, [*tags, *[None] * 64])
    ended = [(task, turn) for task, turn in zip(tasks * 2, turns, strict=True) if turn.ended]
    within = [
        p for task, turn in ended for p in problems(chat, task, turn) if any(turn is t for t in turns[:64])
    ]
    free = [
        p for task, turn in ended for p in problems(chat, task, turn) if any(turn is t for t in turns[64:])
    ]
    assert len(within) > 10 and set(within) == {None}
    assert len(free) > 10 and set(free) != {None}

    model = AutoModelForCausalLM.from_pretrained(policy, dtype=torch.float32)
    for prompt, tag, turn in zip(prompts[:16], tags, turns, strict=False):
        ids = turn.token_ids
        logits = model(torch.tensor([prompt + ids])).logits[0, len(prompt) - 1 : -1]
        mask = allowed(chat, tag, ids, logits.shape[1])
        logps = logits.masked_fill(~mask, -torch.inf).log_softmax(-1)
        told = torch.tensor(turn.logprobs)
        torch.testing.assert_close(logps[range(len(ids)), ids], told, atol=5e-3, rtol=0)
        torch.testing.assert_close(logps.exp().sum(-1), torch.ones(len(ids)))
        assert set(told[mask.sum(1) == 1].tolist()) <= {0.0}
        trajectory = Trajectory("t", prompt, ids, [True] * len(ids), turn.logprobs, [], [], [], "end")
        learned = torch.tensor(chosen(trajectory, by_grammar=True), dtype=torch.bool)
        assert not learned[mask.sum(1) == 1].any() and learned.any()
        outside = logits.log_softmax(-1)[range(len(ids)), ids]
        assert (outside <= logps[range(len(ids)), ids] + 1e-6).all(), "a grammar only takes away"
