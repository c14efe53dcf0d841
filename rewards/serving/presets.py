"""The rewards to be served: a shipped preset by its name, or a file like those of ``conf/reward``."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
# In a wheel conf/ lies beside the trainer, in the checkout and in the image at the top.
SHIPPED = (ROOT / "rl" if (ROOT / "rl" / "conf").is_dir() else ROOT) / "conf" / "reward"
SELF = "_self_"
GLOBAL = "# @package _global_"


def presets() -> list[str]:
    """The names of the shipped ones; none where ``conf`` is not there."""
    return sorted(file.stem for file in SHIPPED.glob("*.yaml"))


def configuration(named: str) -> dict[str, Any]:
    """What ``Rewards.from_config`` takes. Raises ``ValueError`` or ``OSError`` with a sentence."""
    file = Path(named)
    if not file.is_file() and named in presets():
        file = SHIPPED / f"{named}.yaml"
    elif not file.is_file():
        raise ValueError(f"{named} is no file and none of the presets, which are {', '.join(presets())}")
    cfg = _composed(file, ())
    if not isinstance(cfg.get("components"), dict):
        raise ValueError(f"{named} has no components; conf/reward/call_only.yaml shows how they are written")
    return cfg


def _composed(file: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    """The file over those that its ``defaults`` name: presets, or files beside it."""
    try:
        text = file.read_text("utf-8")
        read = yaml.safe_load(text)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{file} is not YAML: {error}") from error
    own = dict(read) if isinstance(read, dict) else {}
    parts = own.pop("defaults", [])
    if text.startswith(GLOBAL):
        own = own.get("reward", {})  # what else it sets is for training
    cfg: dict[str, Any] = {}
    for name in [*parts, *([] if SELF in parts else [SELF])]:
        cfg = _merged(cfg, own if name == SELF else _composed(_found(name, file, above), (*above, file)))
    return cfg


def _found(name: Any, file: Path, above: tuple[Path, ...]) -> Path:
    base = name.partition("@")[0] if isinstance(name, str) else ""  # behind it stands Hydra's place for it
    for folder in (file.parent, SHIPPED):
        found = folder / f"{base}.yaml"
        if base and found.is_file() and found not in (*above, file):
            return found
    raise ValueError(
        f"{file} builds on {name!r}, which is neither a preset nor beside it; write it out in full"
    )


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(below[key], above[key])
        for key in below.keys() & above.keys()
        if isinstance(below[key], dict) and isinstance(above[key], dict)
    }
    return below | above | both
