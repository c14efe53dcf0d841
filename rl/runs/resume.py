"""Going on with a run: which of its settings may be others from here on, and which are what the run is."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from rl.config import load as settings
from rl.config.schema import Config
from rl.errors import UserError
from rl.report.summary import Summary

HERE = ("resume", "run", "output_dir")  # undotted settings that may stand beside resume=
# Taken from here on. All others made the checkpoint what it is: its data and their order, its optimizer, its model.
APPLIED = (
    "advantage",
    "cluster",
    "evaluate",
    "judge",
    "report",
    "reward",
    "rollout",
    "sandbox",
    "model.attn_implementation",
    "model.cache_dir",
    "model.trust_remote_code",
    "trainer.beta",
    "trainer.bf16",
    "trainer.gradient_checkpointing",
    "trainer.keep",
    "trainer.loss_type",
    "trainer.max_grad_norm",
    "trainer.report_to",
    "trainer.offload",
    "trainer.ratio",
    "trainer.refill",
    "trainer.save_every",
    "trainer.shard_over",
    "trainer.sharding",
    "trainer.steps",
    "trainer.tokens_per_pass",
)
CONSTANT = ("constant", "constant_with_warmup")


def resumed(config: Config, overrides: Mapping[str, Any]) -> Config:
    """The settings of the run that is gone on with, with this command line's dotted ``overrides``.

    Raises UserError where there is no such run, and for a setting that cannot change any more.
    """
    folder = _folder(config)
    for name in overrides:
        if "." not in name and name not in HERE:
            raise UserError(
                f"resume keeps the settings of the run it goes on with, so {name}={overrides[name]} has no meaning; "
                "give single settings such as trainer.steps=200, or start a new run."
            )
    saved = settings.load(_saved(folder))
    changes = {name: value for name, value in overrides.items() if "." in name}
    here = {"resume": str(folder), "run": folder.name, "output_dir": str(folder.parent)}
    wanted = settings.overridden(_saved(folder) | here, changes)
    for name in changes:
        _check(name, saved, wanted)
    return wanted


def check_steps(config: Config, done: int, finished: bool) -> None:
    """Refuse to go on with a run that is at its end, or beyond. Raises UserError."""
    if done > config.trainer.steps:
        raise UserError(
            f"{config.folder} has done {done} steps already; trainer.steps={config.trainer.steps} cannot undo them."
        )
    if finished and done == config.trainer.steps:
        raise UserError(
            f"{config.folder} has done its {done} steps; raise trainer.steps to go on, or look at its model with: "
            f"python -m rl.evaluate {_model(config)}"
        )


def is_finished(config: Config, summary: Summary, done: int) -> bool:
    """Whether all of a run of ``done`` updates is there: its model and, where asked for, its last evaluation."""
    evaluated = all("after" in when for when in summary["languages"].values()) and summary["languages"]
    model = (config.folder / "model" / "config.json").is_file()
    return summary.get("steps") == done and model and bool(evaluated or not config.evaluate.after)


def still_true(summary: Summary) -> Summary:
    """What of a run's summary holds when its training goes on: nothing that is said of the policy it had come to."""
    before = {tag: {"before": of["before"]} for tag, of in summary["languages"].items() if "before" in of}
    seconds, peak = summary["seconds"], summary["peak_memory_gb"]
    return {"seed": summary["seed"], "languages": before, "seconds": seconds, "peak_memory_gb": peak}


def _folder(config: Config) -> Path:
    named = Path(config.resume or "")
    for folder in (named, config.folder.parent / named):
        if (folder / "config.yaml").is_file():
            return folder
    raise UserError(
        f"{config.resume} is not the folder of a run (it has no config.yaml); the runs lie in {config.output_dir}/."
    )


def _saved(folder: Path) -> dict[str, Any]:
    saved: dict[str, Any] = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    return saved


def _check(name: str, saved: Config, wanted: Config) -> None:
    before, after = _value(saved, name), _value(wanted, name)
    if before == after:
        return
    if not any(name == applied or name.startswith(applied + ".") for applied in APPLIED):
        raise UserError(
            f"{name} was {before!r} in this run, and what was trained hangs on it; leave it, or start a new run "
            f"from its model: python -m rl.train {_model(saved)} {name}=..."
        )
    if name == "trainer.steps" and saved.trainer.lr_scheduler not in CONSTANT:
        raise UserError(
            f"trainer.steps={after} would bend the {saved.trainer.lr_scheduler} schedule of learning rates, which "
            f"ends at {before}; leave it, or start a new run from its model: python -m rl.train {_model(saved)}"
        )


def _model(config: Config) -> str:
    """The override that names the run's model, as a shell takes it."""
    return shlex.quote(f"model={config.folder}/model")


def _value(config: Config, name: str) -> Any:
    found: Any = config.model_dump()
    for key in name.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found
