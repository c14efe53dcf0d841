"""How many tokens a language takes for what another says in one: measured on the requests that are parallel.

A tokenizer that learned mostly English cuts Telugu or Amharic into several times as many tokens, so one budget of
tokens for all would cut off their replies first.
"""

from collections.abc import Callable, Sequence

from rewards.types import Task


def token_inflation(tasks: Sequence[Task], count: Callable[[str], int], base: str = "en") -> dict[str, float]:
    """By language, the tokens of its requests for one of the same requests in ``base``; 1 where nothing is parallel.

    Without ``base`` among the tasks, beside the language that takes the fewest.
    """
    tokens: dict[str, dict[str, int]] = {}
    for task in tasks:
        tokens.setdefault(task.language, {})[task.parallel_id] = count(str(task.messages[-1]["content"]))
    if base not in tokens:
        base = min(tokens, key=lambda tag: sum(tokens[tag].values()) / len(tokens[tag]))
    found = {}
    for language, own in tokens.items():
        both = own.keys() & tokens[base].keys()
        there = sum(tokens[base][request] for request in both)
        found[language] = sum(own[request] for request in both) / there if there else 1.0
    return found


def new_tokens(inflation: dict[str, float], budget: int, longest: int) -> dict[str, int]:
    """Of each language, the tokens that a turn may have where one of the base language may have ``budget``: no fewer,
    and no more than ``longest``."""
    return {tag: min(max(round(budget * ratio), budget), longest) for tag, ratio in inflation.items()}
