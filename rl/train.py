"""``python -m rl.train``: train a policy. ``--help`` lists the settings, ``--cfg job`` prints them."""

from pathlib import Path

import yaml
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from rl import config as settings
from rl.cli import run
from rl.config import Config
from rl.errors import UserError

HERE = ("resume", "run", "output_dir")  # undotted settings that may stand beside resume=


def main(config: Config) -> None:
    if config.resume:
        config = resumed(config, list(HydraConfig.get().overrides.task))
    else:
        config = with_free_name(config)
    if config.cluster.kind == "ray":
        from rl.launch import train_on_ray

        train_on_ray(config)
    else:
        from rl.run import train

        train(config)


def resumed(config: Config, overrides: list[str]) -> Config:
    """The settings of the run that is gone on with, with this command line's dotted overrides.

    Raises UserError where there is no such run.
    """
    folder = next(
        (f for f in (Path(config.resume or ""), config.folder.parent / str(config.resume)) if _is_run(f)),
        None,
    )
    if folder is None:
        raise UserError(
            f"{config.resume} is not the folder of a run (it has no config.yaml); the runs lie in "
            f"{config.output_dir}/."
        )
    ignored = [o for o in overrides if "." not in o.split("=")[0] and o.split("=")[0] not in HERE]
    if ignored:
        raise UserError(
            f"resume keeps the settings of the run it goes on with, so {ignored[0]} has no meaning; give single "
            "settings such as trainer.steps=200, or start a new run."
        )
    saved = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    changes = OmegaConf.from_dotlist([o.lstrip("+") for o in overrides if "." in o.split("=")[0]])
    here = {"resume": str(folder), "run": folder.name, "output_dir": str(folder.parent)}
    merged = OmegaConf.merge(OmegaConf.create(saved), changes, here)
    assert isinstance(merged, DictConfig)
    return settings.load(merged)


def with_free_name(config: Config) -> Config:
    """A new run never writes over an old one: the second ``demo`` is ``demo-2``."""
    names = [config.run, *(f"{config.run}-{n}" for n in range(2, 10_000))]
    free = next(name for name in names if not (Path(config.output_dir) / name / "metrics.jsonl").exists())
    return config.model_copy(update={"run": free})


def _is_run(folder: Path) -> bool:
    return (folder / "config.yaml").is_file()


if __name__ == "__main__":
    run(main)
