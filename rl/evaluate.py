"""``python -m rl.evaluate model=... data=...``: held-out rewards per language and part."""

import json

from rl.cli import run
from rl.config import Config


def main(config: Config) -> None:
    from rl.checks import check_sandbox
    from rl.data import from_config
    from rl.evaluation import held_out
    from rl.report.files import RunFolder
    from rl.report.live import console, evaluation_table
    from rl.run import evaluate_shown, policy_path
    from rl.services import check_parts, configured_rewards, open_collector

    check_parts(config)
    rewards = configured_rewards(config)
    tests = held_out(
        from_config(config.data, config.evaluate.split, config.sandbox), config.evaluate.tasks_per_language
    )
    check_sandbox(config, tests)
    train = from_config(config.data, config.data.split, config.sandbox) if config.model.path == "tiny" else []
    model_path, _ = policy_path(config, train)
    config = config.model_copy(update={"run": f"evaluation-{config.run}"})
    folder = RunFolder(config.folder)
    folder.config(config)
    with open_collector(config, model_path, rewards) as collect:
        results = evaluate_shown(config, collect, tests, "evaluation", folder)
    path = folder.path / "evaluation.json"
    path.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    console.print(evaluation_table(results), f"Written to {path}")


if __name__ == "__main__":
    run(main)
