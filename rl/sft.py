"""``python -m rl.sft``: supervised steps on gold trajectories. Its model is where GRPO starts:
``python -m rl.train model=outputs/<run>/model``. ``--help`` lists the settings.
"""

from pathlib import Path

from rl.config.cli import run
from rl.config.load import with_free_name
from rl.config.schema import Config


def main(config: Config) -> Path:
    """Train; the run's folder, which is a new one: the second ``start`` is ``start-2``."""
    from rl.runs.sft import sft

    config = with_free_name(config, config.run, ("config.yaml",))
    sft(config)
    return config.folder


def after_sweep(jobs: dict[Path, dict[str, str]]) -> None:
    from rl.report.sweep import print_sweep

    print_sweep(jobs)


if __name__ == "__main__":
    run(main, after_sweep=after_sweep, resumes=False)
