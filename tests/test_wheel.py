"""What an installed copy can do, away from the repository: a wheel in an environment of its own.

Its dependencies are those of the environment that runs the tests, reached by a .pth file.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import yaml

from rl.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("rl", "rewards", "sandbox")
BUILT_FROM = (*PACKAGES, "conf", "docker", "pyproject.toml", "README.md", "LICENSE")
SCORE = """
from rewards import Rewards
from rewards.serving.presets import configuration
from rl import make, replay
from rl.rollout.script import gold_turn

task = make("set_alarm", "de")
good = replay(task, [gold_turn(task), "ok"])
bad = replay(task, ["Das kann ich nicht."])
rewards = Rewards.from_config(configuration("call_only"))
print(rewards.score(task, good).reward, rewards.score(task, bad).reward)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, for setuptools writes beside what it builds."""
    copy = tmp_path_factory.mktemp("source")
    for name in BUILT_FROM:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, copy / name, symlinks=True, ignore=ignore)
        else:
            shutil.copy2(source, copy / name)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "dist", "."]
    subprocess.run(pip, cwd=copy, check=True)
    return next((copy / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of an environment with the wheel."""
    home = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    target = next((home / "lib").glob("python3.*")) / "site-packages"
    (target / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--force-reinstall", str(wheel)], check=True)
    return python.parent


def ran(installed: Path, folder: Path, *words: str) -> str:
    """What a program of the environment prints, started in ``folder`` without this checkout on its path."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(installed / words[0]), *words[1:]], cwd=folder, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_exported_names_are_there_and_have_one_home(package: str) -> None:
    module = importlib.import_module(package)
    names = [name for names in module.HOMES.values() for name in names]
    assert sorted(names) == module.__all__
    assert all(getattr(module, name) is not None for name in names)
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_ours'"):
        module.nothing_of_ours  # noqa: B018


def test_every_entry_point_is_a_command() -> None:
    files = [file for name in PACKAGES for file in (ROOT / name).rglob("*.py")]
    runnable = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
        for file in files
        if not {"guest", "service"} & set(file.parts)  # programs that others start
        and ('__name__ == "__main__"' in file.read_text("utf-8") or file.name == "__main__.py")
    }
    assert runnable - {"rl"} == {module for module, _ in COMMANDS.values()}


def test_the_wheel_has_all_settings_and_data_files(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    conf = {f"rl/{file.relative_to(ROOT)}" for file in (ROOT / "conf").rglob("*.yaml")}
    assert len(conf) > 30 and conf <= packed
    kept = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(kept.stdout.split()) - {"rl/conf"} <= packed


def test_it_trains_by_name_from_another_folder(installed: Path, tmp_path: Path) -> None:
    command = ("polyglot-grpo", "train", "--cfg", "job", "experiment=demo", "trainer.steps=7")
    settings = yaml.safe_load(ran(installed, tmp_path, *command))
    assert settings["trainer"]["steps"] == 7 and settings["data"]["languages"]
    where = ran(installed, tmp_path, "python", "-c", "import rl; print(rl.__file__)")
    assert Path(where).is_relative_to(installed.parent)


def test_every_command_says_what_it_takes(installed: Path, tmp_path: Path) -> None:
    for name in COMMANDS:
        assert len(ran(installed, tmp_path, "polyglot-grpo", name, "--help").splitlines()) > 3, name


def test_config_dir_adds_files_of_one_s_own(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine" / "experiment").mkdir(parents=True)
    own = "# @package _global_\ntrainer: {steps: 3}\nadvantage: {estimator: my_estimators.mine}\n"
    (tmp_path / "mine" / "experiment" / "short.yaml").write_text(own)
    command = ("polyglot-grpo", "train", "--config-dir", "mine", "experiment=short", "--cfg", "job")
    settings = yaml.safe_load(ran(installed, tmp_path, *command))
    assert settings["trainer"]["steps"] == 3 and settings["advantage"]["estimator"] == "my_estimators.mine"


def test_the_doctor_compares_with_the_lock_it_brings(installed: Path, tmp_path: Path) -> None:
    lines = json.loads(ran(installed, tmp_path, "polyglot-grpo", "doctor", "--json"))["findings"]
    assert next(line["ok"] for line in lines if line["name"] == "lock file")
    assert not [line["mend"] for line in lines if "make install" in line["mend"]]


def test_it_scores_and_serves_from_another_folder(installed: Path, tmp_path: Path) -> None:
    assert "multilingual_tool_use" in ran(installed, tmp_path, "python", "-m", "rewards.serve", "--help")
    good, bad = map(float, ran(installed, tmp_path, "python", "-c", SCORE).split())
    assert good == 1.0 and bad < 1.0


def test_rewards_of_one_s_own_are_found_in_the_folder_where_it_is_started(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "my_rewards.py").write_text("def short(task, trajectory):\n    return 1.0\n")
    assert "my_rewards.short" in ran(installed, tmp_path, "polyglot-grpo", "check-reward", "my_rewards.short")


@pytest.mark.parametrize(
    "words", [["rl.train", "--help"], ["rl.train", "--cfg", "job"], ["rl.doctor"], ["rl"]]
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_stops_early_sees_no_traceback(words: list[str], unbuffered: str) -> None:
    read, write = os.pipe()
    os.close(read)
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, stdout=write, stderr=subprocess.PIPE, text=True, env=env
    )
    os.close(write)
    assert (done.returncode != 0, done.stderr) == (True, "")
