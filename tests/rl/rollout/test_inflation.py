"""Budgets of tokens that give each language the same room for the same words."""

import pytest
from transformers import PreTrainedTokenizerFast

from rewards.types import Expected, Task
from rl.data.catalog import tasks as catalog
from rl.rollout.inflation import new_tokens, token_inflation

SAID = {
    "en": ("What time is it in Tokyo?", "Thank you!"),
    "te": ("టోక్యోలో ఇప్పుడు సమయం ఎంత?", "ధన్యవాదాలు!"),
    "sw": ("Sasa hivi ni saa ngapi Tokyo?", "Asante!"),
}


def tasks(*languages: str) -> list[Task]:
    return [
        Task(f"{i}/{tag}", str(i), tag, tag, [{"role": "user", "content": said}], [], Expected())
        for tag in languages
        for i, said in enumerate(SAID[tag])
    ]


def test_it_is_the_tokens_of_the_same_requests_beside_english() -> None:
    def in_bytes(text: str) -> int:
        return len(text.encode())

    found = token_inflation(tasks("en", "te", "sw"), in_bytes)
    english, telugu = ("".join(SAID[tag]) for tag in ("en", "te"))
    assert found["en"] == 1 and found["te"] == in_bytes(telugu) / in_bytes(english) > 2
    assert token_inflation(tasks("te", "sw"), in_bytes)["sw"] == 1, "without English, the shortest"


def test_requests_that_are_in_one_language_only_do_not_count() -> None:
    alone = Task("x/te", "x", "te", "te", [{"role": "user", "content": "నమస్కారం" * 50}], [], Expected())
    assert token_inflation([*tasks("en", "te"), alone], len) == token_inflation(tasks("en", "te"), len)
    assert token_inflation([*tasks("en"), alone], len)["te"] == 1


@pytest.mark.parametrize(("budget", "longest"), [(96, 1024), (96, 100), (16, 64)])
def test_nobody_gets_less_than_the_budget_nor_more_than_there_is(budget: int, longest: int) -> None:
    found = new_tokens({"en": 1.0, "te": 3.2, "zh": 0.7}, budget, longest)
    assert found["en"] == found["zh"] == budget
    assert found["te"] == min(round(3.2 * budget), longest)


def test_a_tokenizer_of_english_cuts_other_scripts_finer(tiny_tokenizer: PreTrainedTokenizerFast) -> None:
    """Measured as a run does it: on the catalog's parallel requests."""
    all_tasks = catalog.load("train", ["en", "te", "th"], ["world_time", "set_alarm"], per_tool=6)
    found = token_inflation(
        all_tasks, lambda text: len(tiny_tokenizer.encode(text, add_special_tokens=False))
    )
    assert found["te"] > 1.5 and found["th"] > 1.5 and found["en"] == 1
