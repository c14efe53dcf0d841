"""An LLM judge behind an OpenAI-compatible URL: how well a reply serves a reader of its user's culture.

What the model wrote goes to the judge as data, never as words addressed to it, and the answer is a grade by
criterion within a JSON schema, or an error of ours.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from rewards.judge.agreement import Correlation
from rewards.judge.client import Allowance, Client, JudgeError, Messages, Spent
from rewards.judge.document import document, graded_reply
from rewards.judge.panel import Ruling, alone, debate, jury
from rewards.judge.rubric import Grade, Rubric, rubric
from rewards.judge.store import open_store
from rewards.types import Score, Task, Trajectory

__all__ = ["Judge", "JudgeError", "Kind"]

log = logging.getLogger(__name__)
Kind = Literal["openai", "jury", "debate"]
PANELS = {"openai": alone, "jury": jury, "debate": debate}
TURNS = {"openai": 1, "jury": 1, "debate": 3}  # one after another, at most
SIDE_BY_SIDE = {"openai": 1, "debate": 2}  # questions of a turn; of a jury, one a model
QUEUE = 600.0  # seconds that a grade may wait for its turn where requests_per_minute is set
LOG_EVERY = 200  # grades


class Judge:
    """A reward: the judges' grade of the final reply, in 0..1, with each criterion's score and reason.

    Args:
        base_url: ends before ``/chat/completions``.
        model: who judges alone, or gives a debate's verdict.
        models: the jury, or the two who debate.
        kind: "openai" (one model), "jury" (the median of several) or "debate" (two, and a verdict).
        api_key_env: the environment variable that holds the key ("": no key).
        timeout, retries, backoff, connections, requests_per_minute, price, budget: see ``client.Allowance``.
        when_spent: what a part is worth once the budget is spent: "abstain" (the other parts share its
            weight) or "mask" (the sample is masked).
        cache: an SQLite file of answers and of what was spent, shared by all processes (None: in memory).
        run: whose budget it is.

    No reply is worth 0.0, and costs no request; so is one that holds nothing but orders to a grader. Calls
    raise :class:`JudgeError`. ``at_once`` is how many grades the connections are enough for, ``time_limit`` what
    each of those takes at most, in seconds. Raises ValueError for settings that cannot work.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        models: Sequence[str] = (),
        kind: Kind = "openai",
        api_key_env: str | None = "OPENAI_API_KEY",
        timeout: float = Allowance.timeout,
        retries: int = Allowance.retries,
        backoff: float = Allowance.backoff,
        connections: int = Allowance.connections,
        requests_per_minute: float | None = Allowance.requests_per_minute,
        price: Sequence[float] = Allowance.price,
        budget: float | None = Allowance.budget,
        when_spent: Literal["abstain", "mask"] = "abstain",
        cache: str | None = None,
        run: str = "",
    ) -> None:
        allowance = Allowance(
            timeout, retries, backoff, connections, requests_per_minute, (price[0], price[1]), budget
        )
        self.panel, self.models = PANELS[kind], _panel(kind, model, list(models))
        self.when_spent, self.said_spent = when_spent, False
        self.client = Client(base_url, api_key_env, allowance, open_store(cache, run))
        width = SIDE_BY_SIDE.get(kind, len(self.models))
        self.at_once = max(1, connections // width)
        rounds = TURNS[kind] * math.ceil(width / connections)
        self.time_limit = allowance.longest() * rounds + (QUEUE if requests_per_minute else 0.0)
        self.graded = self.cut = 0
        self.disagreement: list[float] = []
        self.lengths = Correlation()

    async def __call__(self, task: Task, trajectory: Trajectory) -> Score:
        reply = graded_reply(task, trajectory)
        if not any(c.isalnum() for c in reply):
            return Score(0.0, {}, {"reply": "there is none"})
        shown, by = document(task, trajectory), rubric(task)
        try:
            ruling = await self.panel(self._ask, self.models, by, shown.text)
        except Spent as spent:
            return self._broke(spent)
        self._count(ruling, reply, len(shown.cut))
        return Score(ruling.grade.value, self._figures(ruling), _notes(ruling, by, shown.cut))

    async def _ask(self, model: str, messages: Messages, by: Rubric) -> Grade:
        return await self.client.ask(model, messages, by.schema, by.read)

    def _figures(self, ruling: Ruling) -> dict[str, float | None]:
        """For a run's logs: each criterion, how far the judges disagreed, what the run has spent so far."""
        own = {"disagreement": ruling.disagreement, "spent": self.client.store.cost()}
        return {**ruling.grade.scores, **own}

    def _broke(self, spent: Spent) -> Score:
        if not self.said_spent:
            self.said_spent = True
            log.warning("%s; from here on the part %ss", spent, self.when_spent)
        if self.when_spent == "mask":
            raise JudgeError(str(spent))
        return Score(None, {}, {"budget": str(spent)})

    def _count(self, ruling: Ruling, reply: str, cut: int) -> None:
        self.graded += 1
        self.cut += cut
        self.lengths.add(math.log(len(reply)), ruling.grade.value)
        if ruling.disagreement is not None:
            self.disagreement.append(ruling.disagreement)
        if self.graded % LOG_EVERY == 0:
            log.info("judge: %s", self.stats())

    def stats(self) -> dict[str, Any]:
        """What this process asked and got: ``graded`` replies, the client's counts, the run's ``cost`` so
        far (over all processes), mean ``disagreement`` and the share of grades that were not unanimous,
        ``orders_cut``, and ``length_correlation``, Pearson's r of a grade with the log of its reply's
        length: far above 0, the judge may be paying for length."""
        spreads = self.disagreement
        return {
            "graded": self.graded,
            **asdict(self.client.counts),
            "cost": self.client.store.cost(),
            "disagreement": sum(spreads) / len(spreads) if spreads else None,
            "disagreed": sum(s > 0 for s in spreads) / len(spreads) if spreads else None,
            "orders_cut": self.cut,
            "length_correlation": self.lengths.value,
        }


def _panel(kind: str, model: str | None, models: list[str]) -> list[str]:
    """Who is asked, in the order that the panel wants."""
    if kind == "openai":
        if not model:
            raise ValueError("One judge needs model: the name that its server knows it by.")
        return [model]
    if kind == "jury" and len(set(models)) < 2:
        raise ValueError("A jury needs models: two or more of them, better three.")
    if kind == "debate" and len(models) != 2:
        raise ValueError("A debate needs models: two of them; model, a third one, gives the verdict.")
    return [*models, model] if kind == "debate" and model else models


def _notes(ruling: Ruling, by: Rubric, cut: list[str]) -> dict[str, str]:
    grade = ruling.grade
    notes = {name: f"{score:g}: {grade.reasons[name]}" for name, score in grade.scores.items()}
    notes["domain"] = by.domain
    if ruling.disagreement is not None:
        notes["disagreement"] = f"{ruling.disagreement:.2f}"
    if cut:
        notes["orders"] = f"{len(cut)} sentences to a grader were cut: {cut[0][:100]!r}"
    return notes
