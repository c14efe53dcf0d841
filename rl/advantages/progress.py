"""How well each language does, smoothed over steps: what weights and curricula of languages go by.

``m ← smoothing · m + (1 − smoothing) · mean of the step``. A language's first step is its first mean. With
``smoothing`` of 0 the level is the batch's own mean. A checkpoint keeps the means of the batches that were learned
from: one that a run ends in is sampled again, and taken in then.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from rl.advantages.batch import GatheredBatch

FILE = "progress.json"


class Progress:
    """Mean rewards by language; None for one that was not seen yet."""

    def __init__(self, languages: Sequence[str], smoothing: float = 0.0) -> None:
        self.smoothing = smoothing
        self.means: dict[str, float | None] = dict.fromkeys(languages)
        self.learned = dict(self.means)

    def after(self, batch: GatheredBatch) -> GatheredBatch:
        """Take the batch in; the batch with the ``level`` of each sample's language."""
        for index, language in enumerate(self.means):
            own = batch.rewards[(batch.language == index) & ~batch.rewards.isnan()]
            if len(own):
                self._take(language, own.double().mean().item())
        known = [0.0 if mean is None else mean for mean in self.means.values()]
        level: Tensor = batch.rewards.new_tensor(known)[batch.language]
        return replace(batch, level=level)

    def _take(self, language: str, mean: float) -> None:
        before = self.means[language]
        keep = self.smoothing if before is not None else 0.0
        self.means[language] = keep * (before or 0.0) + (1 - keep) * mean

    def has_learned(self) -> None:
        """The policy has, from all batches that were taken in."""
        self.learned = dict(self.means)

    def save(self, folder: Path) -> None:
        """Beside a checkpoint."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(self.learned), encoding="utf-8")

    def read(self, folder: Path) -> None:
        """What ``save`` kept; nothing changes where there is none."""
        if (folder / FILE).is_file():
            self.means |= json.loads((folder / FILE).read_text(encoding="utf-8"))
            self.has_learned()
