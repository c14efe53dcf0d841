"""What an evaluation is made with: the settings of the run whose model it is, and a name that is free."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from rl.config.load import overridden, with_free_name
from rl.config.schema import Config
from rl.errors import UserError

HERE = ("cluster", "resume")  # sections that are this command line's, whatever the run had


def of_the_run(config: Config, overrides: Mapping[str, Any]) -> Config:
    """The settings of the run that ``model.path`` comes from (its folder, its ``model/``, one of its checkpoints), with
    this command line's ``overrides``: groups as composed in ``config``, single settings by their dotted names.

    The settings as given where the model is no run's, or where an ``experiment`` is chosen. Raises UserError
    where a run's folder has no model yet.
    """
    run = run_of(Path(config.model.path))
    if run is None:
        return config
    path = Path(config.model.path)
    model = path / "model" if path == run else path
    if not (model / "config.json").is_file():
        if not path.is_dir():
            there = ", ".join(folder.name for folder in sorted((run / "checkpoints").glob("checkpoint-*")))
            raise UserError(f"There is no {path}; the checkpoints of {run} are {there or 'none'}.")
        raise UserError(f"{run} has no model yet: it goes on or was cut off; name one of its checkpoints.")
    if "experiment" in overrides:
        return config.model_copy(update={"model": config.model.model_copy(update={"path": str(model)})})
    composed = config.model_dump()
    saved = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
    chosen = {name: composed[name] for name in composed if name in HERE or name in overrides}
    named = {"run": chosen.get("run", run.name), "output_dir": chosen.get("output_dir", str(run.parent))}
    single = {name: value for name, value in overrides.items() if "." in name} | {"model.path": str(model)}
    return overridden(saved | chosen | named | {"model": saved["model"]}, single)


def run_of(model: Path) -> Path | None:
    """The folder of the run that a model comes from; None for any other model."""
    near = [model, model.parent, model.parent.parent]
    under = [folder for folder in near if (folder / "config.yaml").is_file() and folder != Path(".")]
    return next((folder for folder in under if (folder / "rollouts").is_dir()), None)


def free(config: Config) -> Config:
    """The settings with a run name of which there is no folder yet: ``evaluation-<run>``, then ``-2``, ``-3``."""
    return with_free_name(config, f"evaluation-{config.run.removeprefix('evaluation-')}", ("",))


def claimed(config: Config) -> Config:
    """``free``, with the folder made, so that no other evaluation that starts now takes the name."""
    while True:
        found = free(config)
        try:
            found.folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError:  # told of where the run's folder is opened
            return found
        return found
