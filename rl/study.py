"""``python -m rl.study recompute RUN advantage=...``: the advantages that a run's samples would have had.
``python -m rl.study mixtures RUN...``: what supervised runs over mixtures of languages came to.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError
from rich.console import Console, RenderableType

from rewards.scoring.plan import Plan
from rl.config.cli import CONF, one_line, parsed
from rl.config.load import load
from rl.config.rewards import reward_settings
from rl.config.schema import Advantage
from rl.errors import UserError
from rl.report.mixtures import FIGURES, accuracies, tables
from rl.report.reading import check_run
from rl.report.recompute import as_json, batches_of, study, study_table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rl.study", description=__doc__)
    kinds = parser.add_subparsers(required=True, metavar="{recompute,mixtures}")
    kind = kinds.add_parser("recompute", description=_recompute.__doc__)
    kind.add_argument("run", type=Path, metavar="RUN", help="a run's folder")
    kind.add_argument("settings", nargs="+", metavar="SETTING")
    kind.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    kind.set_defaults(shown=_recompute)
    kind = kinds.add_parser("mixtures", description=_mixtures.__doc__)
    kind.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folders of runs of python -m rl.sft")
    kind.add_argument(
        "--of", choices=list(FIGURES), default="joint", help="what counts (default: %(default)s)"
    )
    kind.set_defaults(shown=_mixtures)
    given = parser.parse_args()
    try:
        shown = given.shown(given)
    except (UserError, HydraException, OmegaConfBaseException) as error:
        print(one_line(error), file=sys.stderr)
        sys.exit(2)
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(shown)


def _recompute(given: argparse.Namespace) -> RenderableType:
    """The advantages that a run's samples would have had. SETTING is advantage=NAME (several: advantage=grpo,batch) or a
    single one such as advantage.scale=none, which comes on top; without a name, on top of the run's own."""
    check_run(given.run)
    config = load(yaml.safe_load((given.run / "config.yaml").read_text(encoding="utf-8")), here=False)
    variants = _variants(given.settings, config.advantage.model_dump())
    found = study(batches_of(given.run), Plan.from_config(reward_settings(config)), variants)
    if given.json:
        given.json.write_text(json.dumps(as_json(found, variants), indent=2) + "\n", encoding="utf-8")
    return study_table(found)


def _mixtures(given: argparse.Namespace) -> RenderableType:
    """Shares of held-out tasks by mixture of languages, win rates of bilingual mixtures, and what diversity brought. What
    counts is the outcome (calls alone), success (done, and told in any language) or both joint with language and customs."""
    return tables(accuracies(given.runs, given.of), given.of)


def _variants(words: Sequence[str], own: dict[str, Any]) -> dict[str, Advantage]:
    """The settings to try, by name. Raises UserError for a word that is none of the section ``advantage``."""
    for word in words:
        if not word.startswith(("advantage=", "advantage.")):
            raise UserError(
                f"{word} is not of the section advantage; write advantage=... or advantage.NAME=..."
            )
    names = [name for word in words if word.startswith("advantage=") for name in word[10:].split(",")]
    single = [word for word in words if word.startswith("advantage.")]
    suffix = " ".join(["", *(word.removeprefix("advantage.") for word in single)])
    bases = {name + suffix: _preset(name) for name in names} or {suffix.strip(): own}
    return {name: _with(base, parsed(single)) for name, base in bases.items()}


def _preset(name: str) -> dict[str, Any]:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = OmegaConf.to_container(compose("config", [f"advantage={name}", "model=tiny"]).advantage)
    assert isinstance(composed, dict)
    return {str(key): value for key, value in composed.items()}


def _with(base: dict[str, Any], single: dict[str, Any]) -> Advantage:
    merged = OmegaConf.create({"advantage": base})
    for name, value in single.items():
        OmegaConf.update(merged, name, value, force_add=True)
    assert isinstance(merged, DictConfig)
    try:
        return Advantage.model_validate(OmegaConf.to_container(merged.advantage))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(["advantage", *map(str, first["loc"])])
        raise UserError(f"{where}={first['input']!r} is wrong: {first['msg']}") from error


if __name__ == "__main__":
    main()
