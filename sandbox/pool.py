"""The outside of the sandbox: sessions over a pool of worker processes and code servers.

A session's state lives in the host and travels with each call, so any worker can serve any call and a
dead worker loses nothing. Code that is not trusted runs in a locked child of the session's own, and reaches
stateful tools only through the host. The calls of one session run in order, sessions run side by side::

    async with open_sandbox() as sandbox, sandbox.session() as session:
        result = await session.call(ToolCall("1", "world_time", {"city": "Tokyo"}))
"""

import asyncio
import copy
import importlib
import logging
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from sandbox.arguments import CallCheck, wrong_call
from sandbox.code import PYTHON, CodeServer, CodeSession
from sandbox.frames import MAX_STATE_BYTES, MAX_VALUE_DEPTH, decode, encode, is_deeper
from sandbox.http_tools import HttpTools
from sandbox.isolation import LEVELS, NOT_STOPPED, probe
from sandbox.latin import romanizer, transliterated
from sandbox.process import Answer, Limits, WorkerDied, WorkerProcess
from sandbox.tools import one_line, public_tools, tool_spec
from sandbox.types import ToolCall, ToolResult, ToolSpec

log = logging.getLogger(__name__)


def open_sandbox(
    *,
    workers: int | None = None,
    isolation: str = "full",
    wall_seconds: float = 5.0,
    cpu_seconds: int = 2,
    memory_mb: int = 1024,
    program_mb: int = 256,
    disk_mb: int = 16,
    output_kb: int = 256,
    queue: int = 1024,
    programs: int = 128,
    spares: int = 2,
    catalog: str = "sandbox.catalog",
    tools: Sequence[str] = (),
    trusted_tools: Sequence[str] = (),
    rest: Mapping[str, Any] | None = None,
    transliterate: bool = False,
) -> "Sandbox":
    """A sandbox, to be used as ``async with open_sandbox() as sandbox``.

    ``workers`` processes (default: one for each core that we may use), each call limited to
    ``wall_seconds``, ``memory_mb`` of address space and ``output_kb`` of JSON result. At most ``queue``
    calls are taken on at once; further ones wait. ``catalog`` names a module with ``TOOLS``, ``SPECS``,
    ``NOW`` (its frozen time), ``initial_state()`` and ``warm_up()``.

    ``tools`` and ``trusted_tools`` name modules whose public functions become tools. Trusted ones run beside
    the catalog's; the others run where model-written programs run: in a child of the session's own, with
    ``cpu_seconds`` of CPU time, ``program_mb`` of address space, ``disk_mb`` of files, at most ``programs`` of
    them at once and ``spares`` ready a worker. ``rest`` are the options of ``sandbox.http_tools.HttpTools``,
    for tools that are REST APIs. ``transliterate``: results in other scripts carry their Latin transliteration
    beside them (``sandbox.latin``).

    ``isolation`` is ``full`` or ``process`` (see ``sandbox.isolation``). Where the machine lacks what ``full``
    needs, the trusted tools run at level ``process``, which is logged, and programs and other tools are refused;
    they run at that level only where it is asked for by name. Raises ``ValueError`` for a setting that makes no
    sense and for tools that cannot be served here.
    """
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    limits = Limits(wall_seconds, cpu_seconds, memory_mb, program_mb, disk_mb, output_kb)
    _check(vars(limits) | {"workers": count, "queue": queue, "programs": programs, "spares": spares})
    if isolation not in LEVELS:
        raise ValueError(f"sandbox: isolation is {isolation!r}, set it to {' or '.join(map(repr, LEVELS))}")
    missing = [] if isolation == "process" else probe()["how_to_get"]
    if tools and missing:
        raise ValueError(_refusal(f"the tools of {', '.join(tools)}", missing))
    if missing or isolation == "process":
        log.warning("sandbox: isolation is 'process': %s. %s", NOT_STOPPED, "; ".join(missing))
    confined = isolation == "full" and not missing
    pool = [WorkerProcess(catalog, trusted_tools, limits, confined) for _ in range(count)]
    now = importlib.import_module(catalog).NOW.isoformat()
    servers = [CodeServer(tools, limits, confined, spares, now) for _ in range(count)]
    apis = HttpTools(**rest) if rest else None
    sandbox = Sandbox(
        catalog, trusted_tools, apis, pool, [] if missing else servers, missing, queue, programs
    )
    if transliterate:
        romanizer()  # seconds, which no call shall wait for
        sandbox.latin_kb = output_kb
    return sandbox


LEAST = {
    "wall_seconds": 0.001,
    "memory_mb": 256,  # the catalog itself needs about half of it
    "program_mb": 64,
    "spares": 0,
}


def _check(settings: dict[str, float]) -> None:
    for name, value in settings.items():
        least = LEAST.get(name, 1)
        if not value >= least:
            raise ValueError(f"sandbox: {name} is {value}, set it to at least {least}")


def _refusal(what: str, missing: list[str]) -> str:
    return (
        f"sandbox: {what} cannot run isolated on this machine; {'; '.join(missing)}. To run them with less, set "
        f"sandbox.isolation=process: then {NOT_STOPPED}"
    )


class Sandbox:
    """A pool of workers and the catalog that they serve, and servers of code; ``open_sandbox`` makes one."""

    def __init__(
        self,
        catalog: str,
        trusted_tools: Sequence[str],
        apis: HttpTools | None,
        workers: list[WorkerProcess],
        servers: list[CodeServer],
        missing: list[str],
        queue: int,
        programs: int,
    ):
        module = importlib.import_module(catalog)
        self.specs: dict[str, ToolSpec] = dict(module.SPECS)
        for name in trusted_tools:
            for tool, function in public_tools(importlib.import_module(name)).items():
                self._add(tool_spec(function), tool, name)
        self._apis = apis
        for tool, spec in (apis.specs if apis else {}).items():
            self._add(spec, tool, "rest")
        self.untrusted: set[str] = set()
        self._checks: dict[str, CallCheck] = {}
        self._initial_state = module.initial_state
        self._room = asyncio.Semaphore(queue)
        self._programs = asyncio.Semaphore(programs)
        self._missing = missing
        self._workers = workers
        self._idle: asyncio.LifoQueue[WorkerProcess] = asyncio.LifoQueue()  # running ones are taken first
        self._servers = servers
        self._next_server = 0
        self._open = False
        self.latin_kb: int | None = None  # results are transliterated, within so much

    def _add(self, spec: ToolSpec, tool: str, module: str) -> None:
        if tool in self.specs:
            raise ValueError(f"sandbox: {module} has a tool {tool!r}, a name that is taken; rename it")
        self.specs[tool] = spec

    async def __aenter__(self) -> Self:
        """Start the first worker, so that a broken installation is known at once (``WorkerDied``)."""
        await self._workers[-1].start()
        for worker in self._workers:
            self._idle.put_nowait(worker)
        if self._servers:
            self._add(PYTHON, PYTHON.name, "sandbox")
            self.untrusted.add(PYTHON.name)
            if self._servers[0].modules:
                await self._servers[0].start()
                for tool, spec in self._servers[0].specs.items():
                    self._add(spec, tool, ", ".join(self._servers[0].modules))
                    self.untrusted.add(tool)
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        for worker in self._workers:
            worker.stop()
        for server in self._servers:
            server.stop()
        if self._apis is not None:
            await self._apis.__aexit__(kind, error, trace)

    def session(
        self,
        state: dict[str, Any] | None = None,
        seed: int = 0,
        tools: Iterable[str] | None = None,
        index: int = 0,
    ) -> "Session":
        """A session, to be used as ``async with sandbox.session(...) as session``.

        ``state`` starts it (what it lacks comes from the catalog's initial state), ``seed`` seeds its
        randomness, ``tools`` are the names it may call (default: all), ``index`` counts the calls before
        it. Raises ``ValueError`` for a state that is not JSON or over 4 MB, or an unknown tool.
        """
        names = list(self.specs) if tools is None else list(tools)
        unknown = [name for name in names if name not in self.specs]
        if unknown and unknown[0] == PYTHON.name and self._missing:
            raise ValueError(_refusal("programs", self._missing))
        if unknown:
            raise ValueError(f"the sandbox has no tool {unknown[0]!r}; it has {', '.join(self.specs)}")
        full = self._initial_state() | _checked(state or {})
        return Session(self, {name: self.specs[name] for name in names}, full, seed, index)

    def pids(self) -> list[int]:
        """The process ids of the workers that run now."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def check(self, tool: str) -> CallCheck:
        """What a call of this tool must fit."""
        if tool not in self._checks:
            self._checks[tool] = CallCheck(self.specs[tool])
        return self._checks[tool]

    def code_pids(self) -> list[int]:
        """The process ids of the code servers that run now."""
        return [server.pid for server in self._servers if server.pid is not None]

    async def run(self, request: dict[str, Any]) -> Answer:
        """Run a checked request: a REST API's by its gate, any other on the next idle worker, and on a
        second one if the first is lost."""
        if not self._open:
            raise RuntimeError("the sandbox is not open: use it inside `async with open_sandbox()`")
        async with self._room:
            if self._apis is not None and request["tool"] in self._apis.specs:
                return await self._apis.call(request["tool"], request["arguments"])
            worker = await self._idle.get()
            try:
                return await self._run_on(worker, request)
            finally:
                self._idle.put_nowait(worker)

    async def open_program(self, seed: int) -> CodeSession:
        """A fresh child for code that is not trusted, once there is room; ``close_program`` it."""
        if not self._open:
            raise RuntimeError("the sandbox is not open: use it inside `async with open_sandbox()`")
        await self._programs.acquire()
        self._next_server = (self._next_server + 1) % len(self._servers)
        try:
            return await self._servers[self._next_server].open(seed)
        except BaseException:
            self._programs.release()
            raise

    def close_program(self, program: CodeSession) -> None:
        """End the child and give its room to the next."""
        program.close()
        self._programs.release()

    async def _run_on(self, worker: WorkerProcess, request: dict[str, Any]) -> Answer:
        reason = "the sandbox was closed during the call"
        for _ in range(2):
            if not self._open:
                break
            try:
                return await worker.call(request)
            except WorkerDied as error:
                reason = str(error)
        return Answer("infra_error", {"error": one_line(reason)})


class Session:
    """One trajectory's view of the sandbox: its tools, its state, its calls in order."""

    def __init__(
        self, sandbox: Sandbox, tools: dict[str, ToolSpec], state: dict[str, Any], seed: int, index: int
    ):
        self._sandbox = sandbox
        self._tools = tools
        self._state = state
        self._seed = seed
        self._index = index
        self._turn = asyncio.Lock()
        self._program: CodeSession | None = None
        self._open = False

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._end_program()

    async def call(self, call: ToolCall) -> ToolResult:
        """Check and run a call. Whatever the model wrote, a result comes back, never an exception.

        The content of every result but an ``ok`` one is ``{"error": one line}``.
        """
        if not self._open:
            raise RuntimeError("the session is not open: use it inside `async with sandbox.session()`")
        wrong = self._wrong(call)
        if wrong is not None:
            return ToolResult(call.id, "invalid_call", {"error": wrong})
        async with self._turn:
            if call.name in self._sandbox.untrusted:
                answer = await self._run_program(call)
            else:
                answer = await self._sandbox.run(self._request(call))
            answer = self._taken(answer)
        content = answer.content
        if answer.status == "ok" and self._sandbox.latin_kb is not None:
            content = transliterated(content, self._sandbox.latin_kb)
        return ToolResult(call.id, answer.status, content, answer.seconds)

    def state(self) -> dict[str, Any]:
        """A copy of the state as it is now."""
        return copy.deepcopy(self._state)

    def snapshot(self) -> dict[str, Any]:
        """JSON from which ``sandbox.session(**snapshot)`` goes on where this session is now."""
        return {
            "state": self.state(),
            "seed": self._seed,
            "tools": list(self._tools),
            "index": self._index,
        }

    def _request(self, call: ToolCall) -> dict[str, Any]:
        index, self._index = self._index, self._index + 1
        return {
            "id": index,
            "tool": call.name,
            "arguments": call.arguments,
            "state": self._state,
            "seed": self._seed,
            "index": index,
        }

    async def _run_program(self, call: ToolCall) -> Answer:
        """Run code in the session's child; once more, from the same state, if we lost it with nothing in it."""
        before = self._state, self._index + 1
        request = self._request(call) | {"id": secrets.token_hex(8)}
        if call.name == PYTHON.name:
            request |= {"code": (call.arguments or {})["code"], "state": {}}
        reason = ""
        for _ in range(2):
            fresh = self._program is None
            try:
                if self._program is None:
                    self._program = await self._sandbox.open_program(self._seed)
                    if not self._open:
                        self._end_program()
                        raise RuntimeError("the session was closed during the call")
                return await self._program.call(request, self._nested)
            except WorkerDied as error:
                reason = str(error)
                self._state, self._index = before
                if not fresh:
                    break  # what earlier programs had set up is gone
            finally:
                if self._program is not None and not self._program.open:
                    self._end_program()
        return Answer("infra_error", {"error": one_line(reason)})

    async def _nested(self, asked: Any) -> dict[str, Any]:
        """A tool call that a program makes: checked and run as the model's own, but for other programs.

        Raises ``WorkerDied`` where we failed, since what the program then made of it would not be its doing.
        """
        call = ToolCall("", asked.get("name"), asked.get("arguments")) if isinstance(asked, dict) else None
        wrong = "a call is an object with name and arguments" if call is None else self._wrong(call)
        if wrong is None and call is not None and call.name in self._sandbox.untrusted:
            wrong = f"a program cannot call {call.name!r}"
        if wrong is not None or call is None:
            return {"status": "invalid_call", "content": {"error": wrong}}
        answer = self._taken(await self._sandbox.run(self._request(call)))
        if answer.status == "infra_error":
            raise WorkerDied(str(answer.content["error"]))
        return {"status": answer.status, "content": answer.content}

    def _taken(self, answer: Answer) -> Answer:
        """The answer, its state now the session's, unless it is nested too deeply to be passed on."""
        if answer.status != "ok":
            return answer
        if is_deeper(answer.content, MAX_VALUE_DEPTH) or is_deeper(answer.state, MAX_VALUE_DEPTH):
            error = f"the result or the state is nested deeper than {MAX_VALUE_DEPTH} levels"
            return Answer("output_limit", {"error": error}, answer.seconds)
        if answer.state is not None:
            self._state = answer.state
        return answer

    def _end_program(self) -> None:
        program, self._program = self._program, None
        if program is not None:
            self._sandbox.close_program(program)

    def _wrong(self, call: ToolCall) -> str | None:
        return wrong_call(call, self._tools, self._sandbox.check)


def _checked(state: dict[str, Any]) -> dict[str, Any]:
    """A copy of the state, certainly JSON."""
    try:
        text = encode(state)
        if is_deeper(state, MAX_VALUE_DEPTH):
            raise ValueError(f"it is nested deeper than {MAX_VALUE_DEPTH} levels")
    except (TypeError, ValueError) as error:
        raise ValueError(f"the state of a session must be JSON: {error}") from error
    if len(text) > MAX_STATE_BYTES:
        raise ValueError(
            f"the state of a session may have {MAX_STATE_BYTES // 1024} KB, not {len(text) // 1024}"
        )
    return decode(text)
