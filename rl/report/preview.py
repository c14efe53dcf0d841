"""What a run would show its policy, and what a right answer would earn: looked at before anything is trained."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from rewards.compose import Rewards
from rewards.types import Score, Task, Trajectory
from rl.evaluation.languages import ENGLISH, english_first
from rl.report.shown import harmless, isolated
from rl.rollout.chat import Chat
from rl.rollout.script import gold_turn, replay
from sandbox import catalog


@dataclass(frozen=True)
class Preview:
    """One task as the policy would see it. ``gold`` and ``score`` are None where its tools are not run here."""

    task: Task
    prompt: str
    prompt_tokens: int
    request_pieces: list[str]
    gold: Trajectory | None
    score: Score | None


def previews(tasks: Sequence[Task], chat: Chat, rewards: Rewards) -> list[Preview]:
    """One task a language, the same request in all of them where the data have one."""
    return [_preview(task, chat, rewards) for task in one_a_language(tasks)]


def one_a_language(tasks: Sequence[Task]) -> list[Task]:
    """The first request that all languages have, or else each language's first; English first."""
    requests: dict[str, dict[str, Task]] = {}
    first: dict[str, Task] = {}
    for task in tasks:
        requests.setdefault(task.parallel_id, {}).setdefault(task.language, task)
        first.setdefault(task.language, task)
    shared = next((of for of in requests.values() if len(of) == len(first)), first)
    return [shared[tag] for tag in english_first(shared)]


def _preview(task: Task, chat: Chat, rewards: Rewards) -> Preview:
    said = task.messages[-1]["content"]
    ids = chat.encode(said if isinstance(said, str) else str(said))
    gold = gold_trajectory(task)
    return Preview(
        task,
        chat.render(task.messages, task.tools),
        len(chat.prompt_ids(task.messages, task.tools)),
        [str(chat.tokenizer.decode([token])) for token in ids],
        gold,
        None if gold is None else rewards.score(task, gold),
    )


def gold_trajectory(task: Task) -> Trajectory | None:
    """The right answer, its calls run as a policy's would be; None where its tools are no catalog's and would run."""
    called = {call["name"] for call in task.expected.calls}
    if task.run_calls and not called <= catalog.SPECS.keys():
        return None
    return replay(task, list(_turns(task)))


def _turns(task: Task) -> Iterator[str]:
    """Calls that need each other's results take a turn each; then the reply, where one is known."""
    calls = task.expected.calls
    for turn in [[call] for call in calls] if task.expected.ordered else [calls] if calls else []:
        yield gold_turn(replace(task, expected=replace(task.expected, calls=turn)))
    if task.run_calls or not calls:
        yield task.expected.reply or ""


def shown(found: Sequence[Preview]) -> RenderableType:
    """The previews for a terminal, each with its tokens beside English's."""
    english = next((one for one in found if one.task.language == ENGLISH), None)
    return Group(*(_one(one, english) for one in found))


def _one(one: Preview, english: Preview | None) -> RenderableType:
    task = one.task
    beside = ""
    if english is not None and english is not one and english.task.parallel_id == task.parallel_id:
        ratio = len(one.request_pieces) / max(1, len(english.request_pieces))
        beside = f", {ratio:.1f} times English's"
    blocks: list[RenderableType] = [
        Rule(Text(f"{task.language} · {harmless(task.id)}", style="bold"), align="left"),
        Text(isolated(one.prompt)),
        Text(
            f"prompt: {one.prompt_tokens} tokens; request: {len(one.request_pieces)} tokens{beside}",
            style="cyan",
        ),
        Text("|".join(harmless(piece) for piece in one.request_pieces), style="dim"),
    ]
    return Group(*blocks, *_gold(one), Text())


def _gold(one: Preview) -> Iterator[RenderableType]:
    if one.gold is None or one.score is None:
        yield Text(
            "A right answer is not tried here: its tools run only in a run's own sandbox.", style="yellow"
        )
        return
    for message in one.gold.messages:
        calls = "".join(f" {_call(call['function'])}" for call in message.get("tool_calls") or ())
        yield Text(f"{message['role']}: {isolated(str(message.get('content') or ''))}{isolated(calls)}")
    reward, parts = one.score.reward, one.score.parts.items()
    shown = "  ".join(f"{name} {'-' if value is None else f'{value:.2f}'}" for name, value in parts)
    right = reward is not None and reward >= 0.999
    worth = "masked" if reward is None else f"{reward:.3f}"
    yield Text(f"a right answer's reward: {worth}  {shown}", style="green" if right else "red")
    if not right and one.task.run_calls and one.task.expected.reply is None:
        yield Text(
            "The data have no reference reply, so what judges the reply gives nothing here.", style="yellow"
        )
    elif not right:
        notes = "\n".join(f"{name}: {note}" for name, note in one.score.notes.items())
        yield Text(isolated(notes), style="dim")


def _call(call: dict[str, Any]) -> str:
    return f"{call['name']}({json.dumps(call['arguments'], ensure_ascii=False)})"
