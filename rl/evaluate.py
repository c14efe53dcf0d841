"""``python -m rl.evaluate model=...``: what a model can do in each language, on held-out tasks.

The model of a run (its folder, its ``model/`` or a checkpoint) is evaluated with that run's own settings; what the
command line sets comes on top.
"""

from dataclasses import replace
from pathlib import Path

from hydra.core.hydra_config import HydraConfig

from rl.config.cli import parsed, run
from rl.config.schema import Config
from rl.evaluation.settings import claimed, of_the_run


def main(config: Config) -> Path:
    """Evaluate; the folder of what it found."""
    from rl.report.live import console, evaluation_table, say
    from rl.report.run_folder import RunFolder
    from rl.report.trackers import keep_in_folder
    from rl.runs.prepare import prepared, with_model
    from rl.runs.run import evaluate_shown
    from rl.runs.services import open_collector

    config = of_the_run(config, parsed(HydraConfig.get().overrides.task))
    ready = with_model(prepared(config, test_split=config.evaluate.split, training=False))
    config = claimed(config)
    ready = replace(ready, config=config)
    decode = ready.tokenizer.decode if ready.tokenizer else None  # an endpoint tells no tokens
    folder = RunFolder(config.folder, decode, config.report.tokens)
    folder.config(config)
    keep_in_folder(config)
    with open_collector(config, ready.model_path, ready.rewards, ready.new_tokens) as collect:
        results = evaluate_shown(ready, collect, "evaluation", folder)
    console.print(evaluation_table(results["languages"]))
    say(f"Written to {folder.path}: evaluation.md, .csv and .json")
    return folder.path


def after_sweep(jobs: dict[Path, dict[str, str]]) -> None:
    from rl.report.sweep import print_sweep

    print_sweep(jobs)


if __name__ == "__main__":
    run(main, after_sweep=after_sweep, resumes=False)
