"""``python -m rl.train``: train a policy. ``--help`` lists the settings, ``--cfg job`` prints them."""

from pathlib import Path

from hydra.core.hydra_config import HydraConfig

from rl.config.cli import parsed, run
from rl.config.load import with_free_name
from rl.config.schema import Config
from rl.runs import resume


def main(config: Config) -> Path:
    """Train, or go on; the run's folder."""
    if config.resume:
        config = resumed(config, list(HydraConfig.get().overrides.task))
    else:
        config = with_free_name(config, config.run, ("metrics.jsonl", "model"))  # the second demo is demo-2
    if config.cluster.kind == "ray":
        from rl.runs.launch import train_on_ray

        train_on_ray(config)
    else:
        from rl.runs.run import train

        train(config)
    return config.folder


def resumed(config: Config, overrides: list[str]) -> Config:
    """The settings of the run that is gone on with, with this command line's dotted overrides.

    Raises UserError where there is no such run, and for a setting that cannot change any more.
    """
    return resume.resumed(config, parsed(overrides))


def after_sweep(jobs: dict[Path, dict[str, str]]) -> None:
    from rl.report.sweep import print_sweep

    print_sweep(jobs)


if __name__ == "__main__":
    run(main, after_sweep=after_sweep)
