"""A run's memory, told at its start, and refused where it cannot be had."""

from typing import Any

from rl.config.schema import Config
from rl.errors import UserError
from rl.hardware.plan import Memory, memory, sizes
from rl.runs.model import described_model
from rl.runs.preflight import check_one_device

LANGUAGES = 8  # where the data says which, and it is not read


def planned(config: Config) -> Memory:
    """From the settings and the model's config alone. Raises UserError where it might not fit."""
    check_one_device(config)
    described = described_model(config, config.model.tiny.vocab_size)
    found = checked(config, described, len(config.data.languages or ()) or LANGUAGES)
    if not found.fits:
        raise _too_little(config, found, "may not fit, where conversations are long")
    return found


def checked(config: Config, described: Any, languages: int) -> Memory:
    """What the devices need. Raises UserError where it is more than they have, however short conversations are."""
    found = memory(config, sizes(config, described), languages)
    if not found.may_fit:
        raise _too_little(config, found, "does not fit")
    return found


def told(found: Memory) -> str:
    """The line at a run's start."""
    if found.fits:
        return str(found)
    return f"{found} Where a pass's conversations are all at their longest, that is too much: set {_any_of(found)}."


def _too_little(config: Config, found: Memory, how: str) -> UserError:
    text = str(found)
    return UserError(f"{config.model.path} {how}: {text[0].lower()}{text[1:]} Set {_any_of(found)}.")


def _any_of(found: Memory) -> str:
    return ", or ".join(found.mends)
