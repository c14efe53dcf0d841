"""Hand-written tasks and trajectories: one question about money, asked natively."""

from typing import Any

from rewards.types import Expected, Task, Trajectory
from sandbox.types import ToolCall, ToolResult, ToolSpec

LANGUAGES = ["ar", "bn", "de", "en", "es", "fr", "hi", "ja", "ko", "pt", "ru", "sw", "te", "th", "zh"]
DEFAULTS: dict[str, Any] = {  # as conf/reward/multilingual_tool_use.yaml has them
    "json_valid": {"_target_": "rewards.outcome.json_valid", "weight": 0.3},
    "outcome": {"_target_": "rewards.outcome.outcome", "weight": 0.15},
    "told": {"_target_": "rewards.outcome.told", "weight": 0.15},
    "style_counts": {"_target_": "rewards.outcome.style_counts", "weight": 0.0},
    "language_match": {
        "_target_": "rewards.language.language_match",
        "weight": 0.2,
        "scaled_by": "style_counts",
    },
    "culture": {"_target_": "rewards.culture.culture", "weight": 0.2, "scaled_by": "language_match"},
}
CONFIG: dict[str, Any] = {"components": DEFAULTS, "languages": LANGUAGES}
CONVERT = ToolSpec(
    "convert_currency",
    "Converts an amount of money.",
    {
        "type": "object",
        "properties": {
            "amount": {"type": "number"},
            "source": {"type": "string"},
            "target": {"type": "string"},
        },
        "required": ["amount", "source", "target"],
        "additionalProperties": False,
    },
)
ARGUMENTS = {"amount": 250.0, "source": "USD", "target": "EUR"}
# locale: the request, the reply, the same reply with the number as another country writes it
ASKED = {
    "en-US": (
        "How much is $250.00 in euros?",
        "That comes to €1,229.50 for you.",
        "That comes to 1.229,50 € for you.",
    ),
    "fr-FR": (
        "Combien font 250 dollars en euros ?",
        "Cela fait 1 229,50 € au total.",
        "Cela fait 1,229.50 € au total.",
    ),
    "de-DE": (
        "Wie viel sind 250 Dollar in Euro?",
        "Das sind insgesamt 1.229,50 € für dich.",
        "Das sind insgesamt €1,229.50 für dich.",
    ),
    "zh-CN": ("250美元是多少欧元？", "换算之后一共是€1,229.50。", "换算之后一共是1.229,50 €。"),
    "ar-EG": (
        "كم يساوي ٢٥٠ دولارًا باليورو؟",
        "هذا يساوي ١٬٢٢٩٫٥٠ € تقريبًا اليوم.",
        "هذا يساوي 1 229,50 € تقريبًا اليوم.",
    ),
    "hi-IN": (
        "250 डॉलर कितने यूरो होते हैं?",
        "यह कुल मिलाकर €1,229.50 होता है।",
        "यह कुल मिलाकर 1.229,50 € होता है।",
    ),
}


def task(locale: str = "fr-FR", **expected: Any) -> Task:
    calls = [{"name": "convert_currency", "arguments": {key: [value] for key, value in ARGUMENTS.items()}}]
    facts = [{"kind": "money", "value": 1229.5, "currency": "EUR"}]
    return Task(
        id=f"money/{locale}",
        parallel_id="money",
        language=locale.split("-")[0],
        locale=locale,
        messages=[{"role": "user", "content": ASKED[locale][0]}],
        tools=[CONVERT],
        expected=Expected(**{"calls": calls, "facts": facts, "final_state": {"paid": 1}, **expected}),
        state={"paid": 0, "x": 2},
    )


def trajectory(
    reply: str | None,
    arguments: dict[str, Any] | None = None,
    status: Any = "ok",
    calls: list[ToolCall] | None = None,
    **fields: Any,
) -> Trajectory:
    """One call, its result, and the reply (None: the rollout ended before one)."""
    if calls is None:
        calls = [ToolCall("0", "convert_currency", ARGUMENTS if arguments is None else arguments)]
    results = [ToolResult(c.id, "invalid_call" if c.error else status, {"amount": 1229.5}) for c in calls]
    messages: list[dict[str, Any]] = []
    if calls:
        messages += [{"role": "assistant", "content": "", "tool_calls": [{"type": "function"}]}]
        messages += [{"role": "tool", "name": c.name or "unknown", "content": "{}"} for c in calls]
    if reply is not None:
        messages.append({"role": "assistant", "content": reply})
    made = {
        "messages": messages,
        "calls": calls,
        "results": results,
        "stop": "end",
        "state": {"paid": 1, "x": 2},
    }
    return Trajectory(
        "money",
        **{"prompt_ids": [], "token_ids": [7], "sampled": [True], "logprobs": [0.0], **made, **fields},
    )
