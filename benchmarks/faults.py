"""Runs in which a process is killed: ``python -m benchmarks.faults [RUNS]``, about two minutes each.

In each run one process of one kind is killed at a random moment: an engine's actor, its core or its worker, a reward
actor or one of its children, the sandbox's fork server, a training rank, the run itself. It must go on to its end, or
end with the command that goes on with it; and what it leaves must be what a run that nobody disturbed leaves: each step
once, with the same samples, rewards and figures, up to the arithmetic of engines that batch otherwise. Nothing may be
left running. The exit code is 1 where any of that is not so.
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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq

RUNS = 50
STEPS = 12
SETTINGS = [
    "data.languages=[en,fr,ar]", "data.tools=[set_alarm,world_time]", "data.tools_per_task=2", "data.per_tool=24",
    "model.tiny.hidden_size=64", "model.tiny.layers=2", "model.tiny.heads=2", "model.tiny.kv_heads=1",
    "model.tiny.intermediate_size=128", "model.tiny.vocab_size=1024", "model.tiny.warm_start.steps=60",
    "model.tiny.warm_start.rows=16", "rollout.max_new_tokens=48", "rollout.max_turns=3", "rollout.max_model_len=384",
    "rollout.dtype=float32", "rollout.kv_cache_gib=0.25", "trainer.generations=4", "trainer.prompts_per_language=2",
    f"trainer.steps={STEPS}", "trainer.save_every=2", "evaluate.before=false", "evaluate.after=false",
    "reward.actors=1", "sandbox.workers=1",
]  # fmt: skip
RANKS = ["cluster=ray", "cluster.processes=2"]
CLOSE = 1e-3  # of figures that the engines' float arithmetic enters
TIMED = re.compile(r"^seconds|^time/|per_second|^mfu|memory")
LIMIT = 600  # seconds of a run


@dataclass(frozen=True)
class Kind:
    """Which processes of a run are of this kind; ``ranks`` where it takes a run of two."""

    name: str
    matches: Callable[[str], bool]
    ranks: bool = False


def words(pattern: str) -> Callable[[str], bool]:
    return re.compile(pattern).search  # type: ignore[return-value]


KINDS = [
    Kind("engine actor", words(r"^ray::RolloutWorker")),
    Kind("engine core", words(r"^VLLM::EngineCore")),
    Kind("engine worker", words(r"^VLLM::Worker")),
    Kind("reward actor", words(r"^ray::ScoringActor")),
    Kind("reward child", words(r"rewards\.scoring\.")),
    Kind("sandbox worker", words(r"sandbox\.guest|fork_server")),
    Kind("training rank", words(r"^ray::.*Train.*Worker|^ray::_?RayTrainWorker"), ranks=True),
    Kind("driver", words(r"$^")),
]


def main(runs: int) -> int:
    chance = random.Random(0)
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        outputs = Path(name)
        whole = {ranks: undisturbed(outputs, ranks) for ranks in (False, True)}
        found = [fault(outputs, n, KINDS[n % len(KINDS)], chance, whole) for n in range(runs)]
    bad = sum(bool(problems) for problems in found)
    print(f"{runs - bad} of {runs} runs ended as an undisturbed one does")
    return int(bad > 0)


def undisturbed(outputs: Path, ranks: bool) -> Path:
    run = "ranks" if ranks else "whole"
    code, output = finished(started(outputs, f"run={run}", *(RANKS if ranks else [])))
    assert code == 0, output
    return outputs / run


def fault(
    outputs: Path, number: int, kind: Kind, chance: random.Random, whole: dict[bool, Path]
) -> list[str]:
    """Kill one process of a kind in a run, go on with it where it ended; what is wrong with what it left."""
    name = f"run{number}"
    process = started(outputs, f"run={name}", *(RANKS if kind.ranks else []))
    moment = chance.randrange(STEPS - 1) + chance.random()
    killed = kill_at(process, outputs / name / "metrics.jsonl", kind, moment)
    family = killed[1]
    code, output = finished(process)
    how = "went on"
    problems = [] if killed[0] else [f"no {kind.name} was found to kill"]
    if code != 0:
        how = "resumed"
        said = "resume=" in output.replace("\n", "")
        if kind.name != "driver" and not said:
            problems.append(f"ended with {code} and no way to go on: {output[-400:]!r}")
        if any((outputs / name / "checkpoints").glob("checkpoint-*/trainer_state.json")):
            code, output = finished(started(outputs, f"resume={outputs / name}"))
        else:  # killed before the first checkpoint
            how = "begun again"
            code, output = finished(started(outputs, f"run={name}-again", *(RANKS if kind.ranks else [])))
            name = f"{name}-again"
        if code != 0:
            problems.append(f"did not go on: {output[-400:]!r}")
    problems += differences(outputs / name, whole[kind.ranks]) if code == 0 else []
    problems += left_running(family)
    print(
        f"{number:3} {kind.name:15} at {moment:5.2f} {how:12} {'; '.join(problems) or 'as undisturbed'}",
        flush=True,
    )
    return problems


def started(outputs: Path, *overrides: str) -> "subprocess.Popen[str]":
    resumed = overrides[0].startswith("resume=")
    settings = [] if resumed else [*SETTINGS, f"output_dir={outputs}", f"model.cache_dir={outputs / 'cache'}"]
    return subprocess.Popen(
        [sys.executable, "-m", "rl.train", *settings, *overrides],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: "subprocess.Popen[str]") -> tuple[int, str]:
    output, _ = process.communicate(timeout=LIMIT)
    return process.returncode, output


def kill_at(
    process: "subprocess.Popen[str]", metrics: Path, kind: Kind, moment: float
) -> tuple[bool, list[psutil.Process]]:
    """Kill one of a kind once so many steps are done; whether there was one, and the run's processes by then."""
    step = 0.3  # seconds, about
    while process.poll() is None and (not metrics.is_file() or metrics.read_text().count("\n") < int(moment)):
        time.sleep(0.02)
    time.sleep((moment % 1) * step)
    me = psutil.Process(process.pid)
    family = me.children(recursive=True)
    victims = [me] if kind.name == "driver" else [one for one in family if kind.matches(called(one))]
    if victims:
        victims[0].send_signal(signal.SIGKILL)
    return bool(victims), family


def called(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def differences(run: Path, whole: Path) -> Iterator[str]:
    """Where the files of a run are not those of the other."""
    ours, theirs = (lines(folder / "metrics.jsonl") for folder in (run, whole))
    if [line["step"] for line in ours] != [line["step"] for line in theirs]:
        yield f"steps {[line['step'] for line in ours]}"
        return
    for line, other in zip(ours, theirs, strict=True):
        names = [
            n for n in line.keys() | other.keys() if not TIMED.search(n) and unlike(line.get(n), other.get(n))
        ]
        if names:
            yield f"step {line['step']} differs in {sorted(names)[:3]}"
            break
    for file in sorted((whole / "rollouts").glob("step-*.parquet")):
        samples, others = (pq.read_table(f / "rollouts" / file.name).to_pylist() for f in (run, whole))
        if [key(row) for row in samples] != [key(row) for row in others]:
            yield f"{file.name} has other samples"
            break


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["task_id"], row["seed"], row["turns"], row["reward"], row["policy_version"]


def unlike(value: Any, other: Any) -> bool:
    if isinstance(value, float) and isinstance(other, float):
        return not math.isclose(value, other, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(value != other)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def left_running(family: list[psutil.Process]) -> list[str]:
    _, alive = psutil.wait_procs(family, timeout=120)  # Ray's agents look for their parent now and then
    names = sorted({called(one)[:40] for one in alive if one.is_running() and one.status() != "zombie"})
    return [f"left running: {', '.join(names)}"] if names else []


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS))
