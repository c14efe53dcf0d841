"""A source of one's own: a function by its dotted path."""

import sys
from pathlib import Path

import pytest

from rl.config.cli import rewritten
from rl.config.load import load
from rl.config.schema import Config
from rl.data import from_config
from rl.errors import UserError

MODULE = """
from dataclasses import replace
from rl.data.catalog import load as catalog

def load(n, split="train", language="en"):
    return catalog("train", [language], ["set_alarm"], per_tool=n)

def everything():
    train = catalog("train", ["en"], ["set_alarm"], per_tool=2)
    return [*train, *(replace(task, split="test") for task in train)]

def nothing():
    return 3
"""


@pytest.fixture(autouse=True)
def my_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_tasks.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "my_tasks", raising=False)


def composed(*words: str) -> Config:
    from hydra import compose, initialize_config_dir

    from rl.config.cli import CONF

    with initialize_config_dir(str(CONF), version_base="1.3"):
        return load(compose("config", ["run=test", *rewritten(words)]))


def test_a_function_gives_the_tasks_and_takes_its_own_settings() -> None:
    config = composed("data._target_=my_tasks.load", "data.n=3", "data.language=fr")
    tasks = from_config(config.data, "train")
    assert len(tasks) == 3 and {task.language for task in tasks} == {"fr"}
    assert load(config.model_dump()) == config


def test_a_function_without_a_split_is_split_by_its_tasks() -> None:
    config = composed("data._target_=my_tasks.everything")
    assert len(from_config(config.data, "train")) == len(from_config(config.data, "test")) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["data._target_=no_such_tasks.load"], "cannot be imported"),
        (["data._target_=my_tasks.lod"], "names no function"),
        (["data._target_=my_tasks.load"], "cannot be called (missing a required argument: 'n')"),
        (["data._target_=my_tasks.load", "data.n=1", "data.langage=fr"], "did you mean data.language?"),
        (["data._target_=my_tasks.nothing"], "must return a list"),
        (["data._target_=my_tasks.load", "data.n=1", "data.languages=[de]"], "has no language 'de'"),
    ],
)
def test_what_is_wrong_with_it_is_one_sentence(words: list[str], said: str) -> None:
    with pytest.raises(UserError) as refused:
        from_config(composed(*words).data, "train")
    assert said in str(refused.value) and "\n" not in str(refused.value)
