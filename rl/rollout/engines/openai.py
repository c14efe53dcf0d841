"""A server that speaks OpenAI's chat API, asked for one turn at a time, and what that costs.

EndpointError   it gave no usable turn: our failure, the sample is masked
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from rewards.endpoint import PASSING, PassingError, authorization, persistent, retry_after
from rl.config.schema import Endpoint
from rl.errors import UserError
from rl.rollout.engines.base import Sampling

BACKOFF = 1.0  # seconds before the second try, doubling
SAID = 300  # characters of a refusal that are shown


class EndpointError(RuntimeError):
    """The endpoint gave no usable turn."""


@dataclass
class Spend:
    """What was asked of an endpoint: each try is a request, ``failed`` counts the turns that none of them gave."""

    requests: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def figures(self, price: list[float]) -> dict[str, float]:
        """The counts, and ``money`` at a ``price`` for a million tokens of prompt and of answer, where one is given."""
        money = (self.prompt_tokens * price[0] + self.completion_tokens * price[1]) / 1e6
        return asdict(self) | ({"money": money} if any(price) else {})


@dataclass(frozen=True)
class Turn:
    """An assistant's turn: its text, its thoughts, its calls as (id, name, arguments as text), why it ended, and
    the tokens of its prompt and of itself (0 where the endpoint does not say)."""

    text: str
    thoughts: str = ""
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    finish: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Client:
    """One model of one endpoint. Redirects are refused: the key goes nowhere else."""

    def __init__(self, http: httpx.AsyncClient, settings: Endpoint, model: str) -> None:
        self.http, self.settings, self.model = http, settings, model
        self.spend = Spend()

    async def turn(
        self, messages: list[dict[str, Any]], tools: list[dict[str, Any]], sampling: Sampling, seed: int
    ) -> Turn:
        """The next turn of a conversation in the API's form; asked for again, with pauses, as often as
        ``retries`` allows. Raises EndpointError."""
        body = self._body(messages, tools, sampling, seed)
        try:
            return await persistent(lambda: self._try(body), self.settings.retries, BACKOFF)
        except PassingError as error:
            self.spend.failed += 1
            raise EndpointError(str(error)) from None
        except EndpointError:
            self.spend.failed += 1
            raise

    def _body(
        self, messages: list[dict[str, Any]], tools: list[dict[str, Any]], sampling: Sampling, seed: int
    ) -> dict[str, Any]:
        body = {
            "model": self.model,
            "messages": messages,
            "tools": tools or None,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p if sampling.top_p < 1 else None,
            "max_completion_tokens": sampling.max_tokens,
            "seed": seed % 2**31,
        }
        return {name: value for name, value in (body | self.settings.body).items() if value is not None}

    async def _try(self, body: dict[str, Any]) -> Turn:
        self.spend.requests += 1
        try:
            # All escaped: no text of a model can then keep a request from being UTF-8.
            response = await self.http.post("/chat/completions", content=json.dumps(body))
        except httpx.RequestError as error:
            raise PassingError(f"{type(error).__name__} {error}".strip()) from None
        if response.status_code != 200:
            said = f"status {response.status_code}: {_refusal(response.text)}"
            if response.status_code in PASSING:
                raise PassingError(said, retry_after(response.headers.get("Retry-After")))
            raise EndpointError(said)
        turn = _read(response.text)
        self.spend.prompt_tokens += turn.prompt_tokens
        self.spend.completion_tokens += turn.completion_tokens
        if turn.finish == "content_filter":  # of the endpoint's doing, not the model's
            raise EndpointError("the endpoint's filter held the turn back")
        return turn


@asynccontextmanager
async def connect(settings: Endpoint, model: str, connections: int) -> AsyncIterator[Client]:
    """A client of ``settings.base_url``. Raises UserError where the key is missing."""
    try:
        key = authorization(settings.api_key_env, "endpoint", "rollout.endpoint.api_key_env")
    except ValueError as error:
        raise UserError(str(error)) from None
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx.AsyncClient(
        base_url=str(settings.base_url).rstrip("/"),
        headers={"Content-Type": "application/json"} | key,
        timeout=httpx.Timeout(settings.timeout, pool=None),
        limits=limits,
    ) as http:
        yield Client(http, settings, model)


def _read(text: str) -> Turn:
    """The turn in a chat completion. Raises PassingError for anything else."""
    try:
        reply = json.loads(text)
        choice, usage = reply["choices"][0], reply.get("usage") or {}
        message = choice["message"]
        called = [(call["id"], call["function"]) for call in message.get("tool_calls") or ()]
        return Turn(
            text=message.get("content") or "",
            thoughts=message.get("reasoning_content") or message.get("reasoning") or "",
            calls=[(str(name), str(f["name"]), _as_text(f.get("arguments"))) for name, f in called],
            finish=str(choice.get("finish_reason")),
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            completion_tokens=int(usage.get("completion_tokens") or 0),
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise PassingError(f"no chat completion ({type(error).__name__}): {text[:SAID]!r}") from None


def _as_text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {})


def _refusal(text: str) -> str:
    """What an error's body says, on one line."""
    try:
        body = json.loads(text)
        text = str((body.get("error") or body)["message"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    return " ".join(text.split())[:SAID]
