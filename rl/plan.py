"""``python -m rl.plan``: the memory that a run's devices need, and what to change where it does not fit.

It takes the settings of ``rl.train``; nothing is started and no weights are loaded. ``cluster.device_gb=80`` asks for
devices that this machine does not have.
"""

from pathlib import Path

from rl.config.cli import run
from rl.config.schema import Config


def main(config: Config) -> Path:
    """Print the plan. Raises UserError where it does not fit."""
    from rl.runs.plan import planned

    print(planned(config))
    return config.folder


if __name__ == "__main__":
    run(main, here=False, resumes=False)
