"""``python -m rl.train``: train a policy. ``--help`` lists the settings, ``--cfg job`` prints them."""

from pathlib import Path

import yaml
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from rl import config as settings
from rl.cli import run
from rl.config import Config
from rl.errors import UserError


def main(config: Config) -> None:
    if config.resume:
        config = resumed(config, list(HydraConfig.get().overrides.task))
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
    saved = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    changes = OmegaConf.from_dotlist([o.lstrip("+") for o in overrides if "." in o.split("=")[0]])
    here = {"resume": str(folder), "run": folder.name, "output_dir": str(folder.parent)}
    merged = OmegaConf.merge(OmegaConf.create(saved), changes, here)
    assert isinstance(merged, DictConfig)
    return settings.load(merged)


def _is_run(folder: Path) -> bool:
    return (folder / "config.yaml").is_file()


if __name__ == "__main__":
    run(main)
