"""Which prompts each step sees: the same number in every language, and parallel ones where they are."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from torch.utils.data import Sampler

from rewards.types import Task
from rl.training.curriculum import Shares, drawn, same_number

FILE = "prompts.json"


class LanguageBalancedSampler(Sampler[int]):
    """Indices into ``tasks``: each step ``prompts_per_language`` prompts of every language, each
    ``generations`` times in a row, and the whole batch ``repeats`` times (TRL takes a generation
    batch apart in that order).

    Where tasks are parallel, a step draws the same requests in all languages, so that groups across
    languages compare like with like. Every language's tasks are used up before one comes again.
    The order depends on ``seed`` alone, so that a resumed run goes on where it stopped.

    With ``shares`` (a step's number → each language's share) a step has as many prompts in all, shared out so; which
    requests come together is then no longer the same in all languages. What was shared out is kept beside checkpoints:
    asked again, ``shares`` might answer otherwise.
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
        shares: Callable[[int], Shares] | None = None,
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
        self.shares = shares
        self.rounds: dict[tuple[str, int], list[int]] = {}
        # Prompts of each language, by step as far as they were asked for, and those before it.
        self.counts: list[Counter[str]] = []
        self.begins = [Counter[str]()]

    def __len__(self) -> int:
        return self.steps * self.prompts * len(self.languages) * self.generations * self.repeats

    def __iter__(self) -> Iterator[int]:
        for step in range(self.steps):
            batch = self.batch(step)
            for _ in range(self.repeats):
                yield from batch

    def batch(self, step: int) -> list[int]:
        """The indices of a generation batch, of all ranks together."""
        while len(self.counts) <= step:
            self._add(self._counted(len(self.counts)))
        counts, begins = self.counts[step], self.begins[step]
        prompts = [
            self._prompt(language, begins[language] + n)
            for language in self.languages
            for n in range(counts[language])
        ]
        return [index for index in prompts for _ in range(self.generations)]

    def save(self, folder: Path) -> None:
        """What has been shared out, beside a checkpoint."""
        if self.shares is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / FILE).write_text(json.dumps(self.counts), encoding="utf-8")

    def read(self, folder: Path) -> None:
        """What ``save`` kept, before the first batch is asked for; nothing changes where there is none."""
        if self.shares is not None and (folder / FILE).is_file():
            for counts in json.loads((folder / FILE).read_text(encoding="utf-8")):
                self._add(counts)

    def _add(self, counts: Mapping[str, int]) -> None:
        self.counts.append(Counter(counts))
        self.begins.append(self.begins[-1] + self.counts[-1])

    def another(self, language: str, step: int, place: object) -> int:
        """A task of the language that the batch does not have, by ``place``; any where it has them all."""
        requests = set(self.requests[language].values())
        free = sorted(requests - set(self.batch(step))) or sorted(requests)
        return Random(f"{self.seed}/another/{step}/{place}").choice(free)

    def _prompt(self, language: str, place: int) -> int:
        """The task at a place of the language's order, which has no end: shuffled anew each round, alike for
        parallel tasks."""
        round_, at = divmod(place, len(self.requests[language]))
        if (language, round_) not in self.rounds:
            self.rounds[language, round_] = self._shuffled(language, round_)
        return self.rounds[language, round_][at]

    def _shuffled(self, language: str, round_: int) -> list[int]:
        requests = self.requests[language]
        rank = {p: Random(f"{self.seed}/{round_}/{p}").random() for p in requests}
        return [requests[p] for p in sorted(requests, key=rank.__getitem__)]

    def _counted(self, step: int) -> Counter[str]:
        """Prompts of each language in a step; what shares hang on is asked once."""
        if self.shares is None:
            return Counter(same_number(self.languages, self.prompts))
        random = Random(f"{self.seed}/{step}")
        return Counter(drawn(self.shares(step), self.prompts * len(self.languages), random))
