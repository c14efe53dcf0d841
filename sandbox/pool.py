"""The outside of the sandbox: sessions over a pool of worker processes and code servers.

A session's state lives in the host, as JSON, and travels with each call, so any worker can serve any call and a
dead worker loses nothing. Code that is not trusted runs in a locked child of the session's own, and reaches
stateful tools only through the host. The calls of one session run in order, sessions run side by side::

    async with open_sandbox() as sandbox, sandbox.session() as session:
        result = await session.call(ToolCall("1", "world_time", {"city": "Tokyo"}))
"""

import asyncio
import importlib
import logging
import os
import random
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from sandbox.arguments import CallCheck
from sandbox.code import PYTHON, CodeServer
from sandbox.code_session import CodeSession
from sandbox.frames import MAX_STATE_BYTES, FrameError, decode, encode
from sandbox.http_tools import HttpTools
from sandbox.isolation import LEVELS, NOT_STOPPED, probe, source
from sandbox.latin import romanizer
from sandbox.process import Answer, Canary, Limits, WorkerDied, WorkerProcess
from sandbox.session import Session
from sandbox.tools import call_tool, one_line, public_tools, tool_spec
from sandbox.types import ToolSpec

if TYPE_CHECKING:
    from sandbox.mcp_tools import McpTools

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
    spares: int = 8,
    recycle_calls: int = 100_000,
    catalog: str = "sandbox.catalog",
    tools: Sequence[str] = (),
    trusted_tools: Sequence[str] = (),
    rest: Mapping[str, Any] | None = None,
    mcp: Sequence[Mapping[str, Any]] = (),
    transliterate: bool = False,
) -> "Sandbox":
    """A sandbox, to be used as ``async with open_sandbox() as sandbox``.

    ``workers`` processes (default: one for each core that we may use), each call limited to
    ``wall_seconds``, ``memory_mb`` of address space and ``output_kb`` of JSON result. At most ``queue``
    calls are taken on at once; further ones wait. After ``recycle_calls`` a worker is replaced. ``catalog`` names a
    module with ``TOOLS``, ``SPECS``, ``NOW`` (its frozen time), ``CANARY`` (the name and the arguments of a call to
    be answered now and then), ``initial_state()`` and ``warm_up()``.

    ``tools`` and ``trusted_tools`` name modules whose public functions become tools. Trusted ones run beside
    the catalog's; the others run where model-written programs run: in a child of the session's own, with
    ``cpu_seconds`` of CPU time, ``program_mb`` of address space, ``disk_mb`` of files, at most ``programs`` of
    them at once and ``spares`` ready a worker. ``rest`` are the options of ``sandbox.http_tools.HttpTools``,
    for tools that are REST APIs, ``mcp`` the MCP servers whose tools there are, each as ``sandbox.mcp.servers`` has
    it; at most ``programs`` sessions hold servers at once. ``transliterate``: results in other scripts carry their Latin
    transliteration beside them (``sandbox.latin``).

    ``isolation`` is ``full`` or ``process`` (see ``sandbox.isolation``). Where the machine lacks what ``full``
    needs, the trusted tools run at level ``process``, which is logged, and programs and other tools are refused;
    they run at that level only where it is asked for by name. Raises ``ValueError`` for a setting that makes no
    sense and for tools that cannot be served here.
    """
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    limits = Limits(wall_seconds, cpu_seconds, memory_mb, program_mb, disk_mb, output_kb, recycle_calls)
    _check(vars(limits) | {"workers": count, "queue": queue, "programs": programs, "spares": spares})
    if isolation not in LEVELS:
        raise ValueError(f"sandbox: isolation is {isolation!r}, set it to {' or '.join(map(repr, LEVELS))}")
    missing = [] if isolation == "process" else probe()["how_to_get"]
    if tools and missing:
        raise ValueError(_refusal(f"the tools of {', '.join(tools)}", missing))
    for name in (*tools, *trusted_tools):
        source(name.partition(".")[0])  # raises where there is none
    if missing or isolation == "process":
        log.warning("sandbox: isolation is 'process': %s. %s", NOT_STOPPED, "; ".join(missing))
    confined = isolation == "full" and not missing
    module = importlib.import_module(catalog)
    canary, now = _canary(module), module.NOW.isoformat()
    pool = [WorkerProcess(catalog, trusted_tools, limits, confined, canary) for _ in range(count)]
    servers = [CodeServer(tools, limits, confined, spares, now) for _ in range(count)]
    apis = HttpTools(**rest) if rest else None
    mcp_tools = _mcp_tools(mcp, limits, confined, missing, programs) if mcp else None
    sandbox = Sandbox(
        catalog, trusted_tools, apis, mcp_tools, pool, [] if missing else servers, missing, queue, programs
    )
    if transliterate:
        romanizer()  # seconds, which no call shall wait for
        sandbox.latin_kb = output_kb
    return sandbox


def _mcp_tools(
    servers: Sequence[Mapping[str, Any]], limits: Limits, confined: bool, missing: list[str], most: int
) -> "McpTools":
    try:  # only here: the SDK takes a second to load
        from sandbox.mcp.servers import Surroundings
        from sandbox.mcp_tools import McpTools
    except ModuleNotFoundError as error:
        raise ValueError(f"sandbox: mcp needs {error.name}; pip install 'polyglot-grpo[mcp]'") from error
    return McpTools(servers, Surroundings(limits, confined, missing), most)


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


def _canary(catalog: Any) -> Canary:
    """The catalog's canary, answered here."""
    (tool, arguments), state = catalog.CANARY, catalog.initial_state()
    before, outside = encode(state), random.getstate()
    content = call_tool(catalog.TOOLS[tool], arguments, state, 0, 0)
    random.setstate(outside)
    request = {"id": "canary", "tool": tool, "arguments": arguments, "seed": 0, "index": 0}
    after = encode(state)
    return Canary(request, before, content, b"" if after == before else after)


def _imported(name: str) -> ModuleType:
    """The module of a user's tools. Raises ``ValueError`` where it cannot be had, whatever it raises itself."""
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise ValueError(f"sandbox: {name} cannot be imported: {type(error).__name__}: {error}") from error


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
        mcp_tools: "McpTools | None",
        workers: list[WorkerProcess],
        servers: list[CodeServer],
        missing: list[str],
        queue: int,
        programs: int,
    ):
        module = importlib.import_module(catalog)
        self.specs: dict[str, ToolSpec] = {}
        self._checks: dict[str, CallCheck] = {}
        for tool, spec in module.SPECS.items():
            self._add(spec, tool, catalog)
        for name in trusted_tools:
            for tool, function in public_tools(_imported(name)).items():
                self._add(tool_spec(function), tool, name)
        self._apis = apis
        for tool, spec in (apis.specs if apis else {}).items():
            self._add(spec, tool, "rest")
        self.mcp = mcp_tools
        self.untrusted: set[str] = set()
        self._initial_state = module.initial_state
        self._room = asyncio.Semaphore(queue)
        self._programs = asyncio.Semaphore(programs)
        self._missing = missing
        self._workers = workers
        self._idle: asyncio.LifoQueue[WorkerProcess] = asyncio.LifoQueue()  # running ones are taken first
        self._servers = servers
        self._next_server = 0
        self._starting: set[asyncio.Future[None]] = set()
        self._open = False
        self.latin_kb: int | None = None  # results are transliterated, within so much

    def _add(self, spec: ToolSpec, tool: str, module: str) -> None:
        if tool in self.specs:
            raise ValueError(f"sandbox: {module} has a tool {tool!r}, a name that is taken; rename it")
        self._checks[tool] = CallCheck(spec)
        self.specs[tool] = spec

    async def __aenter__(self) -> Self:
        """Start the first worker, so that a broken installation is known at once (``WorkerDied``).

        Raises ``ValueError`` where an MCP server does not answer.
        """
        try:
            await self._start()
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)  # nothing that was started stays
            raise
        self._open = True
        return self

    async def _start(self) -> None:
        if self.mcp is not None:
            await self.mcp.start()
            for tool, spec in self.mcp.specs.items():
                self._add(spec, tool, self.mcp.homes[tool][0].label)
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

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        for starting in self._starting:
            starting.cancel()
        for worker in self._workers:
            worker.stop()
        for server in self._servers:
            server.stop()
        if self._apis is not None:
            await self._apis.__aexit__(kind, error, trace)
        if self.mcp is not None:
            await self.mcp.close()

    def session(
        self,
        state: dict[str, Any] | None = None,
        seed: int = 0,
        tools: Iterable[str] | None = None,
        index: int = 0,
    ) -> Session:
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
        full = _as_json(self._initial_state() | (state or {}))
        return Session(self, {name: self.specs[name] for name in names}, full, seed, index)

    def pids(self) -> list[int]:
        """The process ids of the workers that run now."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def check(self, tool: str) -> CallCheck:
        """What a call of this tool must fit."""
        return self._checks[tool]

    def code_pids(self) -> list[int]:
        """The process ids of the code servers that run now."""
        return [server.pid for server in self._servers if server.pid is not None]

    async def run(self, request: dict[str, Any], state: bytes) -> Answer:
        """Run a checked request: a REST API's by its gate, any other on the next idle worker, and on a
        second one if the first is lost."""
        if not self._open:
            raise RuntimeError("the sandbox is not open: use it inside `async with open_sandbox()`")
        async with self._room:
            if self._apis is not None and request["tool"] in self._apis.specs:
                return await self._apis.call(request["tool"], request["arguments"])
            worker = await self._idle.get()
            try:
                return await self._run_on(worker, request, state)
            finally:
                self._give_back(worker)

    def _give_back(self, worker: WorkerProcess) -> None:
        """Make it idle again; one that was stopped is started before, which no call has to wait for."""
        if worker.pid is not None or not self._open:
            self._idle.put_nowait(worker)
        else:
            starting = asyncio.ensure_future(self._start_again(worker))
            self._starting.add(starting)
            starting.add_done_callback(self._starting.discard)

    async def _start_again(self, worker: WorkerProcess) -> None:
        try:
            await worker.start()
        except WorkerDied as error:  # the next call tries again, and tells
            log.warning("sandbox: %s", error)
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

    async def _run_on(self, worker: WorkerProcess, request: dict[str, Any], state: bytes) -> Answer:
        reason = "the sandbox was closed during the call"
        for _ in range(2):
            if not self._open:
                break
            try:
                return await worker.call(request, state)
            except WorkerDied as error:
                reason = str(error)
        return Answer("infra_error", {"error": one_line(reason)})


def _as_json(state: dict[str, Any]) -> bytes:
    """The state's text. Raises ``ValueError`` where it cannot be one."""
    try:
        text = encode(state)
        decode(text)
    except (TypeError, ValueError, RecursionError, FrameError) as error:
        raise ValueError(f"the state of a session must be JSON: {error}") from error
    if len(text) > MAX_STATE_BYTES:
        raise ValueError(
            f"the state of a session may have {MAX_STATE_BYTES // 1024} KB, not {len(text) // 1024}"
        )
    return text
