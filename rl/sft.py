"""``python -m rl.sft``: supervised steps on gold trajectories. Its model is where GRPO starts:
``python -m rl.train model=outputs/<run>/model``. ``--help`` lists the settings.
"""

from pathlib import Path

from rl.config.cli import run
from rl.config.load import Config


def main(config: Config) -> Path:
    """Train; the run's folder, which is a new one: the second ``start`` is ``start-2``."""
    from rl.runs.sft import sft

    names = [config.run, *(f"{config.run}-{n}" for n in range(2, 10_000))]
    free = next(name for name in names if not (Path(config.output_dir) / name / "config.yaml").exists())
    config = config.model_copy(update={"run": free})
    sft(config)
    return config.folder


def after_sweep(jobs: dict[Path, dict[str, str]]) -> None:
    from rl.report.sweep import print_sweep

    print_sweep(jobs)


if __name__ == "__main__":
    run(main, after_sweep=after_sweep, resumes=False)
