"""What a reply is graded by: criteria by domain (``rubrics/``) and what natives expect (``cultures/``)."""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rewards.judge.document import visible
from rewards.types import Task

HOME = Path(__file__).parent
SCALE = (0, 0.25, 0.5, 0.75, 1)
GENERAL = "general"
# No quotes, so that every grammar can hold it; and xgrammar 0.2.7 (vLLM 0.31) fails on repetitions above 128.
REASON = r'^[^"\\\x00-\x1f]{0,120}$'


@dataclass(frozen=True)
class Criterion:
    """``question`` is put to the judge; ``weight`` is relative to the other criteria's."""

    name: str
    question: str
    weight: float


@dataclass(frozen=True)
class Rubric:
    """The criteria of one domain, and sentences on what a reader of the locale expects."""

    domain: str
    locale: str
    criteria: tuple[Criterion, ...]
    expects: tuple[str, ...]

    @property
    def schema(self) -> dict[str, Any]:
        """The answer: for each criterion first the reason, then the score that follows from it."""
        grade = {
            "type": "object",
            "properties": {"reason": {"type": "string", "pattern": REASON}, "score": {"enum": list(SCALE)}},
            "required": ["reason", "score"],
            "additionalProperties": False,
        }
        names = [criterion.name for criterion in self.criteria]
        return {
            "type": "object",
            "properties": dict.fromkeys(names, grade),
            "required": names,
            "additionalProperties": False,
        }

    def read(self, answer: Any) -> "Grade":
        """The grade in an answer. Raises ValueError for one that is not within the schema; any score in
        0..1 is taken, since not every server can hold a model to the scale."""
        names = [criterion.name for criterion in self.criteria]
        if not isinstance(answer, dict) or set(answer) != set(names):
            raise ValueError("other criteria than asked for")
        scores = {name: _score(answer[name]) for name in names}
        total = sum(criterion.weight for criterion in self.criteria)
        value = sum(scores[c.name] * c.weight for c in self.criteria) / total
        reasons = {name: visible(str(answer[name].get("reason", "")))[:200] for name in names}
        return Grade(min(1.0, value), scores, reasons)


@dataclass(frozen=True)
class Grade:
    """``value`` is the weighted mean of ``scores``, all in 0..1; ``reasons`` are the judge's."""

    value: float
    scores: dict[str, float]
    reasons: dict[str, str]


def _score(part: Any) -> float:
    score = part.get("score") if isinstance(part, dict) else None
    if (
        isinstance(score, bool)
        or not isinstance(score, int | float)
        or not 0 <= score <= 1
        or math.isnan(score)
    ):
        raise ValueError("a score is no number in 0..1")
    return float(score)


def rubric(task: Task) -> Rubric:
    """The rubric of the domain whose tools the task needs (else the general one), for its locale."""
    needed = {call["name"] for call in task.expected.calls}
    domain = next((name for name, tools in _domains().items() if needed and needed <= tools), GENERAL)
    return _rubric(domain, task.locale)


@lru_cache(maxsize=1)
def _domains() -> dict[str, frozenset[str]]:
    return {
        path.stem: frozenset(_read(path).get("tools", ()))
        for path in sorted((HOME / "rubrics").glob("*.yaml"))
    }


@lru_cache(maxsize=1024)
def _rubric(domain: str, locale: str) -> Rubric:
    """The domain's criteria beside the general ones, which it may replace."""
    criteria = _read(HOME / "rubrics" / f"{GENERAL}.yaml")["criteria"]
    criteria |= _read(HOME / "rubrics" / f"{domain}.yaml")["criteria"]
    made = tuple(Criterion(name, c["question"], c["weight"]) for name, c in criteria.items())
    return Rubric(domain, locale, made, _expects(locale))


def _expects(locale: str) -> tuple[str, ...]:
    """The language's and the locale's files; an odd tag names no file."""
    names = [n for n in dict.fromkeys((locale.split("-")[0], locale)) if n.replace("-", "").isalnum()]
    paths = [path for name in names if (path := HOME / "cultures" / f"{name}.yaml").is_file()]
    return tuple(line for path in paths for line in _read(path)["expects"])


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded
