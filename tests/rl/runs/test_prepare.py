"""Nothing that can be known before the warm start is refused after it."""

from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from rl.config.schema import Config
from rl.errors import UserError
from rl.runs.plan import planned
from rl.runs.prepare import prepared, with_model
from tests.rl.parts import composed, save_policy

SMALL = [
    "data.languages=[en,fr]",
    "data.tools=[set_alarm,small_talk]",
    "data.per_tool=4",
    "data.tools_per_task=2",
]


def refused(config: Config) -> str:
    with pytest.raises(UserError) as error:
        prepared(config, test_split=config.data.test_split, training=True)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("+trainer.trl.epsilom=1", "did you mean trainer.trl.epsilon?"),
        ("+trainer.trl.epsilon=much", "trainer.trl.epsilon='much' is wrong"),
        ("trainer.peft={r: 2, target_modules: [q_prj]}", "q_prj"),
        ("trainer.peft={r: 2, target_modules: [q_proj, lm_head]}", "share their weights"),
        (
            "trainer.peft={r: 2, target_modules: [q_proj], modules_to_save: [embed_tokens]}",
            "share their weights",
        ),
        ("trainer.peft={r: -1, target_modules: [q_proj]}", "trainer.peft cannot be used"),
        ("trainer.report_to=[no_such_logger]", "no_such_logger, which is not installed"),
        ("rollout.max_model_len=112", "leaves no room"),
        ("data.test_split=dev", "dev"),
        ("trainer.sharding=fsdp2", "cluster.processes is 1; set cluster=ray cluster.processes=<ranks>"),
    ],
)
def test_it_is_refused_before_anything_is_made(override: str, said: str, tmp_path: Path) -> None:
    config = composed(*SMALL, override, f"output_dir={tmp_path}/out", f"model.cache_dir={tmp_path}/cache")
    assert said in refused(config)
    assert list(tmp_path.iterdir()) == []


def test_the_optional_package_of_a_setting_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rl.config.trl.find_spec", lambda name: None)
    with pytest.raises(
        UserError, match="needs liger_kernel, which is not installed; pip install liger-kernel"
    ):
        composed("+trainer.trl.use_liger_kernel=true")
    monkeypatch.setattr("rl.config.problems.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"trainer\.optimizer=adamw_8bit needs bitsandbytes"):
        composed("trainer.optimizer=adamw_8bit")


@pytest.mark.parametrize("path", ["/nope", "./nope", "../no/where", "a/b/c"])
def test_a_folder_that_is_not_there_is_called_a_folder(path: str) -> None:
    assert f"There is no folder {path}" in refused(composed(*SMALL, "model=hub", f"model.path={path}"))


def test_a_model_is_missed_before_the_data_are_read() -> None:
    lost = composed("model=hub", "model.path=./nope", "data=jsonl", "data.path=/no/tasks.jsonl")
    assert "There is no folder ./nope" in refused(lost)
    with pytest.raises(UserError, match=r"There is no folder a/b/c"):
        planned(composed("model=hub", "model.path=a/b/c"))


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    config = composed(*SMALL, f"output_dir={tmp_path}", f"model.cache_dir={tmp_path}/file/cache")
    run = prepared(config, test_split=None, training=True)
    with pytest.raises(UserError, match=r"file/cache cannot be made \(Not a directory\); set another"):
        with_model(run)


def test_a_folder_without_a_model_says_so(tmp_path: Path) -> None:
    assert "holds no model" in refused(composed(*SMALL, "model=hub", f"model.path={tmp_path}"))


def test_a_context_beyond_the_models_is_refused(
    tmp_path: Path, tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    folder = save_policy(tmp_path / "policy", tiny_tokenizer)
    config = composed(*SMALL, "model=hub", f"model.path={folder}", "rollout.max_model_len=4096")
    assert "more than the 512 tokens" in refused(config)


def test_a_run_that_can_start_is_prepared_without_evaluation_too(tmp_path: Path) -> None:
    config = composed(*SMALL, f"output_dir={tmp_path}", f"model.cache_dir={tmp_path}/cache")
    run = prepared(config, test_split=None, training=True)
    assert run.tests == [] and {task.language for task in run.tasks} == {"en", "fr"}
    assert run.model_path == "tiny"
