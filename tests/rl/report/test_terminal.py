"""What inspect, preview and study print, as a person reads it."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from rewards.compose import Rewards
from rewards.serving.presets import configuration
from rewards.types import Score, Task
from rl.data.catalog import make
from rl.data.catalog import tasks as catalog
from rl.report.page import looked_at
from rl.report.preview import one_a_language, previews, shown
from rl.report.run_folder import RunFolder
from rl.report.samples import GenerationBatch
from rl.report.shown import harmless, isolated
from rl.rollout.chat import Chat
from tests.rl.parts import composed
from tests.rl.report.made import CONFIG, batch, run_folder, sampled

ROOT = Path(__file__).resolve().parents[3]
HOSTILE = "\x1b[2J\x1b]0;owned\x07 \u202etxt.exe\u2066 [bold]not markup[/bold] :smile:"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_folder(tmp_path_factory.mktemp("runs"), hostile=HOSTILE)


def ran(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True)


def test_nothing_in_a_text_is_obeyed_by_a_terminal() -> None:
    assert "\x1b" not in harmless(HOSTILE) and "<U+001B>[2J" in harmless(HOSTILE)
    assert harmless("می‌خواهم\n\t一") == "می‌خواهم\n\t一"  # joiners, lines and tabs are text
    assert isolated("a\u2069b") == "\u2068a<U+2069>b\u2069"


def test_inspect_shows_the_worst_first_with_their_groups(folder: Path) -> None:
    done = ran("rl.inspect", str(folder), "--language", "en", "--set", "training", "--worst", "3")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("reward 0.000") == 3 and "nothing was done" in done.stdout
    assert "expected" in done.stdout and "set_alarm(" in done.stdout and "group" in done.stdout
    assert "\x1b" not in done.stdout


def test_inspect_neutralizes_what_a_model_wrote(folder: Path) -> None:
    done = ran("rl.inspect", str(folder), "--text", "not markup", "--worst", "1")
    assert "<U+001B>" in done.stdout and "<U+202E>" in done.stdout
    assert "[bold]not markup[/bold] :smile:" in done.stdout.replace("\n", " ").replace("  ", " ")


def test_inspect_finds_the_looks_of_a_step(folder: Path, tmp_path: Path) -> None:
    """A look's samples have the step of their policy; the evaluations before and after have none."""
    run = shutil.copytree(folder, tmp_path / "run")
    shutil.copy(run / "rollouts" / "evaluation-after.parquet", run / "rollouts" / "during-000002.parquet")
    look = ran("rl.inspect", str(run), "--set", "during", "--step", "2", "--worst", "3")
    assert look.stdout.count("during, step 2") == 3, look.stderr
    both = ran("rl.inspect", str(run), "--step", "2", "--language", "fr", "--best", "20")
    assert both.stdout.count("during, step 2") == 4 and "evaluation" not in both.stdout
    assert both.stdout.count(" step 2 ") == 12, "four of the look, eight of training"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--language", "arr"], "did you mean ar?"),
        (["--part", "outcom"], "did you mean outcome?"),
        (["--step", "99"], "there are 0, 1, 2, 3"),
        (["--set", "evaluation"], "evaluation-after"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(folder: Path, words: list[str], said: str) -> None:
    done = ran("rl.inspect", str(folder), *words)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words", ["rl.inspect --worst 0 1", "rl.inspect --best -3 1", "rl.report --samples -1 0"]
)
def test_there_cannot_be_fewer_samples_than_none(folder: Path, words: str) -> None:
    module, name, value, least = words.split()
    done = ran(module, str(folder), name, value)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.endswith(f"argument {name}: {value} is less than {least}\n")


def test_a_port_without_a_server_is_refused(folder: Path) -> None:
    done = ran("rl.report", str(folder), "--port", "8000")
    assert done.returncode == 2 and done.stderr.endswith("--port is that of --serve, which is not given\n")


def test_recompute_gives_what_the_run_used_and_what_others_would(folder: Path, tmp_path: Path) -> None:
    """The run's own settings give its own advantages: no sign changes, the same shares."""
    out = tmp_path / "study.json"
    done = ran("rl.study", "recompute", str(folder), "advantage=grpo,batch", "--json", str(out))
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    used, same, other = (found[name]["languages"] for name in ("used", "grpo", "batch"))
    for language in ("en", "fr", "ar"):
        assert same[language] == pytest.approx(used[language], abs=1e-5) and same[language]["changed"] == 0
    assert other["all"]["zero"] < used["all"]["zero"] and "gradient share" in done.stdout


def test_recompute_has_the_judge_s_part(tmp_path: Path) -> None:
    """Only the judge tells these samples apart, so all their advantages are of its part."""
    task = make("set_alarm", "fr")
    pairs = []
    for number, grade in enumerate((0.0, 0.25, 0.75, 1.0)):
        job, sample = sampled(task, 0, number, right=True)
        parts = {"outcome": 1.0, "culture": 1.0, "culture_judged": grade}
        pairs.append((job, replace(sample, score=Score(0.75 + grade / 4, parts))))
    run = RunFolder(tmp_path / "judged")
    judge = composed("judge=openai", "judge.model=m").judge.model_dump()
    (run.path / "config.yaml").write_text(yaml.safe_dump(CONFIG | {"judge": judge}), encoding="utf-8")
    run.step(GenerationBatch(0, batch(0, pairs), {"update": 1.0}))
    out = tmp_path / "study.json"
    done = ran("rl.study", "recompute", str(run.path), "advantage.estimator=gdpo", "--json", str(out))
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())["estimator=gdpo"]["languages"]["fr"]
    assert figures["zero"] == 0 and figures["changed"] == 0 and figures["spread"] > 0.5


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("advantage=grp", "did you mean advantage=grpo?"),
        ("advantage.scale=non", "advantage.scale='non' is wrong"),
        ("reward=rlvr", "not of the section advantage"),
        ("advantage=entropy", "needs the kinds of tokens"),
        ("advantage=turns", "needs the outcomes of turns"),
    ],
)
def test_recompute_refuses_in_a_sentence(folder: Path, word: str, said: str) -> None:
    done = ran("rl.study", "recompute", str(folder), word)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1


def test_report_writes_a_file_and_says_where(folder: Path, tmp_path: Path) -> None:
    done = ran("rl.report", str(folder), "--out", str(tmp_path / "page.html"))
    assert (
        done.stdout == f"{tmp_path / 'page.html'}\n" and (tmp_path / "page.html").stat().st_size > 1_000_000
    )
    assert ran("rl.report", str(tmp_path)).returncode == 2


def test_a_run_ends_with_its_report_and_how_its_worst_samples_are_seen(folder: Path) -> None:
    """The command that is named works as it stands."""
    where, how = looked_at(folder).splitlines()
    assert where.split()[1] == str(folder / "report.html") and (folder / "report.html").is_file()
    words = how.partition("inspect ")[2].split()
    done = ran("rl.inspect", *words)
    assert done.returncode == 0 and "reward 0.000" in done.stdout and "--set evaluation-after" in how


def test_a_preview_shows_one_request_in_every_language_and_its_right_answer(tiny_tokenizer: object) -> None:
    tasks = catalog.load("train", ["ar", "en", "fr"], ["set_alarm", "two_times"], per_tool=1)
    rewards = Rewards.from_config(configuration("multilingual_tool_use"))
    found = previews(tasks, Chat(tiny_tokenizer), rewards)  # type: ignore[arg-type]
    assert [one.task.language for one in found] == ["en", "ar", "fr"]
    assert len({one.task.parallel_id for one in found}) == 1
    assert all(one.score is not None and one.score.reward == 1.0 for one in found)
    assert all(one.task.messages[-1]["content"] in one.prompt for one in found)
    console = Console(width=120)
    with console.capture() as capture:
        console.print(shown(found))
    assert capture.get().count("a right answer's reward: 1.000") == 3 and "times English's" in capture.get()


def test_languages_without_a_shared_request_each_show_their_first(some_tasks: list[Task]) -> None:
    apart = [task for task in some_tasks if (task.language == "fr") == ("set_alarm" in task.id)]
    chosen = one_a_language(apart)
    assert [task.language for task in chosen] == ["en", "ar", "fr", "zh"]
