"""Every setting arrives where it is used and does something there: shown here, or by the test that ``ELSEWHERE``
names. A setting that nobody shows fails ``test_every_setting_is_shown``."""

import asyncio
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from rewards.types import Task
from rl import evaluate
from rl.advantages import GatheredBatch, estimate
from rl.config import cli
from rl.config.load import settings_of
from rl.config.rewards import reward_settings
from rl.config.schema import Config, Mcp, Rest, Rollout, Tiny, WarmStart
from rl.config.section import section_of
from rl.config.trl import grpo_config, trl_settings
from rl.data import from_config
from rl.data.settings import Catalog
from rl.errors import UserError
from rl.rollout import worker as rollout_worker
from rl.rollout.chat import Chat
from rl.rollout.engines.base import Completion, Sampling
from rl.rollout.pool import RolloutPool, Worker
from rl.rollout.script import _Catalog
from rl.rollout.worker import RolloutWorker, WorkerConfig, open_tools
from rl.runs.model import described_model
from rl.runs.preflight import check_parts
from rl.runs.services import configured_rewards
from rl.tiny import warm_start
from rl.tiny.model import architecture, new_model, train_tokenizer
from sandbox.backends.mcp.servers import KEYS
from sandbox.backends.rest.tools import HttpTools
from tests.rl.parts import SIZES, composed, save_policy

ROOT = Path(__file__).resolve().parents[3]
TRL: dict[str, tuple[str, Any]] = {  # override → TRL's field, and what it then is
    "seed=3": ("seed", 3),
    "run=x": ("run_name", "x"),
    "output_dir=there": ("output_dir", "there/test/checkpoints"),
    "rollout.temperature=0.5": ("temperature", 0.5),
    "trainer.steps=7": ("max_steps", 7),
    "trainer.learning_rate=1e-3": ("learning_rate", 1e-3),
    "trainer.lr_scheduler=linear": ("lr_scheduler_type", "linear"),
    "trainer.warmup_steps=3": ("warmup_steps", 3),
    "trainer.max_grad_norm=0.5": ("max_grad_norm", 0.5),
    "trainer.generations=4": ("num_generations", 4),
    "trainer.updates_per_batch=2": ("num_iterations", 2),
    "trainer.minibatches=2": ("steps_per_generation", 2),
    "trainer.accumulation=2": ("gradient_accumulation_steps", 2),
    "trainer.beta=0.1": ("beta", 0.1),
    "trainer.loss_type=grpo": ("loss_type", "grpo"),
    "trainer.optimizer=adafactor": ("optim", "adafactor"),
    "trainer.bf16=true": ("bf16", True),
    "trainer.gradient_checkpointing=true": ("gradient_checkpointing", True),
    "trainer.save_every=10": ("save_steps", 10),
    "trainer.keep=1": ("save_total_limit", 1),
    "trainer.report_to=[tensorboard]": ("report_to", ["tensorboard"]),
    "+trainer.trl.epsilon=0.1": ("epsilon", 0.1),
}
SFT: dict[str, tuple[str, Any]] = {
    "sft.steps=7": ("max_steps", 7),
    "sft.rows=6": ("per_device_train_batch_size", 6),
    "sft.accumulation=2": ("gradient_accumulation_steps", 2),
    "sft.learning_rate=1e-3": ("learning_rate", 1e-3),
    "sft.lr_scheduler=linear": ("lr_scheduler_type", "linear"),
    "sft.warmup=0.5": ("warmup_steps", 100),
    "sft.weight_decay=0.2": ("weight_decay", 0.2),
}
WORKER: dict[str, tuple[Callable[[RolloutWorker], Any], Any]] = {
    "rollout.engine=hf": (lambda w: type(w.engine.engine).__name__, "HfEngine"),
    "rollout.dtype=bfloat16": (lambda w: next(w.engine.engine.model.parameters()).dtype, torch.bfloat16),
    "rollout.concurrency=3": (lambda w: w.engine.engine.concurrency, 3),
    "rollout.max_turns=2": (lambda w: w.bounds.max_turns, 2),
    "rollout.max_new_tokens=7": (lambda w: w.bounds.max_new_tokens, 7),
    "rollout.max_model_len=400": (lambda w: w.bounds.max_model_len, 400),
    "model.call_format=llama3_json": (lambda w: w.chat.call_format, "llama3_json"),
    "++model.chat_template_kwargs.mood=calm": (
        lambda w: w.chat.render([{"role": "user", "content": "-"}], []),
        "calm",
    ),
    "model.attn_implementation=eager": (
        lambda w: w.engine.engine.model.config._attn_implementation,
        "eager",
    ),
}
VLLM: dict[str, tuple[str, Any]] = {  # of Rollout → the argument of vLLM's
    "rollout.gpu_memory_utilization": ("gpu_memory_utilization", 0.6),
    "rollout.tensor_parallel": ("tensor_parallel_size", 2),
    "rollout.kv_cache_gib": ("kv_cache_memory_bytes", 2**29),
}
JUDGE: dict[str, Any] = {
    "judge.kind=jury": "jury",
    "judge.base_url=http://127.0.0.1:9/v1": "http://127.0.0.1:9/v1",
    "judge.model=n": "n",
    "judge.models=[a,b]": ["a", "b"],
    "judge.api_key_env=PATH": "PATH",
    "judge.timeout=3": 3,
    "judge.retries=5": 5,
    "judge.connections=2": 2,
    "judge.requests_per_minute=7": 7,
    "judge.price=[1,2]": [1, 2],
    "judge.budget=5": 5,
    "judge.when_spent=mask": "mask",
}
ADVANTAGE = [
    "advantage.baseline=prompt",
    "advantage.scale=prompt",
    "advantage.min_group=20",
    "advantage.scale_floor=5",
    "advantage.weights=worst_first",
    "advantage.estimator=floored",
    "++advantage.options.share=0.9",
]
SANDBOX: dict[str, Any] = {
    "sandbox.isolation=process": "process",
    "sandbox.workers=3": 3,
    "sandbox.wall_seconds=9": 9,
    "sandbox.cpu_seconds=9": 9,
    "sandbox.memory_mb=300": 300,
    "sandbox.program_mb=99": 99,
    "sandbox.disk_mb=9": 9,
    "sandbox.output_kb=9": 9,
    "sandbox.programs=9": 9,
    "sandbox.spares=9": 9,
    "sandbox.recycle_calls=9": 9,
    "sandbox.tools=[a]": ["a"],
    "sandbox.trusted_tools=[b]": ["b"],
    "sandbox.transliterate=true": True,
}
TINY: dict[str, tuple[str, int]] = {
    "hidden_size": ("hidden_size", 48),
    "layers": ("num_hidden_layers", 3),
    "heads": ("num_attention_heads", 4),
    "kv_heads": ("num_key_value_heads", 2),
    "intermediate_size": ("intermediate_size", 80),
}
PROMPT = "tests/rl/config/test_config.py::test_completions_of_a_step"
RUNS = "tests/runs/test_run.py::"
CURRICULUM = "tests/rl/training/test_curriculum.py::"
DURING = "tests/rl/evaluation/test_during.py::"
SHARDS = "tests/rl/training/test_sharding.py::"
SOURCES = "tests/rl/data/test_sources.py::"
ENDPOINT = "tests/rl/rollout/test_endpoint.py::"
ELSEWHERE = {
    "resume": "tests/rl/runs/test_resume.py::test_a_run_in_any_folder_is_found",
    "model.path": RUNS + "test_evaluate_reads_a_trained_model",
    "model.dtype": "tests/rl/config/test_config.py::test_bfloat16_weights_are_for_adapters",
    "rollout.workers": RUNS + "test_two_ranks_in_shards_and_three_engines_that_sample_ahead",
    "rollout.transfer": "tests/rl/weights/test_transfer.py::"
    "test_weights_go_the_way_that_device_and_placement_allow",
    "rollout.ahead": "tests/rl/training/test_ahead.py::test_sampling_runs_ahead_and_no_sample_is_staler_than_it_may_be",
    "rollout.grammar": "tests/rl/training/test_trainer.py::"
    "test_what_a_grammar_took_is_not_taken_for_another_model_and_its_only_choices_teach_nothing",
    "rollout.scale_tokens": RUNS + "test_two_ranks_in_shards_and_three_engines_that_sample_ahead",
    "rollout.check_each_step": "tests/rl/training/test_ahead.py::test_engine_and_trainer_may_be_compared_in_each_step",
    "rollout.endpoint.base_url": ENDPOINT + "test_right_turns_earn_everything",
    "rollout.endpoint.api_key_env": ENDPOINT + "test_a_key_that_is_not_there_is_asked_for",
    "rollout.endpoint.tools": ENDPOINT + "test_right_turns_earn_everything",
    "rollout.endpoint.price": ENDPOINT + "test_right_turns_earn_everything",
    "rollout.endpoint.retries": ENDPOINT + "test_the_endpoint_s_failures_are_masked",
    "rollout.endpoint.timeout": ENDPOINT + "test_a_slow_endpoint_is_given_up",
    "rollout.endpoint.body": ENDPOINT + "test_fields_of_the_request_are_the_user_s",
    "reward.components": "tests/rl/config/test_config.py::test_open_mappings_take_new_keys_without_a_plus",
    "reward.actors": "tests/rewards/service/test_actors.py::test_the_service_scores_as_the_rewards_in_process_do",
    "reward.in_flight": "tests/rewards/service/test_actors.py::test_only_so_many_are_in_flight",
    "reward.max_masked_share": "tests/rl/training/test_trainer.py::test_a_run_stops_when_too_many_scores_are_masked",
    "advantage.smoothing": "tests/rl/training/test_trainer.py::test_estimators_of_tokens_train_and_progress_is_kept",
    "sandbox.url": "tests/rl/rollout/test_remote_sandbox.py::test_a_trajectory_is_the_same_wherever_its_tools_run",
    "sandbox.descriptions": "tests/rl/data/test_xsid_jsonl.py::test_settings_choose_the_language_of_descriptions",
    "trainer.prompts_per_language": PROMPT,
    "trainer.tokens_per_pass": "tests/rl/training/test_passes.py::test_loss_and_gradient_are_those_of_the_whole",
    "trainer.refill": "tests/rl/training/test_passes.py::test_prompts_that_teach_nothing_are_refilled_in_their_language",
    "trainer.ratio": "tests/rl/training/test_ahead.py::test_the_ratio_is_to_the_policy_that_sampled",
    "trainer.curriculum.kind": CURRICULUM + "test_the_sampler_follows_it_and_every_step_has_as_many_prompts",
    "trainer.curriculum.temperature": CURRICULUM + "test_temperature_goes_from_the_numbers_of_tasks_to_uniform",
    "trainer.curriculum.start": CURRICULUM + "test_a_schedule_goes_linearly_from_start_to_end",
    "trainer.curriculum.end": CURRICULUM + "test_a_schedule_goes_linearly_from_start_to_end",
    "trainer.sharding": SHARDS + "test_two_ranks_learn_what_one_does_and_hold_half_each",
    "trainer.shard_over": SHARDS + "test_a_copy_for_each_two_of_four_ranks_learns_alike",
    "trainer.offload": "tests/rl/hardware/test_plan.py::test_shards_checkpoints_budgets_and_adapters_take_less",
    "trainer.peft": "tests/rl/training/sft/test_sft.py::test_a_few_steps_lower_the_loss",
    "sft.mixture": "tests/rl/training/sft/test_sft.py::test_a_mixture_gives_each_language_its_share",
    "sft.temperature": "tests/rl/training/sft/test_sft.py::test_a_mixture_gives_each_language_its_share",
    "sft.weights.thought": "tests/rl/training/sft/test_sft.py::test_weights_part_calls_from_replies",
    "sft.weights.call": "tests/rl/training/sft/test_sft.py::test_weights_part_calls_from_replies",
    "sft.weights.reply": "tests/rl/training/sft/test_sft.py::test_weights_part_calls_from_replies",
    "cluster.kind": RUNS + "test_two_ranks_under_ray_train",
    "cluster.processes": RUNS + "test_two_ranks_under_ray_train",
    "cluster.gpus_per_process": "tests/rl/config/test_config.py::test_training_ranks_and_rollout_workers_need_gpus_of_their_own",
    "cluster.placement": RUNS + "test_colocated_engines_sleep_and_sample_what_others_do",
    "cluster.device_gb": "tests/rl/hardware/test_plan.py::test_what_cannot_fit_is_refused_with_what_to_change",
    "sft.epochs": "tests/rl/training/sft/test_sft.py::test_epochs_make_the_steps",
    "evaluate.tasks_per_language": DURING + "test_the_tasks_are_none_of_those_that_are_evaluated_after",
    "evaluate.samples": "tests/rl/evaluation/test_held_out.py::test_several_samples_a_task_each_with_a_seed_of_its_own",
    "evaluate.temperature": "tests/rl/evaluation/test_settings.py::test_the_same_sample_is_not_taken_twice",
    "evaluate.before": RUNS + "test_resumed_and_uninterrupted_runs_see_the_same_data",
    "evaluate.after": RUNS + "test_resumed_and_uninterrupted_runs_see_the_same_data",
    "evaluate.languages": "tests/rl/evaluation/test_slices.py::test_languages_that_were_not_trained_are_transfer",
    "evaluate.slices": "tests/rl/evaluation/test_slices.py::test_every_slice_has_a_name_in_the_settings",
    "evaluate.during.every": DURING + "test_the_best_policy_is_kept_and_training_ends_early",
    "evaluate.during.choose": DURING + "test_the_best_policy_is_kept_and_training_ends_early",
    "evaluate.during.patience": DURING + "test_the_best_policy_is_kept_and_training_ends_early",
    "evaluate.during.tasks_per_language": DURING + "test_what_is_looked_at_is_as_much_as_is_asked_for",
    "evaluate.during.retained": DURING + "test_what_is_looked_at_is_as_much_as_is_asked_for",
    "evaluate.during.alarm": DURING + "test_only_a_fall_as_large_as_is_asked_for_is_an_alarm",
    "report.tokens": RUNS + "test_the_ablation_on_own_data_ends_in_a_table",
    "report.trace": RUNS + "test_two_ranks_in_shards_and_three_engines_that_sample_ahead",
    "sandbox.token_env": "tests/rl/rollout/test_remote_sandbox.py::test_the_token_is_in_the_variable_that_is_named",
    "data.path": SOURCES + "test_settings_reach_the_source",
    "data.system": SOURCES + "test_settings_reach_the_source",
    "data.unseen_tools": "tests/rl/evaluation/test_slices.py::test_no_tool_name_is_in_both_parts",
    "data.test_split": RUNS + "test_bad_input_is_one_sentence",
    "data.split": "tests/rl/data/test_own.py::test_a_function_without_a_split_is_split_by_its_tasks",
    "data.held_out": SOURCES + "test_settings_reach_the_source",
    "data.underscore_names": SOURCES + "test_bfcl_names_types_and_alternatives",
    "data.categories": SOURCES + "test_bfcl_categories_are_those_that_are_named",
    "data._target_": "tests/rl/data/test_own.py::test_a_function_gives_the_tasks_and_takes_its_own_settings",
}  # fmt: skip


def _setting(override: str) -> str:
    """The setting that an override sets; for a key of the user's own, the mapping that it stands in."""
    name = override.lstrip("+").partition("=")[0]
    open_ended = ("trainer.trl", "model.chat_template_kwargs", "advantage.options")
    return next((one for one in open_ended if name.startswith(one)), name)


SHOWN_BELOW = {
    *(_setting(override) for table in (TRL, SFT, WORKER, JUDGE, SANDBOX) for override in table),
    *(_setting(override) for override in ADVANTAGE),
    *VLLM,
    *(f"model.tiny.{name}" for name in [*TINY, "vocab_size"]),
    *(f"model.tiny.warm_start.{name}" for name in WarmStart.model_fields),
    *(f"sandbox.rest.{name}" for name in Rest.model_fields),
    *(f"sandbox.mcp.{name}" for name in Mcp.model_fields),
    "model.trust_remote_code", "model.cache_dir", "rollout.top_p", "rollout.start_timeout",
    "rollout.transfer_timeout", "reward.on_abstain", "reward.time_limit", "judge.cache",
    "cluster.address", "evaluate.split", "data.languages", "data.tools", "data.per_tool", "data.tools_per_task",
}  # fmt: skip


def test_every_setting_is_shown() -> None:
    names = {
        "data._target_" if n == "data.target" else n for n, t in settings_of(Config) if not section_of(t)
    }
    assert names - {"data", "data.source"} == (SHOWN_BELOW | set(ELSEWHERE)) & names
    for setting, where in ELSEWHERE.items():
        file, _, test = where.partition("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        group, _, name = setting.rpartition(".")
        assert f"def {test}(" in source and (name in source or f"{group}=" in source), where


@pytest.mark.parametrize("override", TRL)
def test_it_is_a_field_of_trl_s(override: str) -> None:
    field, value = TRL[override]
    assert trl_settings(composed(override), 24)[field] == value
    assert trl_settings(composed(), 24).get(field, grpo_config().__dataclass_fields__[field].default) != value


@pytest.mark.parametrize("override", SFT)
def test_it_is_a_field_of_trl_s_for_supervised_steps(override: str) -> None:
    from rl.training.sft.trainer import sft_settings

    field, value = SFT[override]
    configs = [composed(*words) for words in ([override], [])]
    there, before = (getattr(sft_settings(config, config.sft.steps), field) for config in configs)
    assert there == value != before


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory, tiny_tokenizer: PreTrainedTokenizerFast) -> Path:
    return save_policy(tmp_path_factory.mktemp("policy"), tiny_tokenizer)


def opened(config: Config, policy: Path) -> RolloutWorker:
    return RolloutWorker(WorkerConfig(str(policy), config.model, config.rollout, config.sandbox, 0))


@pytest.mark.parametrize("override", WORKER)
def test_it_reaches_the_rollout_worker(override: str, policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.nice", lambda _: 0)
    monkeypatch.setattr(
        Chat, "_problems", lambda self: iter(())
    )  # of a template that says nothing but a mood
    read, value = WORKER[override]
    worker = opened(composed("rollout=hf", override), policy)
    if "chat_template_kwargs" in override:
        worker.chat.tokenizer.chat_template = "{{ mood }}"
    assert read(worker) == value


class Recorder:
    """An engine that notes how it is asked, and says nothing."""

    def __init__(self) -> None:
        self.asked: list[Sampling] = []

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion:
        self.asked.append(sampling)
        return Completion([1], [0.0], ended=True)


def test_the_worker_samples_with_top_p(
    policy: Path, some_tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.nice", lambda _: 0)
    worker = opened(composed("rollout=hf", "rollout.top_p=0.5"), policy)
    worker.engine = engine = Recorder()  # type: ignore[assignment]
    worker.sandbox = _Catalog()
    asyncio.run(worker.rollout(some_tasks[0], 1, 1.0))
    assert engine.asked[0].top_p == 0.5


def test_it_reaches_vllm(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vllm = pytest.importorskip("rl.rollout.engines.vllm")
    monkeypatch.setattr("os.nice", lambda _: 0)
    monkeypatch.setattr(vllm.AsyncLLM, "from_engine_args", lambda args: args)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    config = composed("model.trust_remote_code=true")
    words = {"gpu_memory_utilization": 0.6, "tensor_parallel": 2, "kv_cache_gib": 0.5}
    config = config.model_copy(update={"rollout": config.rollout.model_copy(update=words)})
    args = opened(config, policy).engine.engine.llm
    assert args.trust_remote_code
    for argument, value in VLLM.values():
        assert getattr(args, argument) == value


@pytest.mark.parametrize("setting", ["start_timeout", "transfer_timeout"])
def test_an_engine_that_does_not_answer_is_given_up(setting: str) -> None:
    class Silent:
        """Stands where Ray's handle would, and never answers."""

        def __getattr__(self, name: str) -> Any:
            return self

        async def remote(self, *_: Any) -> None:
            await asyncio.Event().wait()

    async def play() -> None:
        pool: Any = RolloutPool.__new__(RolloutPool)
        pool.config = WorkerConfig("", *(None,) * 3, 0)  # type: ignore[arg-type]
        object.__setattr__(pool.config, "rollout", Rollout(**{setting: 0.01}))
        worker = Worker(0, Silent)
        await (pool._started(worker) if setting == "start_timeout" else pool._told(worker, "sleep"))

    with pytest.raises(UserError, match=rf"raise rollout\.{setting}|rollout\.{setting} if"):
        asyncio.run(play())


@pytest.mark.parametrize("name", TINY)
def test_the_tiny_model_has_its_sizes(name: str) -> None:
    field, value = TINY[name]
    made, before = (architecture(Tiny(**SIZES | more), 640, 256) for more in ({name: value}, {}))
    assert getattr(made, field) == value != getattr(before, field)


def test_the_tiny_tokenizer_has_as_many_tokens_as_asked_for(some_tasks: list[Task]) -> None:
    assert len(train_tokenizer(some_tasks, 520, 256)) < len(train_tokenizer(some_tasks, 580, 256)) <= 580


def warm(tokenizer: PreTrainedTokenizerFast, tasks: list[Task], **settings: Any) -> tuple[int, torch.Tensor]:
    """Steps that were made, and a weight that came of them."""
    model, steps = new_model(Tiny(**SIZES), tokenizer, 512, seed=0), []
    warm_start.train(model, tokenizer, tasks, WarmStart(**settings), 0, lambda done, _: steps.append(done))
    return len(steps), model.model.embed_tokens.weight.detach()


def test_a_warm_start_has_its_steps_rows_and_rate(
    some_tasks: list[Task], tiny_tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, plain = warm(tiny_tokenizer, some_tasks, steps=2, rows=2)
    assert steps == 2
    assert warm(tiny_tokenizer, some_tasks, steps=50, rows=2, seconds_limit=1e-9)[0] == 1
    assert not warm(tiny_tokenizer, some_tasks, steps=2, rows=2, learning_rate=1e-5)[1].equal(plain)
    drawn: list[Any] = []
    draw = warm_start.row_sampler
    monkeypatch.setattr(warm_start, "row_sampler", lambda *a: lambda: drawn.append(1) or draw(*a)())
    warm(tiny_tokenizer, some_tasks, steps=2, rows=3)
    assert len(drawn) == 6


def test_a_warm_start_s_rows_are_english_as_often_as_asked_for(
    some_tasks: list[Task], tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    chat = Chat(tiny_tokenizer)
    english = [task for task in some_tasks if task.language == "en"]
    asks = {str(task.messages[-1]["content"]) for task in english}
    replies = {str(task.expected.reply) for task in english if task.expected.reply}

    def texts(**shares: float) -> list[str]:
        draw = warm_start.row_sampler(some_tasks, chat, WarmStart(**shares), Random(0))
        return [tiny_tokenizer.decode(draw()[0]) for _ in range(12)]

    def with_any(of: set[str], **shares: float) -> int:
        return sum(any(one in text for one in of) for text in texts(**shares))

    assert [with_any(asks, english_share=share) for share in (0.0, 1.0)] == [0, 12]
    assert with_any(replies, english_share=0.0, english_replies=0.0) == 0
    assert with_any(replies, english_share=0.0, english_replies=1.0) > 0


def test_a_warm_start_is_kept_where_cache_dir_says(some_tasks: list[Task]) -> None:
    assert warm_start._cached(composed("model.cache_dir=there"), some_tasks).parent == Path("there")


def test_a_model_s_own_code_is_run_where_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "own_config.py").write_text(
        "from transformers import PretrainedConfig\nclass Own(PretrainedConfig):\n    model_type = 'own'\n"
    )
    (folder / "config.json").write_text('{"model_type": "own", "auto_map": {"AutoConfig": "own_config.Own"}}')
    given = ["model=hub", f"model.path={folder}"]
    with pytest.raises(UserError, match="cannot be loaded"):
        described_model(composed(*given), 640)
    assert type(described_model(composed(*given, "model.trust_remote_code=true"), 640)).__name__ == "Own"


@pytest.mark.parametrize("override", JUDGE)
def test_the_judge_is_made_with_it(override: str) -> None:
    needed = {"judge.kind=jury": ["judge.models=[a,b]"], "judge.budget=5": ["judge.price=[1,1]"]}
    config = composed(
        "judge=openai", "judge.model=m", "judge.api_key_env=HOME", *needed.get(override, []), override
    )
    options = reward_settings(config)["components"]["culture_judged"]
    assert options[override.split("=")[0].removeprefix("judge.")] == JUDGE[override]
    configured_rewards(config)


def test_the_judge_s_cache_is_where_the_run_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = composed("judge=openai", "judge.model=m", "judge.cache=kept.sqlite")
    options = reward_settings(config)["components"]["culture_judged"]
    assert options["cache"] == str(tmp_path / "kept.sqlite")


def test_rewards_are_made_with_their_limits() -> None:
    rewards = configured_rewards(composed("reward.time_limit=3", "reward.on_abstain=mask"))
    assert {part.time_limit for part in rewards.parts} == {3}
    assert all(place.masks for place in rewards.plan.places.values())


@pytest.mark.parametrize("override", ADVANTAGE)
def test_advantages_are_others(override: str) -> None:
    torch.manual_seed(0)
    ids = torch.arange(24)
    rewards = torch.rand(24) * torch.where(ids < 12, 0.05, 1.0)  # one language is all but solved
    batch = GatheredBatch(
        rewards, torch.rand(24, 1), torch.ones(24, 1), ids // 4, ids // 12, (ids // 4) % 3, torch.zeros(24, 2),
        ("a",), ("en", "fr"),
    )  # fmt: skip
    first = ["advantage=language_floored"] if "options" in override else ["advantage=language"]
    plain, changed = (estimate(batch, composed(*words).advantage) for words in (first, [*first, override]))
    assert plain.shape != changed.shape or not torch.allclose(plain, changed)


@pytest.mark.parametrize("override", SANDBOX)
def test_the_sandbox_is_opened_with_it(override: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout_worker, "open_sandbox", lambda **options: options)
    options = open_tools(composed(override).sandbox, None)
    assert options[override.split("=")[0].removeprefix("sandbox.")] == SANDBOX[override]


def test_rest_and_mcp_have_all_that_the_sandbox_takes() -> None:
    takes = inspect.signature(HttpTools).parameters.keys() - {"resolve"}
    assert set(Rest.model_fields) == takes
    assert set(Mcp.model_fields) == {"locale", *KEYS, *(name for names in KEYS.values() for name in names)}


def test_a_cluster_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"cluster\.address=127\.0\.0\.1:9"):
        check_parts(composed("cluster=ray", "cluster.address=127.0.0.1:9"))


def test_an_evaluation_takes_the_split_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Looked(Exception):
        pass

    def prepared(config: Config, *, test_split: str, training: bool) -> None:
        assert (test_split, training) == ("train", False)
        raise Looked

    monkeypatch.setattr("rl.runs.prepare.prepared", prepared)
    monkeypatch.setattr(sys, "argv", ["evaluate.py", "run=x", "evaluate.split=train"])
    with pytest.raises(Looked):
        cli.run(evaluate.main, resumes=False)


@pytest.mark.parametrize(
    ("settings", "seen"),
    [
        ({"languages": ["sw"]}, lambda tasks: {t.language for t in tasks} == {"sw"}),
        ({"tools": ["set_alarm"]}, lambda tasks: {t.expected.calls[0]["name"] for t in tasks} == {"set_alarm"}),
        ({"per_tool": 1}, lambda tasks: len(tasks) == 2),
        ({"tools": None, "tools_per_task": 6}, lambda tasks: max(len(t.tools) for t in tasks) == 6),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)  # fmt: skip
def test_the_catalog_s_tasks_are_as_asked_for(
    settings: dict[str, Any], seen: Callable[[list[Task]], bool]
) -> None:
    plain: dict[str, Any] = {"languages": ["en"], "tools": ["set_alarm", "world_time"], "per_tool": 2}
    assert seen(from_config(Catalog(**plain | settings), "train"))
    assert not seen(from_config(Catalog(**plain), "train"))
