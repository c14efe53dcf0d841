"""Supervised steps that give the tiny policy its call format, mostly in English.

Real models lag outside English because most of what they learned from is English, and because
much of the rest was answered in English. The warm start does the same on purpose: ``english_share``
of the rows are English, and ``english_replies`` of the others get the English reply. It sees half of the
phrasings (``catalog.half``), so that GRPO meets requests that it never saw.

The result is cached by the hash of its settings, its code and its tasks; only the machine is not in it: its
precision, and its speed, which matters where ``seconds_limit`` ends the steps early.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random

import torch
from filelock import FileLock
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from rewards.types import Task
from rl.config.schema import Config
from rl.config.schema import WarmStart as Settings
from rl.data.catalog import tasks as catalog
from rl.hardware.precision import cpu_has_bf16
from rl.rollout.chat import Chat
from rl.tiny import model as tiny
from rl.tiny.muon import Muon

IGNORED = -100
PASSES = 4
Row = tuple[list[int], list[int]]  # token ids, and labels with IGNORED where nothing is learned


def tiny_tokenizer(config: Config, tasks: list[Task]) -> PreTrainedTokenizerFast:
    """The tokenizer that those tasks give: seconds of work, or none where it is in the cache."""
    folder = _cached(config, tasks)
    if (folder / "tokenizer.json").exists():
        kept: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder)
        return kept
    return tiny.train_tokenizer(tasks, config.model.tiny.vocab_size, config.rollout.max_model_len)


def warm_started(
    config: Config,
    tasks: list[Task],
    tokenizer: PreTrainedTokenizerFast,
    progress: Callable[[float, str], None],
) -> Path:
    """The folder of the warm-started model and tokenizer; made now unless it is in the cache.

    ``progress(share, text)`` is called after each step with the share that is done.
    """
    folder = _cached(config, tasks)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):  # a run that comes meanwhile waits, and finds it made
        if not (folder / "model.safetensors").exists():
            _make(folder, config, tasks, tokenizer, progress)
    return folder


def _make(
    folder: Path,
    config: Config,
    tasks: list[Task],
    tokenizer: PreTrainedTokenizerFast,
    progress: Callable[[float, str], None],
) -> None:
    settings = config.model.tiny
    model = tiny.new_model(settings, tokenizer, config.rollout.max_model_len, config.seed)
    half = [task for task in tasks if catalog.half(task.parallel_id) == 0]
    supervised = half or tasks  # a handful of tasks of one's own may all lie in the other half
    train(model, tokenizer, supervised, settings.warm_start, config.seed, progress)
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    tokenizer.save_pretrained(unfinished)
    model.save_pretrained(unfinished)
    os.replace(unfinished, folder)


def _cached(config: Config, tasks: list[Task]) -> Path:
    return Path(config.model.cache_dir) / f"tiny-{_digest(config, tasks)}"


def _digest(config: Config, tasks: list[Task]) -> str:
    """What decides the warm start: sizes, seed, and every word of the tasks."""
    hasher = hashlib.sha256(
        json.dumps([config.model.tiny.model_dump(), config.seed, config.rollout.max_model_len]).encode()
    )
    for file in (tiny.__file__, __file__):
        hasher.update(Path(file).read_bytes())
    for task in tasks:
        hasher.update(json.dumps([task.messages, task.expected.calls, task.expected.reply]).encode())
        hasher.update(" ".join(t.name for t in task.tools).encode())
    return hasher.hexdigest()[:16]


def train(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    tasks: list[Task],
    settings: Settings,
    seed: int,
    progress: Callable[[float, str], None],
) -> None:
    """``settings.steps`` steps, or fewer where ``seconds_limit`` is near: the learning rate falls to
    zero with whichever comes first."""
    draw = row_sampler(tasks, Chat(tokenizer), settings, Random(seed))
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    rest = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    optimizers = [
        Muon(matrices, lr=settings.learning_rate, weight_decay=0.01),
        torch.optim.AdamW(rest, lr=settings.learning_rate, weight_decay=0.0, betas=(0.9, 0.98)),
    ]
    model.train()
    begin, done, step = time.perf_counter(), 0.0, 0
    while done < 1:
        loss = learned(model, [draw() for _ in range(settings.rows)], tokenizer.pad_token_id)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate * min(1.0, (step + 1) / 20, (1 - done) / 0.4)
            optimizer.step()
            optimizer.zero_grad()
        step += 1
        done = max(step / settings.steps, (time.perf_counter() - begin) / settings.seconds_limit)
        progress(min(done, 1.0), f"loss {loss:.3f}")
    model.eval()


def row_sampler(tasks: list[Task], chat: Chat, settings: Settings, rng: Random) -> Callable[[], Row]:
    """A function that draws the next row: English by ``english_share``, else any other language."""
    by_language: dict[str, list[Task]] = {}
    for task in tasks:
        by_language.setdefault(task.language, []).append(task)
    english = {task.parallel_id: task for task in by_language.get("en", [])}
    others = [language for language in by_language if language != "en"]

    def draw() -> Row:
        if english and (not others or rng.random() < settings.english_share):
            return as_row(rng.choice(by_language["en"]), chat, None)
        task = rng.choice(by_language[rng.choice(others)])
        answer = english.get(task.parallel_id) if rng.random() < settings.english_replies else None
        return as_row(task, chat, answer)

    return draw


def as_row(task: Task, chat: Chat, answered_by: Task | None) -> Row:
    """The gold trajectory's tokens; only the assistant's turns are learned.

    ``answered_by`` lends its final reply (the English habit).
    """
    messages = catalog.gold_messages(task)
    if answered_by is not None and task.expected.reply is not None:
        messages[-1] = catalog.gold_messages(answered_by)[-1]
    ids = chat.token_ids([*task.messages, *messages], task.tools, answer=False)
    assistant = chat.tokenizer.convert_tokens_to_ids("<|assistant|>")
    labels, learned = [], False
    for token in ids:
        labels.append(token if learned else IGNORED)
        learned = token == assistant or (learned and token != chat.eos_id)
    return ids, labels


def learned(model: PreTrainedModel, rows: list[Row], pad_id: int) -> float:
    """Add the gradient of the learned tokens' mean cross-entropy, which is returned; computed in bfloat16 where the
    processor has it.

    Rows go in ``PASSES`` by length, which leaves less padding. Widths and counts are rounded up, since oneDNN keeps a
    kernel and its buffers for every shape.
    """
    count = sum(label != IGNORED for _, labels in rows for label in labels[1:])
    ordered = sorted(rows, key=lambda row: len(row[0]))
    cuts = [len(rows) * i // PASSES for i in range(PASSES + 1)]
    total = 0.0
    for start, end in pairwise(cuts):
        if start < end:
            loss = _summed(model, ordered[start:end], pad_id) / count
            loss.backward()
            total += loss.item()
    return total


def _summed(model: PreTrainedModel, rows: list[Row], pad_id: int) -> torch.Tensor:
    width = _rounded(max(len(ids) for ids, _ in rows), 16)
    ids = torch.tensor([r + [pad_id] * (width - len(r)) for r, _ in rows])
    following = torch.tensor([r[1:] + [IGNORED] * (width - len(r) + 1) for _, r in rows]).flatten()
    taught = (following != IGNORED).nonzero().squeeze(1)
    rest = (following == IGNORED).nonzero().squeeze(1)
    kept = torch.cat([taught, rest[: _rounded(len(taught), 512) - len(taught)]])
    with torch.autocast("cpu", torch.bfloat16, enabled=cpu_has_bf16()):
        hidden = model.model(input_ids=ids, attention_mask=(ids != pad_id).long()).last_hidden_state
        logits = model.lm_head(hidden.flatten(0, 1)[kept])
    return functional.cross_entropy(logits.float(), following[kept], ignore_index=IGNORED, reduction="sum")


def _rounded(count: int, step: int) -> int:
    return -(-count // step) * step
