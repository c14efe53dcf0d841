"""One rank's samples, and the batch of all ranks' that advantages are formed over."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from rewards.scoring.plan import Plan
from rewards.types import Task
from rl.advantages import GatheredBatch
from rl.advantages.batch import NOT_OURS
from rl.pipeline.collector import Job, Sample
from rl.training.spans import TokenKinds, runs, turn_outcomes


class GroupIds:
    """Numbers for the tasks' groups, alike on every rank."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.languages = sorted({task.language for task in tasks})
        self._language = {language: i for i, language in enumerate(self.languages)}
        self._parallel = {name: i for i, name in enumerate(sorted({task.parallel_id for task in tasks}))}
        self.tasks = tasks
        self._index = {id(task): i for i, task in enumerate(tasks)}

    def index(self, task: Task) -> int:
        """Where it stands among the tasks, of which it must be one itself."""
        return self._index[id(task)]

    def of(self, index: int) -> list[int]:
        """Ids of the prompt, the language and the parallel task of the task at that index."""
        task = self.tasks[index]
        return [index, self._language[task.language], self._parallel[task.parallel_id]]


def gathered(
    accelerator: Any,
    rewards: Tensor,
    groups: Sequence[Sequence[int]],
    jobs: Sequence[Job],
    samples: Sequence[Sample],
    plan: Plan,
    kinds: TokenKinds,
    languages: Sequence[str],
    reference: Tensor | None = None,
) -> GatheredBatch:
    """The batch of all ranks, on the CPU. ``rewards`` [N] are gathered already; the rest is this rank's n."""

    def gather(values: Tensor) -> Tensor:
        every: Tensor = accelerator.gather(values.to(accelerator.device))
        return every.cpu()

    prompt, language, task = gather(torch.tensor(groups)).unbind(1)
    parts = torch.tensor([_parts(job, sample, plan) for job, sample in zip(jobs, samples, strict=True)])
    values, shares = gather(parts).unbind(1)

    def gather_rows(values: Tensor, filling: float) -> Tensor:
        values = values.to(accelerator.device)
        return gather(accelerator.pad_across_processes(values, dim=1, pad_index=filling))

    trajectories = [sample.trajectory for sample in samples]
    outcomes = [turn_outcomes(job.task, t) for job, t in zip(jobs, trajectories, strict=True)]
    turns = gather_rows(turns_of(samples), NOT_OURS)
    if reference is not None:
        reference = gather_rows(reference, 0.0)[:, : turns.shape[1]]
    return GatheredBatch(
        rewards.cpu(),
        values,
        shares,
        prompt,
        language,
        task,
        turns,
        tuple(plan.places),
        tuple(languages),
        outcomes=gather_rows(_padded(outcomes, math.nan), math.nan),
        kinds=gather_rows(
            _padded([kinds.of(t.token_ids, t.sampled) for t in trajectories], NOT_OURS), NOT_OURS
        ),
        logprobs=gather_rows(_padded([t.logprobs for t in trajectories], 0.0), 0.0),
        reference=reference,
    )


def _padded(rows: Sequence[Sequence[float]], filling: float) -> Tensor:
    """Shape [n, longest]; at least one wide, so that ranks can pad to each other's."""
    width = max(1, *(len(row) for row in rows))
    kind = torch.long if isinstance(filling, int) else torch.float32
    return torch.tensor([[*row, *[filling] * (width - len(row))] for row in rows], dtype=kind)


def _parts(job: Job, sample: Sample, plan: Plan) -> tuple[list[float], list[float]]:
    """The parts' values (NaN: none) and their weights."""
    weights = plan.weights(job.task.language, job.step)
    values = (sample.score.parts.get(name) for name in weights)
    return [math.nan if value is None else value for value in values], list(weights.values())


def turns_of(samples: Sequence[Sample]) -> Tensor:
    """The turn in which the policy chose each token, shape [n, T]; -1 where it chose none."""
    rows = []
    for sample in samples:
        row = [NOT_OURS] * len(sample.trajectory.sampled)
        for turn, (start, end) in enumerate(runs(sample.trajectory.sampled)):
            row[start:end] = [turn] * (end - start)
        rows.append(row)
    return _padded(rows, NOT_OURS)


def own_share(advantages: Tensor, rank: int, like: dict[str, Any]) -> Tensor:
    """This rank's rows of advantages [N] or [N, T], cut or filled up to the width of its completions."""
    rows, width = like["completion_ids"].shape
    own = advantages[rank * rows : (rank + 1) * rows]
    if own.dim() == 2:
        own = torch.nn.functional.pad(own[:, :width], (0, max(0, width - own.shape[1])))
    return own.to(like["advantages"])
