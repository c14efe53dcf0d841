"""Scored samples as rows: what the logs, the tables and the files are made of."""

from dataclasses import dataclass, field
from typing import Any

from rewards.types import ExpectedCall, Fact
from rl.pipeline.collector import Job, Sample


@dataclass(frozen=True)
class Row:
    """One scored sample. ``length`` counts the tokens that the policy chose; ``token_ids``, ``sampled`` and
    ``logprobs`` are the trajectory's. ``rl.report.rollouts.COLUMNS`` says what each field is."""

    step: int
    task_id: str
    language: str
    request: str
    seed: int
    reward: float | None
    parts: dict[str, float | None]
    notes: dict[str, str]
    advantage: float
    length: int
    policy_version: int
    stop: str
    messages: list[dict[str, Any]]
    lowest_version: int
    parallel_id: str
    locale: str
    tools: list[str]
    expected_calls: list[ExpectedCall]
    facts: list[Fact]
    statuses: list[str]
    token_ids: list[int]
    sampled: list[bool]
    logprobs: list[float]
    steps: dict[str, bool | None] = field(default_factory=dict)  # of an evaluation: rl.evaluation.funnel


@dataclass
class GenerationBatch:
    """The samples that all ranks took together, before update ``step``. ``seconds`` is the main rank's; ``figures``
    are what the loop and the loss know beside the rows, by their metrics' names."""

    step: int
    rows: list[Row]
    seconds: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)


def as_row(job: Job, sample: Sample, advantage: float) -> Row:
    task, trajectory, score = job.task, sample.trajectory, sample.score
    lowest = trajectory.lowest_version
    return Row(
        step=job.step,
        task_id=task.id,
        language=task.language,
        request=task.messages[-1]["content"],
        seed=job.seed,
        reward=score.reward,
        parts=score.parts,
        notes=score.notes,
        advantage=advantage,
        length=sum(trajectory.sampled),
        policy_version=trajectory.policy_version,
        stop=trajectory.stop,
        messages=trajectory.messages,
        lowest_version=trajectory.policy_version if lowest is None else lowest,
        parallel_id=task.parallel_id,
        locale=task.locale,
        tools=[tool.name for tool in task.tools],
        expected_calls=task.expected.calls,
        facts=task.expected.facts,
        statuses=[result.status for result in trajectory.results],
        token_ids=trajectory.token_ids,
        sampled=trajectory.sampled,
        logprobs=trajectory.logprobs,
    )
