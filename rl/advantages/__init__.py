"""Advantages over explicit groups. An estimator is one function in a file of its own, named here in one line.

It takes the gathered batch and the settings, and gives advantages of shape [N], or [N, T] for each token.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from typing import Any

from torch import Tensor

from rl.advantages.baselines import shrunk_baseline
from rl.advantages.batch import GatheredBatch
from rl.advantages.entropy import entropy
from rl.advantages.floored import floored
from rl.advantages.gdpo import gdpo, normalize_then_sum
from rl.advantages.grouped import advantages, grouped
from rl.advantages.kl import kl, kl_by_language
from rl.advantages.macro import macro
from rl.advantages.progress import Progress
from rl.advantages.rlmr import rlmr
from rl.advantages.shares import shares
from rl.advantages.turns import turns
from rl.advantages.weights import language_weights
from rl.config.schema import Advantage
from rl.errors import ConfigError, hint

__all__ = [
    "ESTIMATORS",
    "GatheredBatch",
    "Progress",
    "advantages",
    "estimate",
    "estimator",
    "kl_by_language",
    "language_weights",
    "normalize_then_sum",
    "shrunk_baseline",
]

ESTIMATORS: dict[str, Callable[..., Tensor]] = {
    "grouped": grouped,
    "gdpo": gdpo,
    "floored": floored,
    "shares": shares,
    "turns": turns,
    "macro": macro,
    "rlmr": rlmr,
    "entropy": entropy,
    "kl": kl,
}


def estimate(batch: GatheredBatch, settings: Advantage) -> Tensor:
    """What the estimator of the settings makes of the batch, shape [N] or [N, T].

    Raises ConfigError where it is anything else: a trainer would broadcast a wrong shape without a word.
    """
    found = estimator(settings.estimator, settings.options)(batch, settings, **settings.options)
    if not isinstance(found, Tensor):
        raise ConfigError(
            f"advantage.estimator={settings.estimator} gave a {type(found).__name__}; it must give a tensor"
        )
    samples, tokens = batch.turns.shape
    if tuple(found.shape) not in ((samples,), (samples, tokens)):
        raise ConfigError(
            f"advantage.estimator={settings.estimator} gave advantages of shape {list(found.shape)}; it must be "
            f"[{samples}], one a sample, or [{samples}, {tokens}], one a token"
        )
    if not found.isfinite().all():
        raise ConfigError(
            f"advantage.estimator={settings.estimator} gave advantages that are not finite; a masked sample, "
            "whose reward is NaN, must get 0"
        )
    return found


def estimator(name: str, options: Mapping[str, Any]) -> Callable[..., Tensor]:
    """The estimator of that name, or at that dotted path (``my_estimators.mine``), which takes those options.

    Raises ConfigError.
    """
    found = ESTIMATORS[name] if name in ESTIMATORS else _imported(name)
    try:
        signature(found).bind("batch", "settings", **options)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"advantage.estimator={name} cannot be called with advantage.options ({error})"
        ) from None
    return found


def _imported(name: str) -> Callable[..., Tensor]:
    module, _, attribute = name.rpartition(".")
    try:
        found: Any = getattr(import_module(module), attribute) if module else None
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"advantage.estimator={name} cannot be imported ({error})") from error
    if not callable(found):
        known = ", ".join(ESTIMATORS)
        raise ConfigError(
            f"advantage.estimator={name} is no estimator{hint(name, ESTIMATORS)}; there are {known}, or give the "
            "dotted path of a function of your own"
        )
    function: Callable[..., Tensor] = found
    return function
