"""The generation batches of a run: which prompts, under which seeds, and their samples, which one rank takes for all."""

from collections import Counter
from collections.abc import Sequence

from rewards.types import Task
from rl.advantages import Progress
from rl.config.schema import Config
from rl.pipeline.ahead import Ahead
from rl.pipeline.collector import Collected, Collector, Job, Sample
from rl.pipeline.ranks import Ranks
from rl.training.curriculum import Shares, shares
from rl.training.gathered import GroupIds
from rl.training.sampler import LanguageBalancedSampler


class Batches:
    """``updates`` is how many a batch feeds. ``progress`` is what curricula go by; ``collect`` is the main rank's, None
    on the others."""

    def __init__(
        self,
        config: Config,
        tasks: Sequence[Task],
        groups: GroupIds,
        progress: Progress,
        collect: Collector | None,
    ) -> None:
        self.config, self.tasks, self.groups, self.progress = config, tasks, groups, progress
        self.updates = config.trainer.minibatches * config.trainer.updates_per_batch
        self.sampler = self.new_sampler()
        self.ahead = None if collect is None else self._ahead(collect)
        self.whole: Collected | None = None

    def new_sampler(self) -> LanguageBalancedSampler:
        """One that begins at the first batch."""
        trainer = self.config.trainer
        return LanguageBalancedSampler(
            self.tasks,
            prompts_per_language=trainer.prompts_per_language,
            generations=trainer.generations,
            steps=-(-trainer.steps // self.updates),
            repeats=self.updates * trainer.accumulation,
            seed=self.config.seed,
            shares=None if trainer.curriculum.kind == "uniform" else self._shares,
        )

    def take(self, step: int, ranks: Ranks) -> tuple[list[Job], list[Sample]]:
        """This rank's jobs and samples of the batch that begins at update ``step``; ``whole`` is the batch, where it was
        sampled."""
        taken = ranks.shared_out(lambda: self._sampled(step))
        jobs = [Job(self.tasks[index], seed, begun) for index, seed, begun, _ in taken]
        return jobs, [sample for *_, sample in taken]

    def begin_after(self, step: int) -> None:
        """Begin the batches after the one that fed the update before ``step``, as far ahead as may be."""
        if self.ahead is not None:
            self.ahead.begin_after((step - 1) // self.updates, step)

    def _sampled(self, step: int) -> list[tuple[int, int, int, Sample]]:
        """The tasks' indices, seeds, steps and scored samples; tasks themselves need not travel."""
        assert self.ahead is not None, "the main rank samples"
        self.whole = whole = self.ahead.take(step // self.updates, step)
        if self.config.cluster.placement == "colocated":
            self.ahead.collect.sleep()
        pairs = zip(whole.jobs, whole.samples, strict=True)
        return [(self.groups.index(job.task), job.seed, job.step, sample) for job, sample in pairs]

    def _ahead(self, collect: Collector) -> Ahead:
        return Ahead(
            collect,
            self._jobs,
            self.config.rollout.temperature,
            updates=self.updates,
            ahead=self.config.rollout.ahead,
            end=self.sampler.steps,
            refill=self._another,
            tries=self.config.trainer.refill,
        )

    def _jobs(self, number: int) -> list[Job]:
        """Those of a batch, each with a seed of its own; a resumed run draws the same."""
        indices, step = self.sampler.batch(number), number * self.updates
        first = self.config.seed * 1_000_003 + step * len(indices)
        return [Job(self.tasks[i], (first + n) * 16, step) for n, i in enumerate(indices)]

    def _another(self, jobs: list[Job], number: int) -> list[Job]:
        """Jobs of another prompt of the language, for the place of one that taught nothing: the ``number``-th."""
        first = jobs[0]
        index = self.sampler.another(first.task.language, first.step // self.updates, (first.seed, number))
        return [Job(self.tasks[index], job.seed + number * 2**48, job.step) for job in jobs]

    def _shares(self, batch: int) -> Shares:
        """Each language's share of the prompts of a batch."""
        tasks = Counter(task.language for task in self.tasks)
        counts = {language: tasks[language] for language in self.groups.languages}
        trainer, done = self.config.trainer, batch * self.updates / self.config.trainer.steps
        return shares(trainer.curriculum, counts, lambda: self.progress.means, min(1.0, done))
