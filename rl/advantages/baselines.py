"""The leave-one-out mean of a prompt, shrunk toward its language's other prompts (James–Stein; arXiv 2511.03710)."""

import torch
from torch import Tensor

from rl.advantages.groups import each, squares, sums
from rl.advantages.runs import Runs, Summary


def shrunk_baseline(r: Tensor, prompt: Tensor, language: Tensor) -> Tensor:
    """``(1 − w)·mean(prompt without i) + w·mean(language's prompts without its own)``, shape [N].

    ``w = v / (v + t)`` per language: ``v`` the within-prompt variance over (G − 1), ``t`` the
    between-prompt variance (that of the prompt means less within/G, at least 0). A language with
    one prompt has w = 0, a prompt with one sample w = 1, and where both hold the sample is its own
    baseline. Neither mean holds sample i, while w is estimated from all samples of the language, i
    among them: the gradient is nearly unbiased, not exactly.
    """
    runs = Runs(prompt, language)
    return shrunk(r, runs, runs.summary(r), runs.of(prompt), runs.of(language))


def shrunk(r: Tensor, runs: Runs, of: Summary, prompt: Tensor, language: Tensor) -> Tensor:
    """``shrunk_baseline`` of samples in R runs, whose dense ids are of shape [R]."""
    size, total = sums(of.size, prompt), sums(of.size * of.mean, prompt)
    mean = total / size
    language_of = torch.zeros_like(size, dtype=torch.long).scatter_(0, prompt, language)
    prompts = sums(torch.ones_like(mean), language_of)
    rest = each(sums(mean, language_of), language_of) - mean  # of each prompt, as all that follows
    rest = rest / (each(prompts, language_of) - 1).clamp(min=1)
    w = each(_shrinkage(of, prompt, mean, size, language_of, prompts), language_of)
    only = each(prompts == 1, language_of)
    w = torch.where(only, torch.zeros_like(w), w)
    w = torch.where(size == 1, torch.ones_like(w), w)
    rest = torch.where((size == 1) & only, total, rest)
    own = (1 - w) / (size - 1).clamp(min=1)  # times the prompt's total without the sample
    return runs.spread(each(own * total + w * rest, prompt)) - runs.spread(each(own, prompt)) * r


def _shrinkage(
    of: Summary, prompt: Tensor, mean: Tensor, size: Tensor, language_of: Tensor, prompts: Tensor
) -> Tensor:
    """w of each language, shape [languages]."""
    freedom = sums(size - 1, language_of)
    within = sums(squares(of, prompt), language_of) / freedom.clamp(min=1)
    generations = sums(size, language_of) / prompts
    center = sums(mean, language_of) / prompts
    between = sums((mean - each(center, language_of)) ** 2, language_of) / (prompts - 1).clamp(min=1)
    v = within / (generations - 1).clamp(min=1)
    t = (between - within / generations).clamp(min=0)
    return torch.where(v + t > 0, v / (v + t).clamp(min=1e-12), torch.zeros_like(v))
