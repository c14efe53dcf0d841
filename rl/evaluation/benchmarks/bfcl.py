"""The Berkeley Function Calling Leaderboard by category, and beside our match its official checker.

The checker is that of the package ``bfcl-eval`` (Patil et al. 2025; Apache-2.0), where it is installed. It imports a
table of all models of the leaderboard with their vendors' libraries, only to ask whether a model writes ``_`` for
``.``: a table of two stands in for that one module.
"""

import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from statistics import fmean
from types import ModuleType, SimpleNamespace
from typing import Any

from rl.data.rows import rows
from rl.data.sources import bfcl
from rl.evaluation.benchmarks.matched import matches
from rl.evaluation.funnel import Judged, rate

NUMBERED = re.compile(r"_\d[\d-]*$")
UNDERSCORES, DOTS = "underscores", "dots"  # the two models of our table


def figures(samples: Sequence[Judged]) -> dict[str, Any]:
    """``{category: {"ast_accuracy": share, "official": share}}`` and ``overall``, the mean over categories.

    ``official`` is there where the checker is, for categories that it judges by syntax trees.
    """
    found: dict[str, Any] = {}
    for category in sorted({category_of(sample.task.id) for sample in samples}):
        own = [sample for sample in samples if category_of(sample.task.id) == category]
        found[category] = {"ast_accuracy": rate(matches(own))}
        official = [(sample, verdict) for sample in own if (verdict := judge(sample)) is not None]
        if official:
            found[category]["official"] = rate(official)
    shares = [one["ast_accuracy"]["rate"] for one in found.values()]
    return found | {"overall": fmean(shares)} if shares else found


def category_of(id: str) -> str:
    """``live_simple`` of ``live_simple_12-3-0``."""
    return NUMBERED.sub("", id)


def judge(sample: Judged) -> bool | None:
    """The official checker's verdict; None where it is not installed or has no such question or syntax tree."""
    checker = official_checker()
    asked = _published().get(sample.task.id) if checker else None
    if checker is None or asked is None:
        return None
    functions, answers = asked
    shown = {_plain(tool.name) for tool in sample.task.tools}
    if not shown.issuperset(_plain(function["name"]) for function in functions):
        return None  # another edition's question has this id
    made = sample.trajectory.calls
    if any(call.error is not None or call.name is None for call in made):
        return False  # what cannot be decoded
    calls = [{call.name: call.arguments or {}} for call in made]
    dotted = any("." in function["name"] for function in functions)
    model = UNDERSCORES if dotted and not any("." in t.name for t in sample.task.tools) else DOTS
    return bool(checker(functions, calls, answers, category_of(sample.task.id), model)["valid"])


def _plain(name: str) -> str:
    return name.replace(".", "_")


@cache
def official_checker() -> Callable[..., dict[str, Any]] | None:
    """``(functions, calls, answers, category, model) -> {"valid": ...}``; None where bfcl-eval is not installed."""
    if find_spec("bfcl_eval") is None:
        return None
    table = ModuleType("bfcl_eval.constants.model_config")
    models = {name: SimpleNamespace(underscore_to_dot=name == UNDERSCORES) for name in (UNDERSCORES, DOTS)}
    vars(table)["MODEL_CONFIG_MAPPING"] = models
    sys.modules.setdefault(table.__name__, table)
    from bfcl_eval.constants.enums import Language
    from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker

    def checker(functions: Any, calls: Any, answers: Any, category: str, model: str) -> dict[str, Any]:
        verdict: dict[str, Any] = ast_checker(functions, calls, answers, Language.PYTHON, category, model)
        return verdict

    return checker


@cache
def _published() -> dict[str, tuple[list[Any], list[Any]]]:
    """Functions and answers of the package's own questions, by id."""
    folder = bfcl.installed()
    found = bfcl.question_files(folder, None)
    answers = bfcl.answers_of(folder, [category for category, _ in found])
    questions = [row.value for _, file in found for row in rows(file)]
    return {row["id"]: (row["function"], answers[row["id"]]) for row in questions if row["id"] in answers}
