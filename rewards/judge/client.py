"""Asking an OpenAI-compatible server for an answer within a JSON schema, at a bounded price.

JudgeError   it gave no usable answer: our failure
Spent        the run's budget is spent: nothing was asked
"""

import asyncio
import hashlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import httpx

from rewards.endpoint import LONGEST_WAIT, PASSING, PassingError, authorization, persistent, retry_after
from rewards.judge.store import Store
from rewards.scoring.room import Room

LONGEST_ANSWER = 1 << 20  # bytes
MOST_TOKENS = 1024  # of one answer
OVERHEAD = 64  # tokens of a chat template around one message, and more than that
Read = Callable[[Any], Any]
Messages = list[dict[str, str]]
T = TypeVar("T")


class JudgeError(RuntimeError):
    """The judge gave no usable grade. Our failure: the sample is masked, the model is not punished."""


class Spent(RuntimeError):
    """The run's budget does not hold another request."""


@dataclass
class Counts:
    """What this process asked: ``cached`` answers cost nothing, ``failed`` questions got no answer."""

    asked: int = 0
    cached: int = 0
    failed: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class Allowance:
    """``timeout`` in seconds a request; ``retries`` after the first try, ``backoff`` seconds before the
    first of them, doubling; ``connections`` at once; ``requests_per_minute`` and ``budget`` for all
    processes of a run (None: no limit), the budget in the currency of ``price``, which is that of a
    million tokens of prompt and of answer."""

    timeout: float = 30.0
    retries: int = 2
    backoff: float = 0.5
    connections: int = 8
    requests_per_minute: float | None = None
    price: tuple[float, float] = (0.0, 0.0)
    budget: float | None = None

    def longest(self) -> float:
        """Seconds that a request takes at most, once it has a connection and its turn: all tries, and the pauses
        between them, which a server may lengthen."""
        pause = max(LONGEST_WAIT, self.backoff * 2.0**self.retries)
        return self.timeout * (self.retries + 1) + pause * self.retries


class Client:
    """One server. ``base_url`` ends before ``/chat/completions``; the key is read from the environment
    variable ``api_key_env`` (None or "": no key). Redirects are refused: the key goes nowhere else."""

    def __init__(self, base_url: str, api_key_env: str | None, allowance: Allowance, store: Store) -> None:
        self.url = base_url.rstrip("/") + "/chat/completions"
        self.headers = authorization(api_key_env, "judge", "judge.api_key_env") | {
            "Accept-Encoding": "identity"
        }
        self.allowance, self.store, self.counts = allowance, store, Counts()
        self._open, self._slots = 0, Room(allowance.connections)
        self._flights: dict[str, asyncio.Task[Any]] = {}

    async def ask(
        self, model: str, messages: Messages, schema: dict[str, Any], read: Callable[[Any], T]
    ) -> T:
        """The server's answer as ``read`` makes it of the parsed JSON; it raises ValueError for an answer
        that is not as asked. The same question is asked once, also while its answer is on the way."""
        request = _request(model, messages, schema)
        key = hashlib.sha256(json.dumps([self.url, request], sort_keys=True).encode()).hexdigest()
        if key not in self._flights:
            self._flights[key] = asyncio.create_task(self._answer(key, request, read))
            self._flights[key].add_done_callback(lambda task: self._landed(key, task))
        return await asyncio.shield(self._flights[key])

    def _landed(self, key: str, task: "asyncio.Task[Any]") -> None:
        del self._flights[key]
        if not task.cancelled():
            task.exception()  # seen, also where nobody waits for it any more

    async def _answer(self, key: str, request: dict[str, Any], read: Read) -> Any:
        self.counts.asked += 1
        if (kept := self.store.answer(key)) is not None:
            self.counts.cached += 1
            return read(json.loads(kept))
        async with self._connected() as client, self._slots:
            answer, value = await self._persist(client, request, read)
        self.store.keep(key, answer)
        return value

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[httpx.AsyncClient]:
        """One client for all that is asked at once, closed with the last of it: nobody need close us."""
        if not self._open:
            limits = httpx.Limits(max_connections=self.allowance.connections)
            self._client = httpx.AsyncClient(
                headers=self.headers, timeout=self.allowance.timeout, limits=limits, verify=_certificates()
            )
        client = self._client
        self._open += 1
        try:
            yield client
        finally:
            self._open -= 1
            if not self._open:
                await client.aclose()

    async def _persist(
        self, client: httpx.AsyncClient, request: dict[str, Any], read: Read
    ) -> tuple[str, Any]:
        """The answer and its value; as often as allowed, with pauses."""
        allowance = self.allowance
        try:
            return await persistent(
                lambda: self._try(client, request, read), allowance.retries, allowance.backoff
            )
        except PassingError as error:
            self.counts.failed += 1
            raise JudgeError(
                f"the judge at {self.url} gave no grade in {error.tries} tries: {error}"
            ) from None
        except JudgeError:
            self.counts.failed += 1
            raise

    async def _try(self, client: httpx.AsyncClient, request: dict[str, Any], read: Read) -> tuple[str, Any]:
        if self.allowance.requests_per_minute:
            await asyncio.sleep(self.store.turn(60 / self.allowance.requests_per_minute))
        most = self._cost(_tokens_at_most(request), MOST_TOKENS)
        if not self.store.spend(most, self.allowance.budget):
            raise Spent(f"the judge's budget of {self.allowance.budget:g} is spent")
        cost = most  # what we do not know is counted in full
        self.counts.requests += 1
        try:
            status, after, body = await self._post(client, request)
            cost = 0.0 if status != 200 else most
            _check_status(self.url, status, after, body)
            answer, usage = _unpacked(body)
            self.counts.prompt_tokens += usage[0]
            self.counts.completion_tokens += usage[1]
            cost = self._cost(*usage) if any(usage) else most
            return answer, _value(answer, read)
        finally:
            self.store.spend(cost - most, None)

    def _cost(self, prompt: int, completion: int) -> float:
        return (prompt * self.allowance.price[0] + completion * self.allowance.price[1]) / 1e6

    async def _post(self, client: httpx.AsyncClient, request: dict[str, Any]) -> tuple[int, float, bytes]:
        """Status, seconds to wait, and body, which is read no further than it may be long."""
        body = b""
        try:
            async with (
                asyncio.timeout(self.allowance.timeout),
                client.stream("POST", self.url, json=request) as response,
            ):
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > LONGEST_ANSWER:
                        raise PassingError(f"an answer of more than {LONGEST_ANSWER} bytes")
                return response.status_code, retry_after(response.headers.get("Retry-After")), body
        except TimeoutError:
            raise PassingError(f"no answer in {self.allowance.timeout:g} s") from None
        except httpx.TransportError as error:
            raise PassingError(f"{type(error).__name__}: {error}") from None


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than a request."""
    return httpx.create_ssl_context()


def _request(model: str, messages: Messages, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": model,
        "temperature": 0,
        "max_completion_tokens": MOST_TOKENS,
        "messages": messages,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "grade", "strict": True, "schema": schema},
        },
    }


def _tokens_at_most(request: dict[str, Any]) -> int:
    """No tokenizer makes more tokens than there are bytes."""
    return sum(len(m["content"].encode()) + OVERHEAD for m in request["messages"])


def _check_status(url: str, status: int, after: float, body: bytes) -> None:
    if status in PASSING:
        raise PassingError(f"status {status}", after)
    if status != 200:
        said = body[:200].decode("utf-8", "replace")
        raise JudgeError(f"the judge at {url} answered {status}: {said}")


def _unpacked(body: bytes) -> tuple[str, tuple[int, int]]:
    """The answer in a chat completion, and the tokens of prompt and answer (0 where it does not say)."""
    try:
        reply = json.loads(body)
        answer = reply["choices"][0]["message"]["content"]
        if not isinstance(answer, str):
            raise TypeError("no text")
        usage = reply.get("usage") or {}
        counts = [usage.get(key) for key in ("prompt_tokens", "completion_tokens")]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise PassingError(f"no grade in the answer ({type(error).__name__}): {body[:200]!r}") from None
    prompt, completion = (n if type(n) is int and 0 <= n < 1 << 40 else 0 for n in counts)
    return answer, (prompt, completion)


def _value(answer: str, read: Read) -> Any:
    try:
        return read(json.loads(answer))
    except (ValueError, RecursionError) as error:
        raise PassingError(f"the answer is not as asked ({error}): {answer[:200]!r}") from None
