"""Which prompts each step sees: the same number in every language, and parallel ones where they are."""

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from torch.utils.data import Sampler

from rewards.types import Task


class LanguageBalancedSampler(Sampler[int]):
    """Indices into ``tasks``: each step ``prompts_per_language`` prompts of every language, each
    ``generations`` times in a row, and the whole batch ``repeats`` times (TRL takes a generation
    batch apart in that order).

    Where tasks are parallel, a step draws the same requests in all languages, so that groups across
    languages compare like with like. Every language's tasks are used up before one comes again.
    The order depends on ``seed`` alone, so that a resumed run goes on where it stopped.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        prompts_per_language: int,
        generations: int,
        steps: int,
        repeats: int = 1,
        seed: int = 0,
    ) -> None:
        self.languages = sorted({task.language for task in tasks})
        self.requests: dict[str, dict[str, int]] = {language: {} for language in self.languages}
        seen: Counter[tuple[str, str]] = Counter()
        for index, task in enumerate(tasks):
            pair = task.language, task.parallel_id
            self.requests[task.language][f"{task.parallel_id}/{seen[pair]}"] = index
            seen[pair] += 1
        self.prompts, self.generations = prompts_per_language, generations
        self.steps, self.repeats, self.seed = steps, repeats, seed

    def __len__(self) -> int:
        return self.steps * self.prompts * len(self.languages) * self.generations * self.repeats

    def __iter__(self) -> Iterator[int]:
        orders = [self._order(language) for language in self.languages]
        for _ in range(self.steps):
            batch = [next(order) for order in orders for _ in range(self.prompts)]
            for _ in range(self.repeats):
                for index in batch:
                    yield from [index] * self.generations

    def _order(self, language: str) -> Iterator[int]:
        """The language's tasks without end, shuffled anew each round, alike for parallel tasks."""
        requests, round_ = self.requests[language], 0
        while True:
            rank = {p: Random(f"{self.seed}/{round_}/{p}").random() for p in requests}
            yield from (requests[p] for p in sorted(requests, key=rank.__getitem__))
            round_ += 1
