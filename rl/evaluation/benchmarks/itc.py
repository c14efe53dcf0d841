"""International Tool Calling (arXiv 2603.05515): selection and invocation in both averages, language and format."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from rewards import parse
from rewards.language import LanguageVerifier
from rewards.language.thoughts import thoughts
from rewards.metrics import tool_metrics
from rl.evaluation.calls import paired
from rl.evaluation.funnel import Judged


def figures(samples: Sequence[Judged]) -> dict[str, Any]:
    """``micro`` (counts over the corpus) and ``macro`` (means over queries), each with precision, recall and F1 of
    tools and of (tool, parameter, value); the error taxonomy; ``format`` (FM), which a call without a thought fails;
    and ``language_matching`` (LM): the share of thoughts in the query's language, judged by our verifier and not by
    langid, as the authors do."""
    pairs = [paired(sample) for sample in samples]
    tools = [[tool.name for tool in sample.task.tools] for sample in samples]
    thoughts_of = [_thought(sample) for sample in samples]
    right = [_in_language(said, s.task.language) for said, s in zip(thoughts_of, samples, strict=True)]
    return {
        average: tool_metrics(
            pairs, thoughts=right, tools=tools, thought=list(map(bool, thoughts_of)), average=average
        )
        for average in ("micro", "macro")
    }


def _thought(sample: Judged) -> str:
    """In its messages, or in ITC's own form, which is gone from the message once its call is read."""
    calls = (parse.thoughts(call.raw) for call in sample.trajectory.calls)
    return thoughts(sample.trajectory) or "\n".join(filter(None, calls))


def _in_language(thought: str, language: str) -> bool | None:
    """None where there is no thought, or too little of one to tell."""
    verdict = _verifier().verify(thought, language) if thought.strip() else None
    return verdict.match if verdict else None


@cache
def _verifier() -> LanguageVerifier:
    return LanguageVerifier()
