"""What an estimator sees: the samples of all ranks."""

from dataclasses import dataclass

from torch import Tensor

from rl.errors import ConfigError

THOUGHT, CALL, REPLY = 0, 1, 2  # what a token belongs to
NOT_OURS = -1  # a token that the policy did not choose


@dataclass(frozen=True)
class GatheredBatch:
    """N samples with K parts of the reward each, and up to T tokens after the prompt.

    Args:
        rewards: shape [N]; NaN where we failed: such a sample is masked and gets 0.
        parts: the parts' values, shape [N, K]; NaN where a part has none.
        shares: the weight of each part for each sample, shape [N, K].
        prompt, language, task: integer group ids of shape [N]; ``task`` is shared by the parallel prompts of
            all languages.
        turns: the turn in which the policy chose each token, from 0, shape [N, T]; ``NOT_OURS`` where it chose
            none (results of tools, padding).
        names: the K parts' names.
        languages: the languages' names, by their ids.
        outcomes: the verified outcome of each turn's calls, in 0..1, shape [N, U]; NaN where a turn made none.
        kinds: ``THOUGHT``, ``CALL`` or ``REPLY`` for each token, shape [N, T]; ``NOT_OURS`` where ``turns`` is.
        logprobs: of the tokens as they were sampled, shape [N, T]; 0 where ``turns`` is ``NOT_OURS``.
        reference: of the same tokens under the reference policy, shape [N, T]; None where ``trainer.beta`` is 0.
        level: the mean reward of each sample's language, smoothed over steps, shape [N]; None: that of the batch.
    """

    rewards: Tensor
    parts: Tensor
    shares: Tensor
    prompt: Tensor
    language: Tensor
    task: Tensor
    turns: Tensor
    names: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    outcomes: Tensor | None = None
    kinds: Tensor | None = None
    logprobs: Tensor | None = None
    reference: Tensor | None = None
    level: Tensor | None = None

    def groups(self) -> dict[str, Tensor]:
        """The group ids by name."""
        return {"prompt": self.prompt, "language": self.language, "task": self.task}

    def spread(self, advantages: Tensor) -> Tensor:
        """Advantages [N] of samples as those of the tokens that the policy chose, shape [N, T]."""
        return advantages[:, None] * self.turns.ge(0)


def per_sample(advantages: Tensor, turns: Tensor) -> list[float]:
    """One figure a sample, of advantages [N] or [N, T]: the mean over the tokens that the policy chose, those of ``turns``
    [N, T'] from 0 on. Where one is wider than the other, it is by padding."""
    if advantages.dim() == 1:
        return [float(value) for value in advantages]
    width = min(advantages.shape[1], turns.shape[1])
    chosen = turns[:, :width].ge(0).to(advantages)
    means = (advantages[:, :width] * chosen).sum(1) / chosen.sum(1).clamp(min=1)
    return [float(value) for value in means]


def given(value: Tensor | None, estimator: str, what: str) -> Tensor:
    """What an estimator needs of a batch. Raises ConfigError where it is not there."""
    if value is None:
        raise ConfigError(
            f"advantage.estimator={estimator} needs {what}, which the samples of a finished run do not hold; try it in a run"
        )
    return value
