import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from pydantic import BaseModel

from rewards.scoring.plan import Plan
from rl.config.cli import CONF, one_line, rewrite
from rl.config.load import load, with_free_name
from rl.config.problems import check_batch
from rl.config.schema import Config
from rl.config.trl import FIELDS, OWN, REFUSED, STOOD_FOR
from rl.data import SOURCES
from rl.errors import ConfigError, UserError
from rl.runs.preflight import check_trl

NEEDS = {f"data/{source}": ["data.path=."] for source in SOURCES if source != "catalog"} | {
    "model/hub": ["model.path=a/b"]
}
NEEDS["rollout/openai"] = ["rollout.endpoint.base_url=http://127.0.0.1:1/v1", "model.path=m"]
NEEDS["data/own"] = ["data._target_=my_tasks.load"]
NEEDS |= {"judge/openai": ["judge.model=m"], "sandbox/remote": ["sandbox.url=http://127.0.0.1:1"]}
NEEDS |= {"judge/jury": ["judge.models=[a,b,c]"], "judge/debate": ["judge.models=[a,b]"]}
ENDPOINT = ["rollout=openai", "rollout.endpoint.base_url=http://127.0.0.1:1/v1", "model=hub", "model.path=m"]
SHIPPED = sorted(file.relative_to(CONF).with_suffix("").as_posix() for file in CONF.glob("*/*.yaml"))
MAIN = """
from rl.config.cli import run
from rl.errors import UserError

def main(config):
    if config.seed == 13:
        raise UserError("thirteen is refused here")
    print(config.folder, config.model.path)

run(main, resumes=False)
"""


def composed(*overrides: str, here: bool = True) -> Config:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return load(compose("config", [word for override in overrides for word in rewrite(override)]), here)


def complaint(*overrides: str) -> str:
    with pytest.raises(UserError) as caught:
        composed(*overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A real command line in a folder of its own."""
    script = folder / "tiny_main.py"
    script.write_text(MAIN)
    return subprocess.run(
        [sys.executable, str(script), *words],
        cwd=folder,
        env={"PYTHONPATH": str(CONF.parent), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("shipped", SHIPPED)
def test_every_shipped_file_composes_and_is_valid(shipped: str) -> None:
    group, option = shipped.split("/")
    if group == "cluster" and option == "ray":
        config = composed("cluster=ray", "cluster.processes=1")
    else:
        config = composed(f"{group}={option}", *NEEDS.get(shipped, []), here=False)
    assert config.run


def test_the_files_set_every_setting_so_that_each_can_be_overridden() -> None:
    def names(model: type[BaseModel], prefix: str = "") -> set[str]:
        found = set()
        for name, field in model.model_fields.items():
            nested = isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
            found |= names(field.annotation, f"{prefix}{name}.") if nested else {prefix + name}
        return found

    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = compose("config")
    missing = object()
    assert [n for n in names(Config) if OmegaConf.select(composed, n, default=missing) is missing] == []


@pytest.mark.parametrize("file", [CONF / "config.yaml", *sorted(CONF.glob("*/*.yaml"))], ids=str)
def test_no_file_of_conf_is_empty(file: Path) -> None:
    assert isinstance(yaml.safe_load(file.read_text("utf-8")), dict)


@pytest.mark.parametrize(
    ("preset", "baseline", "scale"),
    [
        ("grpo", "prompt", "prompt"),
        ("dr_grpo", "prompt", "none"),
        ("language", "shrunk", "language"),
        ("language_pooled", "language", "language"),
        ("language_scaled", "prompt", "language"),
        ("crosslingual", "task", "task"),
        ("batch", "batch", "batch"),
    ],
)
def test_the_advantage_presets_are_those_of_the_design(preset: str, baseline: str, scale: str) -> None:
    chosen = composed(f"advantage={preset}").advantage
    assert (chosen.baseline, chosen.scale) == (baseline, scale)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            ["+trainer.lerning_rate=1"],
            "trainer.lerning_rate is not a setting; did you mean trainer.learning_rate?",
        ),
        (
            ["+trainer.temperature=1"],
            "trainer.temperature is not a setting; did you mean rollout.temperature?",
        ),
        (["trainer.steps=abc"], "trainer.steps='abc' is wrong: input should be a valid integer"),
        (["trainer.steps=true"], "trainer.steps=True is wrong"),
        (
            ["trainer.generations=1"],
            "trainer.generations=1 is wrong: input should be greater than or equal to 2",
        ),
        (["rollout.temperature=0"], "rollout.temperature=0 is wrong"),
        (["rollout.top_p=nan"], "rollout.top_p=nan is wrong"),
        (["evaluate.temperature=-1"], "evaluate.temperature=-1 is wrong"),
        (["advantage.baseline=promt"], "advantage.baseline='promt' is wrong"),
        (["run=../away"], "run='../away' is wrong: it names a folder, so it has no slash"),
        (
            ["data=own", "data._target_=load"],
            "data._target_='load' is wrong: it is the dotted path of a function",
        ),
        (["model=hub"], "model.path must be given: model.path=Qwen/Qwen3-0.6B"),
        (["data=xsid"], "data=xsid needs data.path=<folder>"),
        (["data=jsonl"], "data=jsonl needs data.path=<file>"),
        (["data.languages=[en,enn]"], "data.languages: no 'enn'; did you mean en?"),
        (["data.languages=[en,en]"], "data.languages names a language twice: en en"),
        (
            ["trainer.minibatches=7", "trainer.save_every=49"],
            "trainer.minibatches 7 x trainer.accumulation 1 does not divide",
        ),
        (["cluster.processes=2"], "cluster.processes 2 needs cluster=ray"),
        (["rollout.workers=100000"], "rollout.workers 100000 x rollout.tensor_parallel 1 is more than"),
        (["rollout=hf", "rollout.transfer=nccl"], "rollout.transfer=nccl is vLLM's; use rollout=vllm"),
        (["rollout.transfer=nccl"], "rollout.transfer=nccl needs engines on devices of their own"),
        (
            ["cluster=ray", "rollout.transfer=ipc"],
            "rollout.transfer=ipc needs engines on the trainers' devices",
        ),
        (
            ["cluster.placement=colocated", "rollout.ahead=1"],
            "set rollout.ahead=0 or cluster.placement=apart",
        ),
        (
            ["cluster.placement=colocated", "rollout.workers=2"],
            "of cluster.processes 1, of which there are too few",
        ),
        (
            ["cluster.placement=colocated", "rollout=hf"],
            "cluster.placement=colocated needs engines that sleep",
        ),
        (["cluster.placement=colocated", "rollout=openai"], "cluster.placement=colocated has no endpoint"),
        (["rollout.ahead=2", "trainer.ratio=policy"], "leave it at auto, or set rollout.ahead=0"),
        (["rollout.tensor_parallel=1000"], "rollout.tensor_parallel 1000 is more than this machine's"),
        (
            ["cluster=ray", "cluster.processes=2", "cluster.gpus_per_process=1"],
            "cluster.processes 2 x cluster.gpus_per_process 1 + rollout.workers 1 x rollout.tensor_parallel 1 "
            "= 3 is more than this machine's",
        ),
        (["cluster=ray", "cluster.gpus_per_process=2"], "the one GPU that a training rank computes on"),
        (["cluster.gpus_per_process=1"], "cluster.gpus_per_process 1 needs cluster=ray"),
        (["rollout.max_turns=17"], "rollout.max_turns=17 is wrong: input should be less than or equal to 16"),
        (["sandbox.memory_mb=128"], "sandbox.memory_mb=128 is wrong"),
        (["model=a/b", "model.dtype=bfloat16"], "keep model.dtype=float32 and set trainer.bf16=true"),
        (
            ["model.chat_template_kwargs.tools=[]"],
            "model.chat_template_kwargs.tools is set by the run itself",
        ),
        (
            ["trainer.minibatches=2", "trainer.updates_per_batch=2"],
            "trainer.save_every 50 must be a multiple of 4 (trainer.minibatches 2 x trainer.updates_per_batch 2), "
            "such as 48",
        ),
        (["trainer.minibatches=4", "trainer.save_every=1"], "must be a multiple of 4"),
        (["trainer.trl.top_k=5"], "set rollout.temperature and rollout.top_p instead"),
        (["trainer.trl.chat_template_kwargs.x=1"], "set model.chat_template_kwargs instead"),
        (["trainer.trl.use_vllm=true"], "trainer.trl.use_vllm follows from rollout.engine"),
        (["trainer.trl.vllm_mode=server"], "vllm_mode has no effect, since vLLM runs in the rollout workers"),
        (["trainer.trl.reward_weights=[1]"], "set reward.components.<name>.weight"),
        (["trainer.trl.scale_rewards=none"], "trainer.trl.scale_rewards follows from advantage.scale"),
        (["trainer.trl.eval_strategy=steps"], "set evaluate.before and evaluate.after"),
        (["trainer.trl.fsdp=full_shard"], "trainer.trl.fsdp follows from trainer.sharding; set that instead"),
        (["trainer.trl.deepspeed=ds.json"], "is not supported; set trainer.sharding=fsdp2"),
        (["trainer.trl.optim=adafactor"], "trainer.trl.optim follows from trainer.optimizer"),
        (["trainer.optimizer=adamw_torchfused"], "did you mean adamw_torch_fused?"),
        (["trainer.offload=true"], "set trainer.sharding=fsdp2, too"),
        (
            ["cluster=ray", "cluster.processes=2", "trainer.sharding=fsdp2", "trainer.offload=true"],
            "trainer.offload needs GPUs",
        ),
        (["trainer.shard_over=2"], "needs trainer.sharding=hsdp"),
        (
            ["cluster=ray", "cluster.processes=2", "trainer.sharding=hsdp"],
            "how many of the 2 ranks hold a copy together",
        ),
        (["trainer.sharding=fsdp2", "trainer.peft={r: 4}"], "cannot be merged into shards"),
        (["judge=openai", "judge.model=m", "reward=call_only"], "adds to the part culture"),
        ([*ENDPOINT, "rollout.scale_tokens=true"], "which an endpoint keeps to itself"),
        (["rollout.max_new_tokens=1024"], "leaves no room for a prompt in rollout.max_model_len 1024"),
        (["model.tiny.heads=5"], "must be an even multiple of model.tiny.heads 5"),
        (["trainer.peft.lora_alfa=8"], "did you mean trainer.peft.lora_alpha?"),
        (["reward.components.short={weight: 1}"], "reward.components.short needs _target_"),
        (["reward.components.json_valid.weight=-1"], "reward.components.json_valid needs weight"),
        (["reward.components.culture.weight={default: 1, jp: 2}"], "which is no language of this run"),
        (["reward.components.culture.gate={outcom: 1}"], "did you mean outcome?"),
        (["reward.components.json_valid.gate={json_valid: 1}"], "go in a circle (json_valid -> json_valid)"),
        (["reward.on_abstain=drop"], "reward.on_abstain='drop' is wrong"),
        (["reward=gdpo", "advantage=dr_grpo"], "which advantage.scale=none forbids"),
        (
            [
                "reward=gdpo",
                *(
                    f"~reward.components.{x}"
                    for x in ("culture", "language_match", "style_counts", "told", "outcome")
                ),
            ],
            "needs two components or more",
        ),
        (["trainer.trl.importance_sampling_level=word"], "it is one of token, sequence"),
        (["trainer.trl.multi_objective_aggregation=normalize_then_sum"], "set advantage.estimator"),
        (["judge=openai", "judge.model=m", "judge.base_url=null"], "needs judge.base_url and judge.model"),
        (["judge=jury", "judge.models=[a]"], "judge=jury needs judge.base_url and judge.models: two or more"),
        (["judge=debate", "judge.models=[a,b,c]"], "judge.models: the two who debate"),
        (["judge=openai", "judge.model=m", "judge.budget=5"], "judge.budget needs judge.price"),
        (["model=tinny"], "model=tinny is neither a folder nor a hub id; did you mean model=tiny?"),
        (["model=tiny,a/b"], "mixes built-in models and paths"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(overrides: list[str], said: str) -> None:
    assert said in complaint(*overrides)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("trainer.lerning_rate=1", "did you mean trainer.learning_rate?"),
        ("~trainer.stps", "did you mean trainer.steps?"),
        ("advantages=grpo", "did you mean advantage?"),
        ("advantage=lang", "advantage=lang is not an option; did you mean advantage=language?"),
        ("experiment=dmo", "did you mean experiment=demo?"),
        ("data.languages=[en", "data.languages=[en cannot be read; write setting=value"),
    ],
)
def test_what_hydra_refuses_is_one_line_with_the_nearest_name(override: str, said: str) -> None:
    with (
        initialize_config_dir(str(CONF), version_base="1.3"),
        pytest.raises(Exception) as caught,
    ):
        compose("config", [override])
    line = one_line(caught.value)
    assert said in line
    assert "\n" not in line


def test_model_takes_a_path_or_hub_id() -> None:
    assert rewrite("model=tiny") == ["model=tiny"]
    assert composed("model=Qwen/Qwen3-0.6B").model.path == "Qwen/Qwen3-0.6B"
    assert composed("model=./it's here=1, maybe".replace(",", "")).model.path == "./it's here=1 maybe"
    assert rewrite("model=a/b,c/d") == ["model=hub", "model.path='a/b','c/d'"]


def test_open_mappings_take_new_keys_without_a_plus() -> None:
    config = composed(
        "trainer.trl.epsilon=0.1",
        "trainer.peft.r=8",
        "model.chat_template_kwargs.enable_thinking=false",
        "reward.components.x={_target_: a.b, weight: 1}",
    )
    assert (config.trainer.trl, config.trainer.peft) == ({"epsilon": 0.1}, {"r": 8})
    assert config.model.chat_template_kwargs == {"enable_thinking": False}
    assert config.reward.components["x"] == {"_target_": "a.b", "weight": 1}
    assert composed("trainer.trl={epsilon: 0.1}").trainer.trl == {"epsilon": 0.1}


def test_weights_may_go_by_step_and_language_from_the_command_line() -> None:
    weight = "{default: 0.2, ja: {0: 0.1, 200: 0.4}}"
    config = composed(f"reward.components.culture.weight={weight}", "data.languages=[ja,fr]")
    plan = Plan.from_config(config.reward.model_dump())
    assert [round(plan.weights("ja", step)["culture"], 3) for step in (0, 100, 300)] == [0.111, 0.238, 0.333]


def test_the_gated_preset_keeps_the_weights_of_the_default() -> None:
    gated, default = composed("reward=gated").reward, composed().reward
    assert {n: c["weight"] for n, c in gated.components.items()} == {
        n: c["weight"] for n, c in default.components.items()
    }
    assert gated.components["outcome"]["gate"] == {"json_valid": 0.5}


def test_trl_fields_are_checked_against_its_own_names_and_types() -> None:
    check_trl(composed("trainer.trl.epsilon=0.1"), 15)
    with pytest.raises(
        ConfigError, match=r"epsilom is not a field of trl.GRPOConfig; did you mean trainer.trl.epsilon"
    ):
        check_trl(composed("trainer.trl.epsilom=0.1"), 15)
    with pytest.raises(
        ConfigError, match=r"trainer\.trl\.epsilon='much' is wrong: input should be a valid number"
    ):
        check_trl(composed("trainer.trl.epsilon=much"), 15)
    with pytest.raises(ConfigError, match=r"follows from trainer.learning_rate"):
        composed("trainer.trl.learning_rate=0.1")


def test_the_refused_trl_fields_are_fields_of_the_pinned_trl() -> None:
    from trl import GRPOConfig

    names = {field.name for field in fields(GRPOConfig)}
    tables = [FIELDS, OWN, REFUSED, STOOD_FOR]
    assert {name for table in tables for name in table} <= names
    assert sum(map(len, tables)) == len({name for table in tables for name in table})


def test_bfloat16_weights_are_for_adapters() -> None:
    assert composed("model=a/b").model.dtype == "float32"
    assert composed("model=a/b", "model.dtype=bfloat16", "trainer.peft.r=8").model.dtype == "bfloat16"


def test_a_checkpoint_falls_on_the_start_of_a_batch() -> None:
    config = composed("trainer.minibatches=4", "trainer.updates_per_batch=2", "trainer.save_every=24")
    assert config.trainer.save_every == 24


@pytest.mark.parametrize(("gpus", "fits"), [(5, True), (4, False)])
def test_training_ranks_and_rollout_workers_need_gpus_of_their_own(
    gpus: int, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rl.config.problems._gpus", lambda: gpus)
    overrides = ["cluster=ray", "cluster.processes=4", "cluster.gpus_per_process=1"]
    if fits:
        assert composed(*overrides).cluster.processes == 4
    else:
        assert "= 5 is more than this machine's 4 GPUs" in complaint(*overrides)
    assert f"without this machine's {gpus} GPUs" in complaint("cluster=ray", "cluster.processes=2")


def test_completions_of_a_step() -> None:
    config = composed("trainer.prompts_per_language=3", "trainer.generations=4")
    assert check_batch(config, languages=5) == 60


def test_a_valid_config_survives_a_round_trip() -> None:
    config = composed("experiment=demo")
    assert load(config.model_dump()) == config


def test_a_command_line_ends_with_one_line_and_2(tmp_path: Path) -> None:
    for words, said in [
        (
            ["trainer.lerning_rate=1"],
            "trainer.lerning_rate is not a setting; did you mean trainer.learning_rate?",
        ),
        (["seed=13"], "thirteen is refused here"),
    ]:
        done = command(tmp_path, *words)
        assert (done.returncode, done.stderr, done.stdout) == (2, said + "\n", "")


def test_what_cannot_go_on_with_a_run_says_so(tmp_path: Path) -> None:
    done = command(tmp_path, "resume=outputs/x")
    assert (done.returncode, done.stdout) == (2, "") and "python -m rl.train" in done.stderr


def test_a_sweep_gives_each_job_a_folder_of_its_own(tmp_path: Path) -> None:
    done = command(tmp_path, "seed=0,1", "-m", "run=x", "model=a/b")
    runs = [line.split() for line in done.stdout.splitlines() if line.startswith("outputs/")]
    assert runs == [["outputs/x-0-seed-0", "a/b"], ["outputs/x-1-seed-1", "a/b"]], done.stderr
    assert {file.name for file in tmp_path.iterdir()} <= {"tiny_main.py", "outputs"}


def test_a_sweep_names_its_jobs_by_what_is_swept_alone_and_as_resume_and_model_take_it(
    tmp_path: Path,
) -> None:
    models = [tmp_path / "läufe #1 (alt)" / "a=1,b" / name for name in ("model", "model-2")]
    for model in models:
        model.mkdir(parents=True)
    words = ["-m", "run=x", "data.languages=[fr, en]", "advantage=grpo,batch", "trainer.trl.epsilon_high=0.3"]
    done = command(tmp_path, *words, f"model={models[0]}")
    runs = [line.split(" ", 1) for line in done.stdout.splitlines() if line.startswith("outputs/")]
    names = ["outputs/x-0-advantage-grpo", "outputs/x-1-advantage-batch"]
    assert runs == [[name, str(models[0])] for name in names], done.stderr
    for name in names:
        (tmp_path / name).mkdir(parents=True)
        assert command(tmp_path, "run=y", f"model={name}").stdout == f"outputs/y {name}\n"


@pytest.mark.parametrize("name", ["läufe", "a#b", "lauf (1)", "a=1,b=2", "it's", "x {y}", "[z]", "-v"])
def test_a_path_may_have_any_character(tmp_path: Path, name: str) -> None:
    (tmp_path / name / "model").mkdir(parents=True)
    done = command(tmp_path, "run=x", f"output_dir={name}", f"model={name}/model")
    assert done.stdout == f"{name}/x {name}/model\n", done.stderr


def test_a_model_of_config_dir_is_chosen_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "own" / "model").mkdir(parents=True)
    (tmp_path / "own" / "model" / "ours.yaml").write_text("defaults: [hub]\npath: a/ours\n")
    done = command(tmp_path, "--config-dir", "own", "run=x", "model=ours")
    assert done.stdout == "outputs/x a/ours\n", done.stderr


def test_a_run_leaves_no_files_of_hydra_and_help_shows_the_groups(tmp_path: Path) -> None:
    assert command(tmp_path, "run=x").stdout == "outputs/x tiny\n"
    assert "advantage: batch, crosslingual" in command(tmp_path, "--help").stdout
    assert "run: x" in command(tmp_path, "--cfg", "job", "run=x").stdout
    assert [file.name for file in tmp_path.iterdir()] == ["tiny_main.py"]


def test_a_new_run_writes_over_no_other(tmp_path: Path) -> None:
    config = composed(f"output_dir={tmp_path}", "run=start")
    marks = ("metrics.jsonl", "model")
    assert with_free_name(config, "start", marks).run == "start"
    (tmp_path / "start" / "model").mkdir(parents=True)  # as supervised steps leave it, without metrics
    assert with_free_name(config, "start", marks).run == "start-2"
    (tmp_path / "start-2").mkdir()
    (tmp_path / "start-2" / "metrics.jsonl").touch()
    assert with_free_name(config, "start", marks).run == "start-3"
