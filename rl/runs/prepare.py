"""The one preamble of train, evaluate and launch: all that can be known to be wrong is refused here, in one
sentence, before the warm start and before anything is started."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rewards.compose import Rewards
from rewards.types import Task
from rl.config.problems import check_batch
from rl.config.schema import Config
from rl.data import from_config
from rl.errors import UserError
from rl.evaluation.held_out import held_out
from rl.evaluation.slices import slices
from rl.hardware.plan import Memory
from rl.report.live import progress
from rl.rollout.chat import Chat, chat_of
from rl.rollout.inflation import new_tokens, token_inflation
from rl.runs.model import check_adapter, check_engine, check_path, described_model, load_tokenizer
from rl.runs.plan import checked
from rl.runs.preflight import (
    check_disk,
    check_endpoint,
    check_grammar,
    check_one_device,
    check_parts,
    check_prompts,
    check_rewards,
    check_sampling,
    check_sandbox,
    check_shards,
    check_trl,
)
from rl.runs.services import configured_rewards
from rl.smollm2 import converted
from rl.tiny.warm_start import tiny_tokenizer, warm_started


@dataclass(frozen=True)
class Prepared:
    """A run that can start. ``tasks`` are trained on, ``tests`` held out, ``watched`` and ``retained`` looked at while
    it trains; ``model_path`` is ``tiny`` until the
    warm start has been made. An endpoint's ``tokenizer`` is None: it has its own."""

    config: Config
    rewards: Rewards
    tasks: list[Task]
    tests: list[Task]
    tokenizer: Any
    model_path: str
    memory: Memory | None = None  # that its devices need
    new_tokens: Mapping[str, int] = field(default_factory=dict)  # of a turn, where languages have their own
    warm_start_seconds: float = 0.0
    watched: list[Task] = field(default_factory=list)
    retained: list[Task] = field(default_factory=list)
    slices: dict[str, list[Task]] = field(default_factory=dict)


def prepared(config: Config, *, test_split: str | None, training: bool) -> Prepared:
    """Look at everything that a run needs; nothing is trained, downloaded weights are not loaded.

    ``test_split`` is the data's split to evaluate on, None where nothing is evaluated. Raises UserError.
    """
    _check_settings(config, training)
    if config.model.path == "smollm2":
        _make_cache(config)
        folder = str(converted(config.model.cache_dir))
        config = config.model_copy(update={"model": config.model.model_copy(update={"path": folder})})
    run = _with_tasks(config, test_split, training)
    seen = _checked_tasks(run, training)
    if config.rollout.engine == "openai":
        check_endpoint(config, seen)
        return run
    return _with_tokenizer(run, seen, training)


def _check_settings(config: Config, training: bool) -> None:
    if config.rollout.engine == "openai" and training:
        raise UserError(
            "rollout=openai can only be evaluated: an endpoint takes no weights and tells no tokens to learn from; "
            "use python -m rl.evaluate, or train with rollout=vllm."
        )
    check_parts(config)
    if config.rollout.engine != "openai" and config.model.path not in ("tiny", "smollm2"):
        check_path(config.model.path)
    if training:
        check_sampling(config)
        check_shards(config)
        check_one_device(config)


def _with_tasks(config: Config, test_split: str | None, training: bool) -> Prepared:
    """The run with its rewards and all of its tasks; the built-in model learns to talk from those of training."""
    rewards, path = configured_rewards(config), config.model.path
    tasks = from_config(config.data, config.data.split, config.sandbox) if training or path == "tiny" else []
    tests = [] if test_split is None else _tests(config, test_split)
    watched, retained = _during(config, tests) if training else ([], [])
    changed = slices(tests, config.evaluate.slices)
    return Prepared(
        config, rewards, tasks, tests, None, path, watched=watched, retained=retained, slices=changed
    )


def _checked_tasks(run: Prepared, training: bool) -> list[Task]:
    """All tasks that the model will see."""
    seen = [*(run.tasks if training else []), *run.tests, *run.watched]
    check_rewards(run.rewards, seen)
    seen += [*run.retained, *(task for changed in run.slices.values() for task in changed)]
    check_sandbox(run.config, seen)
    if training:
        languages = _languages(run.tasks)
        check_batch(run.config, languages)
        check_trl(run.config, languages)
    return seen


def _with_tokenizer(run: Prepared, seen: list[Task], training: bool) -> Prepared:
    """The run with the model's tokenizer, the model looked at without its weights."""
    config, tiny = run.config, run.model_path == "tiny"
    tokenizer = tiny_tokenizer(config, run.tasks) if tiny else load_tokenizer(config.model)
    chat = chat_of(tokenizer, config.model)
    budgets = _budgets(config, chat, seen)
    check_grammar(config, chat, seen)
    check_prompts(config, chat, seen, budgets)
    described = described_model(config, len(tokenizer))
    check_engine(config, described)
    memory = None
    if training:
        check_adapter(config, described)
        memory = checked(config, described, _languages(run.tasks))
        check_disk(config, Path(run.model_path))
    return replace(run, tokenizer=tokenizer, memory=memory, new_tokens=budgets)


def _languages(tasks: list[Task]) -> int:
    return len({task.language for task in tasks})


def _budgets(config: Config, chat: Chat, tasks: list[Task]) -> dict[str, int]:
    rollout = config.rollout
    if not rollout.scale_tokens:
        return {}
    inflation = token_inflation(tasks, lambda text: len(chat.encode(text)))
    return new_tokens(inflation, rollout.max_new_tokens, rollout.max_model_len)


def _during(config: Config, tests: list[Task]) -> tuple[list[Task], list[Task]]:
    """What is looked at while training: held-out tasks that ``tests`` have not, and the retained set."""
    during = config.evaluate.during
    if not during.every:
        return [], []
    taken, every = {task.parallel_id for task in tests}, _split(config, config.data.test_split)
    left = [task for task in every if task.parallel_id not in taken]
    if missing := {task.language for task in every} - {task.language for task in left}:
        raise UserError(
            f"No held-out task in {' '.join(sorted(missing))} is left for evaluate.during; lower "
            f"evaluate.tasks_per_language={config.evaluate.tasks_per_language} or make the test split larger."
        )
    kept = during.retained
    retained = from_config(kept, kept.test_split, config.sandbox) if kept else []
    watched = held_out(left, during.tasks_per_language, seed=1)
    return watched, held_out(retained, during.tasks_per_language) if retained else []


def _split(config: Config, split: str) -> list[Task]:
    return from_config(config.data, split, config.sandbox)


def _tests(config: Config, split: str) -> list[Task]:
    data = config.data
    if config.evaluate.languages:
        data = data.model_copy(update={"languages": config.evaluate.languages})
    return held_out(from_config(data, split, config.sandbox), config.evaluate.tasks_per_language)


def _make_cache(config: Config) -> None:
    folder = config.model.cache_dir
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The folder model.cache_dir={folder} cannot be made ({error.strerror}); set another."
        ) from error


def with_model(run: Prepared) -> Prepared:
    """The run with a starting model on disk: the warm start is made, unless it is in the cache."""
    if run.model_path != "tiny":
        return run
    begin = time.perf_counter()
    _make_cache(run.config)
    with progress("Warm start", 1.0) as advance:
        folder = warm_started(run.config, run.tasks, run.tokenizer, advance)
        advance(1.0, str(folder))
    seconds = round(time.perf_counter() - begin, 1)
    tokenizer = load_tokenizer(run.config.model.model_copy(update={"path": str(folder)}))
    return replace(run, model_path=str(folder), tokenizer=tokenizer, warm_start_seconds=seconds)
