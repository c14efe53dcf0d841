"""Language confusion (Marchisio et al. 2024, arXiv 2406.20052): line- and word-level pass rates of the replies."""

from collections.abc import Sequence
from typing import Any

from rewards.language.identifier import identifier
from rewards.metrics import language_confusion
from rewards.reply import final_reply
from rl.data.sources.confusion import setting_of
from rl.evaluation.funnel import Judged


def figures(samples: Sequence[Judged]) -> dict[str, Any]:
    """``{"monolingual": {"lpr", "wpr"}, "crosslingual": ...}``, None where nothing was left to judge."""
    found = {}
    for setting in sorted({setting_of(sample.task) for sample in samples}):
        own = [sample for sample in samples if setting_of(sample.task) == setting]
        rows = [(final_reply(s.task, s.trajectory), s.task.language.split("-")[0]) for s in own]
        found[setting] = language_confusion(rows, _identified)
    return found


def _identified(line: str) -> tuple[str | None, float]:
    likelihoods = identifier().likelihoods(line)
    best = max(likelihoods, key=lambda tag: likelihoods[tag], default=None)
    return best, likelihoods.get(best, 0.0) if best else 0.0
