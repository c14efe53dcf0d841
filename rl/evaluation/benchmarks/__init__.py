"""The field's benchmarks: of the samples of a source, the figures that its authors report.

A benchmark is one function from the samples of a language to figures: shares with their interval
(``rl.evaluation.funnel.rate``), plain numbers, or such by name. Masked samples do not come here.
"""

from collections.abc import Callable, Sequence
from typing import Any

from rl.evaluation.benchmarks import bfcl, confusion, itc, matched, mgsm, sealtools, xsid
from rl.evaluation.funnel import Judged

BENCHMARKS: dict[str, Callable[[Sequence[Judged]], dict[str, Any]]] = {
    "bfcl": bfcl.figures,
    "massive": matched.ast_accuracy,
    "mapicall": matched.exact,
    "itc": itc.figures,
    "sealtools": sealtools.figures,
    "xsid": xsid.figures,
    "confusion": confusion.figures,
    "mgsm": mgsm.figures,
}


def benchmarks(samples: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """``{source: {language: figures}}`` of the sources that have a benchmark."""
    known = [sample for sample in samples if sample.score.reward is not None]
    found: dict[str, dict[str, Any]] = {}
    for source in sorted({sample.task.source for sample in known} & BENCHMARKS.keys()):
        own = [sample for sample in known if sample.task.source == source]
        found[source] = {
            language: BENCHMARKS[source]([s for s in own if s.task.language == language])
            for language in sorted({sample.task.language for sample in own})
        }
    return found
