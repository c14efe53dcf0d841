"""Whole runs as a user starts them: real vLLM, real Ray, real sandbox, on a policy of a few thousand weights."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from rewards.types import Expected, Task
from rl.data.sources import jsonl

ROOT = Path(__file__).resolve().parents[2]
SMALL = [
    "data.languages=[en,fr,ar]",
    "data.tools=[set_alarm,small_talk]",
    "data.tools_per_task=2",
    "data.per_tool=12",
    "model.tiny.hidden_size=64",
    "model.tiny.layers=2",
    "model.tiny.heads=2",
    "model.tiny.kv_heads=1",
    "model.tiny.intermediate_size=128",
    "model.tiny.vocab_size=1024",
    "model.tiny.warm_start.steps=12",
    "model.tiny.warm_start.rows=16",
    "rollout.max_new_tokens=24",
    "rollout.max_turns=2",
    "rollout.max_model_len=256",
    "trainer.generations=4",
    "trainer.prompts_per_language=1",
    "trainer.learning_rate=1e-3",
    "trainer.steps=2",
    "trainer.save_every=1",
    "evaluate.tasks_per_language=4",
    "reward.actors=1",
    "sandbox.workers=1",
]


def command(module: str, outputs: Path, *overrides: str) -> list[str]:
    given = any(o.startswith("model=") for o in overrides)  # a model that is there has no sizes to set
    other = any(o.startswith("data=") for o in overrides)  # and another source has settings of its own
    small = [
        s
        for s in SMALL
        if not (given and s.startswith("model.tiny."))
        and not (other and s.startswith(("data.tools", "data.per_tool")))
    ]
    return [
        sys.executable, "-m", module, *small, f"output_dir={outputs}", f"model.cache_dir={outputs}/cache", *overrides,
    ]  # fmt: skip


def start(module: str, outputs: Path, *overrides: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command(module, outputs, *overrides),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def call(module: str, outputs: Path, *overrides: str) -> tuple[int, str]:
    with start(module, outputs, *overrides) as process:
        try:
            output, _ = process.communicate()
        finally:
            process.kill()  # where the test's own time limit ended the wait
    return process.returncode, output


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the finished run ``first``."""
    folder = tmp_path_factory.mktemp("outputs")
    code, output = call("rl.train", folder, "run=first")
    assert code == 0, output
    assert "Triton" not in output and "weight transfer" not in output, "what only the libraries' authors need"
    return folder


def test_a_run_leaves_what_it_promises(outputs: Path) -> None:
    run = outputs / "first"
    summary = json.loads((run / "summary.json").read_text())
    assert set(summary["languages"]) == {"en", "fr", "ar"}
    for result in summary["languages"].values():
        for when in ("before", "after"):
            assert 0 <= result[when]["reward"] <= 1 and result[when]["n"] == 4
            names = "json_valid outcome told style_counts language_match culture".split()
            assert set(result[when]["parts"]) == set(names)
            low, high = result[when]["ci95"]
            assert low <= result[when]["reward"] <= high
    assert set(summary["seconds"]) == {"warm_start", "train", "evaluate"} and summary["peak_memory_gb"] > 0.5
    assert [line["step"] for line in lines(run / "metrics.jsonl")] == [0, 1]
    assert {"sampling", "tools", "scoring", "update", "transfer"} <= set(
        lines(run / "metrics.jsonl")[0]["seconds"]
    )
    rows = pq.read_table(run / "rollouts" / "step-000001.parquet").to_pylist()
    assert len(rows) == 12 and {row["policy_version"] for row in rows} == {1}
    assert len({row["seed"] for row in rows}) == 12
    assert (run / "config.yaml").is_file() and (run / "model" / "model.safetensors").is_file()
    assert (run / "checkpoints" / "checkpoint-2").is_dir()
    page = "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("outputs.md", "scaling.md"))
    for path in [*run.iterdir(), *(run / "rollouts").iterdir()]:
        assert re.split(r"\.|-\d", path.name)[0] in page, path
    for figure in lines(run / "metrics.jsonl")[0]:
        assert re.sub(r"^language/(en|fr|ar)/(part/.*)?", "", figure) in page, figure


def test_a_run_under_a_grammar_begins_and_makes_no_call_that_is_invalid(outputs: Path) -> None:
    """Its log-probabilities are not the trainer's within calls, which is no reason to end it."""
    code, output = call(
        "rl.train", outputs, "run=grammar", "rollout.grammar=calls", "rollout.temperature=1.0", "trainer.steps=2",
        "rollout.check_each_step=true", "evaluate.before=false", "evaluate.after=false",
        "model.tiny.warm_start.steps=400", "rollout.max_new_tokens=56",
    )  # fmt: skip
    assert code == 0, output
    statuses: list[str] = []
    for step in (0, 1):
        rows = pq.read_table(outputs / "grammar" / "rollouts" / f"step-00000{step}.parquet").to_pylist()
        assert len(rows) == 12
        statuses += [status for row in rows for status in row["statuses"]]
    assert statuses and "invalid_call" not in statuses


def test_a_finished_run_goes_on_where_it_stopped(outputs: Path) -> None:
    code, output = call("rl.train", outputs, "resume=first", "trainer.steps=3", "run=ignored")
    assert code == 0, output
    run = outputs / "first"
    assert [line["step"] for line in lines(run / "metrics.jsonl")] == [0, 1, 2]
    state = json.loads((run / "checkpoints" / "checkpoint-3" / "trainer_state.json").read_text())
    assert state["global_step"] == 3
    before, after = (pq.read_table(run / "rollouts" / f"step-{n:06d}.parquet").to_pylist() for n in (1, 2))
    assert {r["task_id"] for r in after} != {r["task_id"] for r in before}, "the data went on, too"


def test_resumed_and_uninterrupted_runs_see_the_same_data(outputs: Path) -> None:
    code, output = call(
        "rl.train", outputs, "run=whole", "trainer.steps=3", "evaluate.before=false", "evaluate.after=false"
    )
    assert code == 0, output
    resumed, whole = (
        pq.read_table(outputs / name / "rollouts" / "step-000002.parquet").to_pylist()
        for name in ("first", "whole")
    )
    assert [(r["task_id"], r["seed"]) for r in resumed] == [(r["task_id"], r["seed"]) for r in whole]
    assert not list((outputs / "whole").glob("**/evaluation-*")), "none was asked for"


def test_evaluate_reads_a_trained_model(outputs: Path) -> None:
    model = outputs / "first" / "model"
    code, output = call("rl.evaluate", outputs, f"model={model}", "run=check")
    assert code == 0, output
    results = json.loads((outputs / "evaluation-check" / "evaluation.json").read_text())
    found = results["languages"]
    assert set(found) == {"en", "fr", "ar"} and all(r["n"] == 4 for r in found.values())


def test_ctrl_c_writes_a_checkpoint_and_says_how_to_go_on(outputs: Path) -> None:
    process = start(
        "rl.train", outputs, "run=cut", "trainer.steps=500", "trainer.save_every=400", "evaluate.before=false"
    )
    metrics = outputs / "cut" / "metrics.jsonl"
    while process.poll() is None and not (metrics.is_file() and metrics.read_text()):
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 2, output
    assert f"resume={outputs}/cut" in output.replace("\n", "")
    assert "Traceback" not in output
    assert list((outputs / "cut" / "checkpoints").glob("checkpoint-*/model.safetensors"))


def test_two_ranks_under_ray_train(outputs: Path) -> None:
    """``cluster=ray`` as on several GPUs: each rank samples with a worker of its own, groups span both."""
    code, output = call(
        "rl.train", outputs, "run=ranks", "cluster=ray", "cluster.processes=2", "rollout=hf",
        "trainer.steps=1", "evaluate.before=true", "evaluate.after=false",
    )  # fmt: skip
    assert code == 0, output
    assert re.search(r"^step 1  ar \d\.\d\d en \d\.\d\d fr \d\.\d\d$", output, re.M), (
        "the first rank's own words"
    )
    assert "Written to" in output
    rows = pq.read_table(outputs / "ranks" / "rollouts" / "step-000000.parquet").to_pylist()
    assert len(rows) == 12 and len({row["seed"] for row in rows}) == 12
    assert (outputs / "ranks" / "model" / "model.safetensors").is_file()
    assert (outputs / "ranks" / "evaluation-before.json").is_file(), (
        "the first rank's, which the others wait for"
    )


def test_two_ranks_in_shards_and_three_engines_that_sample_ahead(outputs: Path) -> None:
    code, output = call(
        "rl.train", outputs, "run=shards", "cluster=ray", "cluster.processes=2", "rollout=hf", "rollout.workers=3",
        "trainer.sharding=fsdp2", "rollout.ahead=1", "trainer.steps=3", "trainer.refill=1", "report.trace=true",
        "trainer.tokens_per_pass=1024", "rollout.scale_tokens=true", "evaluate.before=false", "evaluate.after=false",
    )  # fmt: skip
    assert code == 0, output
    assert "GB a device" in output and "Tokens a turn by language: ar " in output
    run = outputs / "shards"
    steps = lines(run / "metrics.jsonl")
    assert [line["step"] for line in steps] == [0, 1, 2]
    for line in steps:
        assert {"time/idle_trainers", "time/idle_engines", "time/overlap", "tokens_per_second"} <= set(line)
        assert {f"language/en/{name}" for name in ("staleness", "stale_dropped", "zero_variance")} <= set(
            line
        )
        assert 0 <= line["language/en/staleness"] <= 1
    ahead = pq.read_table(run / "rollouts" / "step-000002.parquet").to_pylist()
    assert len(ahead) == 12 and {row["lowest_version"] for row in ahead} <= {1, 2}
    assert (run / "model" / "model.safetensors").is_file()
    assert (run / "checkpoints" / "checkpoint-3" / "pytorch_model_fsdp_0").is_dir()
    assert '"cat": "sampling"' in (run / "trace.json").read_text()


@pytest.mark.timeout(900)  # two whole runs of two engines each
def test_colocated_engines_sleep_and_sample_what_others_do(outputs: Path) -> None:
    """Two ranks, and an engine beside each, which is paused while the policy is updated: a CPU has no sleep."""
    found: dict[str, Any] = {}
    for placement in ("apart", "colocated"):
        code, output = call(
            "rl.train", outputs, f"run={placement}", "cluster=ray", "cluster.processes=2", "rollout.workers=2",
            f"cluster.placement={placement}", "rollout.dtype=float32", "rollout.kv_cache_gib=0.1", "trainer.steps=2",
            "rollout.check_each_step=true", "report.tokens=true", "evaluate.before=false", "evaluate.after=false",
            "evaluate.during.every=1", "evaluate.during.tasks_per_language=1",
        )  # fmt: skip
        assert code == 0, output
        run = outputs / placement
        state = json.loads((run / "checkpoints" / "checkpoint-2" / "trainer_state.json").read_text())
        rows = [
            row
            for step in (0, 1)
            for row in pq.read_table(run / "rollouts" / f"step-00000{step}.parquet").to_pylist()
        ]
        found[placement] = rows, [line["loss"] for line in state["log_history"] if "loss" in line]
    (apart, losses), (colocated, theirs) = found["apart"], found["colocated"]
    assert [row["policy_version"] for row in colocated] == [0] * 12 + [1] * 12
    assert [row["token_ids"] for row in colocated] == [row["token_ids"] for row in apart]
    assert len(losses) == 2 and theirs == pytest.approx(losses, abs=1e-4)


def test_the_ablation_on_own_data_ends_in_a_table(outputs: Path) -> None:
    words = [word for word in SMALL if not word.startswith("data.")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "examples" / "own_data")]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "rl", "train", "-m", *words, f"output_dir={outputs}", "rollout=hf",
         f"model.cache_dir={outputs}/cache", "run=ablation", "data._target_=my_tasks.load", "trainer.steps=1",
         "trainer.generations=2", "evaluate.before=false", "report.tokens=true", "advantage=grpo,language"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "of 2 jobs" in done.stdout and re.search(r"│ language +│ +- │ +\d\.\d{3} │", done.stdout), (
        done.stdout
    )
    folders = [outputs / "ablation-0-advantage-grpo", outputs / "ablation-1-advantage-language"]
    for folder in folders:
        rows = pq.read_table(folder / "rollouts" / "step-000000.parquet").to_pylist()
        assert {row["language"] for row in rows} == {"en", "de", "sw"}
        assert all(len(row["turns"]) >= 1 and len(row["token_ids"]) == len(row["logprobs"]) for row in rows)


def test_supervised_start_then_grpo(outputs: Path) -> None:
    """What ``rl.sft`` leaves is a model like any other."""
    steps = ["sft.steps=3", "sft.rows=6", "sft.learning_rate=1e-3", "sft.mixture={en: 0.5, fr: 0.5}"]
    code, output = call(
        "rl.sft", outputs, "run=start", "rollout.kv_cache_gib=0.1", "evaluate.before=false", *steps
    )
    assert code == 0, output
    summary = json.loads((outputs / "start" / "summary.json").read_text())
    assert summary["steps"] == 3 and set(summary["languages"]) == {"en", "fr", "ar"}
    code, output = call(
        "rl.train", outputs, f"model={outputs}/start/model", "run=from-start", "rollout=hf", "trainer.steps=1",
        "evaluate.before=false", "evaluate.after=false", "advantage=turns",
    )  # fmt: skip
    assert code == 0, output
    assert (outputs / "from-start" / "model" / "model.safetensors").is_file()


def wrong_template(outputs: Path) -> Path:
    """A model whose tokenizer has lost its chat template."""
    import shutil

    folder = outputs / "no-template"
    if not folder.exists():
        shutil.copytree(outputs / "first" / "model", folder)
        (folder / "chat_template.jinja").unlink()
    return folder


def broken_jsonl(outputs: Path) -> Path:
    path = outputs / "broken.jsonl"
    jsonl.dump([Task("a", "a", "en", "en-US", [{"role": "user", "content": "hi"}], [], Expected())], path)
    path.write_text(path.read_text() + '{"id": 7}\n')
    return path


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["data=xsid", "data.path=/nowhere"], "/nowhere"),
        (["data.languages=[en,frr]"], "fr"),
        (["data=jsonl", "data.path={broken}"], "broken.jsonl"),
        (["data.test_split=dev"], "dev"),
        (["model={template}"], "chat template"),
        (["judge=openai", "judge.base_url=http://127.0.0.1:9/v1", "judge.model=m"], "127.0.0.1:9"),
        (["trainer.lerning_rate=1"], "trainer.learning_rate"),
        (["resume=nothing"], "nothing"),
        (["+reward.components.mine={_target_: no_such_module.f, weight: 1}"], "no_such_module"),
    ],
)
def test_bad_input_is_one_sentence(outputs: Path, overrides: list[str], said: str) -> None:
    filled = [
        o.replace("{broken}", str(broken_jsonl(outputs))).replace("{template}", str(wrong_template(outputs)))
        for o in overrides
    ]
    code, output = call("rl.train", outputs, "run=bad", *filled)
    last = output.strip().splitlines()[-1]
    assert code == 2 and said in last, output
    assert "Traceback" not in output
