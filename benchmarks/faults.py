"""Runs in which a process is killed: ``python -m benchmarks.faults [RUNS [KIND ...]]``, one to six minutes each.

In each run one process of one kind is killed at a random moment: an engine's actor, its core or its worker, a reward
actor or one of its children, a worker or the fork server of the sandbox, a training rank, the run itself. It must go on
to its end, or end in one sentence and go on with ``resume=``; and what it leaves must be what a run that nobody
disturbed leaves: each step once, with the same samples, rewards and figures, to the last digit where the engine's
arithmetic does not hang on what is sampled beside. A sample that lost earlier calls with the sandbox's process is masked,
and is all that may differ; what is learned after it is not compared. Nothing may be left running. A line a run; the
exit code is 1 where any of that is not so.
"""

import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
RUNS = 50
STEPS = 8
LIMIT = 900  # seconds of a run
SETTINGS = [
    "model.tiny.hidden_size=64", "model.tiny.layers=2", "model.tiny.heads=2", "model.tiny.kv_heads=1",
    "model.tiny.intermediate_size=128", "model.tiny.vocab_size=1024", "model.tiny.warm_start.steps=500",
    "model.tiny.warm_start.rows=24", "model.tiny.warm_start.english_share=0.4", "model.tiny.warm_start.english_replies=1",
    "rollout.max_new_tokens=48", "rollout.max_turns=3", "rollout.max_model_len=384",
    "rollout.dtype=float32", "rollout.kv_cache_gib=0.25", "trainer.generations=4", "trainer.prompts_per_language=2",
    f"trainer.steps={STEPS}", "trainer.save_every=2", "evaluate.before=false", "evaluate.after=false",
    "reward.actors=1", "sandbox.workers=1",
]  # fmt: skip
CATALOG = (
    "data.languages=[en,fr,ar]",
    "data.tools=[set_alarm,small_talk]",
    "data.tools_per_task=2",
    "data.per_tool=24",
)
OWN_TOOL = ("data=jsonl", f"data.path={ROOT}/examples/own_tool/tasks.jsonl", "sandbox.tools=[my_tools]")
EXACT, VLLM = ("rollout=hf", *CATALOG), CATALOG
RANKS = (*EXACT, "cluster=ray", "cluster.processes=2")
FORKS = ("rollout=hf", *OWN_TOOL, "model.tiny.warm_start.steps=150")
CLOSE = 1e-3  # of figures that an engine's arithmetic enters, which hangs on what shares a batch
ENGINES = re.compile(r"mismatch_kl$|ratio_(min|max)$")
MODEL = Path("model") / "model.safetensors"
TIMED = re.compile(r"^seconds|^time/|per_second|^mfu|/seconds$")


@dataclass(frozen=True)
class Kind:
    """Whose command line matches is of this kind (None: the run itself), in runs of these settings."""

    name: str
    pattern: str | None
    settings: tuple[str, ...] = EXACT
    masks: bool = False  # a sample may lose earlier calls of a program with it


KINDS = [
    Kind("engine actor", r"^ray::RolloutWorker"),
    Kind("reward actor", r"^ray::ScoringActor"),
    Kind("reward child", r"rewards\.service\.child"),
    Kind("sandbox worker", r"-m sandbox\.guest\.worker", masks=True),
    Kind("fork server", r"-m sandbox\.guest\.fork_server", FORKS, masks=True),
    Kind("training rank", r"^ray::.*TrainWorker", RANKS),
    Kind("run", None),
    Kind("run of ranks", None, RANKS),
    Kind("vLLM actor", r"^ray::RolloutWorker", VLLM),
    Kind("vLLM core", r"^VLLM::EngineCore", VLLM),
]


def main(runs: int, names: Sequence[str]) -> int:
    kinds = [kind for kind in KINDS if not names or kind.name in names]
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        bad = 0
        for number in range(runs):
            line, problems = fault(Path(folder), number, kinds[number % len(kinds)])
            print(line, flush=True)
            bad += bool(problems)
    print(f"{runs - bad} of {runs} runs ended as undisturbed ones do")
    return int(bad > 0)


def fault(outputs: Path, number: int, kind: Kind) -> tuple[str, list[str]]:
    """Kill one process of a kind in a run, go on with it if it ended; a line about it, and what is wrong with it."""
    whole = undisturbed(outputs, kind.settings)
    run = outputs / f"run{number}"
    process = started(outputs, f"run={run.name}", *kind.settings)
    moment = random.Random(number).random() * (STEPS - 1)
    family, problems = killed(process, run / "metrics.jsonl", kind, moment)
    code, output = finished(process)
    how = "went on"
    if code != 0:
        how = "was gone on with"
        told = "resume=" in output.replace("\n", "") or not steps_done(run / "metrics.jsonl")
        if kind.pattern and (not told or "Traceback" in output):
            problems.append(f"ended with {code} and did not say how to go on: {output[-600:]!r}")
        code, output = finished(started(outputs, f"resume={run}"))
        if code != 0:
            problems.append(f"could not be gone on with: {output[-600:]!r}")
    if code == 0:
        problems += differences(run, whole, kind)
    problems += left_running(family)
    return (
        f"{number:3} {kind.name:15} at {moment:.2f} {how:17} {'; '.join(problems) or 'as undisturbed'}",
        problems,
    )


def undisturbed(outputs: Path, settings: tuple[str, ...]) -> Path:
    """A run of the settings that nobody disturbed: made the first time that it is asked for."""
    run = outputs / f"whole-{[EXACT, VLLM, RANKS, FORKS].index(settings)}"
    if not (run / "summary.json").is_file():
        code, output = finished(started(outputs, f"run={run.name}", *settings))
        assert code == 0, output
    return run


def started(outputs: Path, *overrides: str) -> "subprocess.Popen[str]":
    resumed = overrides[0].startswith("resume=")
    settings = [] if resumed else [*SETTINGS, f"output_dir={outputs}", f"model.cache_dir={outputs / 'cache'}"]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "examples" / "own_tool")])
    return subprocess.Popen(
        [sys.executable, "-m", "rl.train", *settings, *overrides],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Its exit code and its output. One that hangs is ended, which shows in the code."""
    try:
        output, _ = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        output += f"\nstill ran after {LIMIT} s"
    return process.returncode, output


def killed(
    process: "subprocess.Popen[str]", metrics: Path, kind: Kind, moment: float
) -> tuple[list[psutil.Process], list[str]]:
    """Kill one of a kind a part of a step after so many steps; the run's processes by then, and what is wrong."""
    ends = [time.monotonic()]  # of the steps so far, after the start
    while process.poll() is None and (len(ends) <= int(moment) or not of_kind(process.pid, kind)):
        if steps_done(metrics) >= len(ends):
            ends.append(time.monotonic())
        time.sleep(0.02)
    pace = (ends[-1] - ends[1]) / (len(ends) - 2) if len(ends) > 2 else 0.0
    time.sleep(moment % 1 * pace)
    if process.poll() is not None:
        return [], [f"ended before a process could be killed: {finished(process)[1][-600:]!r}"]
    family = psutil.Process(process.pid).children(recursive=True)
    victims = of_kind(process.pid, kind)
    if victims:
        random.Random(moment).choice(victims).send_signal(signal.SIGKILL)
    return family, [] if victims else ["none was there to kill"]


def steps_done(metrics: Path) -> int:
    return metrics.read_text().count("\n") if metrics.is_file() else 0


def of_kind(run: int, kind: Kind) -> list[psutil.Process]:
    whole = psutil.Process(run)
    if kind.pattern is None:
        return [whole]
    return [one for one in whole.children(recursive=True) if re.search(kind.pattern, called(one))]


def called(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def differences(run: Path, whole: Path, kind: Kind) -> Iterator[str]:
    """Where the files of a run are not those of the other, up to the first step with a sample that only this one masked,
    where its kind may."""
    close = 0.0 if "rollout=hf" in kind.settings else CLOSE
    ours, theirs = (lines(folder / "metrics.jsonl") for folder in (run, whole))
    if [line["step"] for line in ours] != [line["step"] for line in theirs]:
        yield f"has steps {[line['step'] for line in ours]}"
        return
    first = masked_in(run, whole) if kind.masks else None
    for line, other in zip(ours[:first], theirs, strict=False):
        names = {n for n in line.keys() | other.keys() if not TIMED.search(n)}
        within = {n: CLOSE if ENGINES.search(n) else close for n in names}
        unlike = [n for n in sorted(names) if not alike(line.get(n), other.get(n), within[n])]
        if unlike:
            told = ", ".join(f"{n} {line.get(n)} for {other.get(n)}" for n in unlike[:3])
            yield f"step {line['step']} has {len(unlike)} other figures: {told}"
            break
    for step in range(len(ours) if first is None else first + 1):
        pairs = list(zip_longest(*sampled(step, run, whole)))
        if any(
            a is None or b is None or (key(a) != key(b) and not (kind.masks and masked(a, b)))
            for a, b in pairs
        ):
            yield f"step {step} has other samples"
            break
    if close == 0 and first is None and (run / MODEL).read_bytes() != (whole / MODEL).read_bytes():
        yield "the model is another"


def sampled(step: int, *runs: Path) -> list[list[dict[str, Any]]]:
    """A step's samples in each run."""
    return [pq.read_table(run / "rollouts" / f"step-{step:06}.parquet").to_pylist() for run in runs]


def masked(sample: dict[str, Any], other: dict[str, Any]) -> bool:
    return sample["reward"] is None and other["reward"] is not None


def masked_in(run: Path, whole: Path) -> int | None:
    """The first step with a sample that the run alone masked."""
    for step in range(STEPS):
        if any(masked(a, b) for a, b in zip(*sampled(step, run, whole), strict=False)):
            return step
    return None


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["task_id"], row["seed"], row["turns"], row["reward"], row["parts"], row["policy_version"]


def alike(value: Any, other: Any, close: float) -> bool:
    if isinstance(value, float) and isinstance(other, float):
        return math.isclose(value, other, rel_tol=close, abs_tol=close)
    return bool(value == other)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def left_running(family: list[psutil.Process]) -> list[str]:
    _, alive = psutil.wait_procs(family, timeout=120)  # Ray's agents look for their parent now and then
    names = sorted({called(one)[:60] for one in alive if one.is_running() and one.status() != "zombie"})
    return [f"left running: {', '.join(names)}"] if names else []


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS, sys.argv[2:]))
