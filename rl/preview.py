"""``python -m rl.preview data=... model=...``: one prompt a language with its tokens, and a right answer with its score.

Takes the settings of ``python -m rl.train``; nothing is trained, and no weights are loaded.
"""

from pathlib import Path

from rl.config.cli import run
from rl.config.schema import Config


def main(config: Config) -> Path:
    """Show it; the folder that the run would have."""
    from rich.console import Console

    from rl.data import from_config
    from rl.report.preview import previews, shown
    from rl.rollout.chat import chat_of
    from rl.runs.model import load_tokenizer
    from rl.runs.services import configured_rewards
    from rl.tiny.warm_start import tiny_tokenizer

    rewards = configured_rewards(config)
    tasks = from_config(config.data, config.data.split, config.sandbox)
    tiny = config.model.path == "tiny"
    tokenizer = tiny_tokenizer(config, tasks) if tiny else load_tokenizer(config.model)
    chat = chat_of(tokenizer, config.model)
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(shown(previews(tasks, chat, rewards)))
    return config.folder


if __name__ == "__main__":
    run(main, resumes=False)
