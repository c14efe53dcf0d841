"""Seal-Tools (arXiv 2405.08355): format, and precision, recall and F1 of tools and parameters, micro counts."""

from collections.abc import Sequence
from typing import Any

from rewards.metrics import tool_metrics
from rl.evaluation.funnel import Judged
from sandbox.types import ToolCall


def figures(samples: Sequence[Judged]) -> dict[str, Any]:
    """Over all samples, and by the number of calls that are due (``single``, ``multiple``)."""
    single = [sample for sample in samples if len(sample.task.expected.calls) < 2]
    several = [sample for sample in samples if len(sample.task.expected.calls) > 1]
    parts = {"all": samples, "single": single, "multiple": several}
    return {name: tool_metrics(map(_pair, own), rules="sealtools") for name, own in parts.items() if own}


def _pair(sample: Judged) -> tuple[list[ToolCall] | None, list[ToolCall]]:
    made = sample.trajectory.calls
    unread = bool(made) and all(call.error is not None for call in made)
    wanted = [
        ToolCall(str(i), call["name"], {name: values[0] for name, values in call["arguments"].items()})
        for i, call in enumerate(sample.task.expected.calls)
    ]
    return None if unread or not made else made, wanted
