"""The outside of the sandbox: sessions over the kinds of tools that there are.

A session's state lives in the host, as JSON, and travels with each call, so any worker can serve any call and a
dead worker loses nothing. Code that is not trusted runs in locked children of the session's own, and reaches
stateful tools only through the host. The stateful calls of one session run in order, all else side by side::

    async with open_sandbox() as sandbox, sandbox.session() as session:
        result = await session.call(ToolCall("1", "world_time", {"city": "Tokyo"}))
"""

import importlib
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from sandbox.arguments import CallCheck
from sandbox.backends.base import Backend, Limits, taken
from sandbox.backends.catalog import TrustedTools
from sandbox.backends.code.server import PYTHON
from sandbox.backends.code.tools import CodeTools
from sandbox.backends.rest.tools import HttpTools
from sandbox.guest.lockdown import THREADS
from sandbox.host.budget import programs_at_once, whole
from sandbox.host.framing import MAX_STATE_BYTES, FrameError, decode, encode
from sandbox.host.groups import Group
from sandbox.host.spawn import Spawner
from sandbox.isolation.bubblewrap import LESS_STOPPED, LEVELS, NOT_STOPPED, UNPRIVILEGED, probe, source
from sandbox.latin import romanizer
from sandbox.session import Session
from sandbox.types import ToolSpec

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

    ``workers`` processes (default: one for each core that we may use), each call limited to ``wall_seconds``,
    ``memory_mb`` of address space and ``output_kb`` of JSON result. At most ``queue`` calls are taken on at once;
    further ones wait. After ``recycle_calls`` a worker is replaced. ``catalog`` names a module with ``TOOLS``,
    ``SPECS``, ``NOW`` (its frozen time), ``CANARY`` (the name and the arguments of a call to be answered now and
    then), ``initial_state()`` and ``warm_up()``.

    ``tools`` and ``trusted_tools`` name modules whose public functions become tools. Trusted ones run beside
    the catalog's; the others run where model-written programs run: in a child of the session's own, with
    ``cpu_seconds`` of CPU time, ``program_mb`` of resident memory, ``disk_mb`` of files, at most ``programs`` of
    them at once, fewer where the machine has no memory for so many, and ``spares`` ready a worker. ``rest`` are the options of ``sandbox.backends.rest.tools.HttpTools``,
    for tools that are REST APIs, ``mcp`` the MCP servers whose tools there are, each as ``sandbox.backends.mcp.servers`` has
    it; at most ``programs`` sessions hold servers at once. ``transliterate``: results in other scripts carry their Latin
    transliteration beside them (``sandbox.latin``).

    ``isolation`` is ``full``, ``unprivileged`` or ``process`` (see ``sandbox.isolation.bubblewrap``). Where the
    machine lacks what ``full`` needs, the trusted tools run at level ``process``, which is logged, and programs and
    other tools are refused; they run at a lower level only where it is asked for by name. Raises ``ValueError``.
    """
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    limits = Limits(wall_seconds, cpu_seconds, memory_mb, program_mb, disk_mb, output_kb, recycle_calls)
    _check(vars(limits) | {"workers": count, "queue": queue, "programs": programs, "spares": spares})
    missing = _missing(isolation)
    _check_modules(catalog, tools, trusted_tools, missing)
    spawner = Spawner(_level(isolation, missing), limits)
    kinds: list[Backend] = [TrustedTools(catalog, trusted_tools, spawner, count, queue)]
    if rest:
        kinds.append(HttpTools(**rest))
    each_mb = (program_mb + 2 * disk_mb) * (1 + bool(tools))
    at_once = programs_at_once(programs, each_mb)
    if mcp:
        kinds.append(_mcp_tools(mcp, spawner, missing, at_once))
    if not missing:
        group = Group(*whole(at_once, each_mb, THREADS * (1 + bool(tools)), count, spares))
        kinds.append(CodeTools(tools, replace(spawner, group=group), count, spares, _now(catalog), at_once))
    if transliterate:
        romanizer()  # seconds, which no call shall wait for
    return Sandbox(catalog, kinds, missing, output_kb if transliterate else None)


def _now(catalog: str) -> str:
    """The catalog's frozen time."""
    return str(importlib.import_module(catalog).NOW.isoformat())


def _check_modules(
    catalog: str, tools: Sequence[str], trusted_tools: Sequence[str], missing: list[str]
) -> None:
    """Raises ValueError where there is none of that name, or the machine cannot isolate it."""
    if tools and missing:
        raise ValueError(_refusal(f"the tools of {', '.join(tools)}", missing))
    for name in (catalog, *tools, *trusted_tools):
        source(name.partition(".")[0])


def _missing(isolation: str) -> list[str]:
    """How to get what the level needs and this machine lacks. Raises ``ValueError`` for a level that there is not."""
    if isolation not in LEVELS:
        raise ValueError(
            f"sandbox: isolation is {isolation!r}, set it to 'full' or 'process', or to 'unprivileged' where user "
            "namespaces are refused"
        )
    if isolation == "full":
        return list(probe()["how_to_get"])
    return [] if isolation == "process" or probe()["unprivileged"] else [UNPRIVILEGED]


def _level(isolation: str, missing: list[str]) -> str:
    """The level that there will be; told of where it is not ``full``."""
    level = "process" if missing else isolation
    if level != "full":
        open_to = NOT_STOPPED if level == "process" else LESS_STOPPED
        log.warning("sandbox: isolation is %r: %s. %s", level, open_to, "; ".join(missing))
    return level


def _mcp_tools(
    servers: Sequence[Mapping[str, Any]], spawner: Spawner, missing: list[str], most: int
) -> Backend:
    try:  # only here: the SDK takes a second to load
        from sandbox.backends.mcp.servers import Surroundings
        from sandbox.backends.mcp.tools import McpTools
    except ModuleNotFoundError as error:
        raise ValueError(f"sandbox: mcp needs {error.name}; pip install 'polyglot-grpo[mcp]'") from error
    return McpTools(servers, Surroundings(spawner.limits, spawner.level, missing), most)


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
    less = f"sandbox.isolation=unprivileged: then {LESS_STOPPED}; or set " if probe()["unprivileged"] else ""
    return (
        f"sandbox: {what} cannot run isolated on this machine; {'; '.join(missing)}. To run them with less, set "
        f"{less}sandbox.isolation=process: then {NOT_STOPPED}"
    )


class Sandbox:
    """The kinds of tools that sessions may call; ``open_sandbox`` makes one.

    ``latin_kb``: results are transliterated, within so much.
    """

    def __init__(self, catalog: str, kinds: list[Backend], missing: list[str], latin_kb: int | None):
        self.specs: dict[str, ToolSpec] = {}
        self.backends: dict[str, Backend] = {}  # of each tool, by its key
        self._keys: dict[str, dict[str | None, str]] = {}  # by name and locale
        self._plain: dict[str, str | None] = {}  # the tools that no locale chooses among; the key is the name
        self._routed: set[str] = set()  # the names of all others
        self.latin_kb = latin_kb
        self._checks: dict[str, CallCheck] = {}
        self._kinds = kinds
        self._missing = missing
        self._initial_state = importlib.import_module(catalog).initial_state
        self._open = False
        for kind in kinds:
            self._add_all(kind)

    def _add_all(self, kind: Backend) -> None:
        """The kind's tools, as far as they are known and have not been added yet."""
        for key, spec in kind.specs.items():
            known = self._keys.setdefault(spec.name, {})
            if any(self.backends[other] is not kind for other in known.values()):
                raise ValueError(taken(kind.home(key), spec.name))
            if key not in self.backends:
                self._checks[key], self.backends[key] = CallCheck(spec), kind
                self.specs.setdefault(spec.name, spec)
                known[None if key == spec.name else spec.locale] = key
            if list(known) == [None]:
                self._plain[spec.name] = key
            else:
                self._plain.pop(spec.name, None)
                self._routed.add(spec.name)

    async def __aenter__(self) -> Self:
        """Start the first worker, so that a broken installation is known at once (``WorkerDied``).

        Raises ``ValueError`` where an MCP server does not answer.
        """
        try:
            for kind in self._kinds:
                await kind.start()
                self._add_all(kind)
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)  # nothing that was started stays
            raise
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        for one in self._kinds:
            await one.close()

    def session(
        self,
        state: dict[str, Any] | None = None,
        seed: int = 0,
        tools: Iterable[str] | None = None,
        index: int = 0,
        locale: str | None = None,
    ) -> Session:
        """A session, to be used as ``async with sandbox.session(...) as session``.

        ``state`` starts it (what it lacks comes from the catalog's initial state), ``seed`` seeds its
        randomness, ``tools`` are the names it may call (default: all), ``index`` counts the calls before
        it. Of tools that several countries have under one name it gets those of its ``locale``, a BCP 47 tag. Raises ``ValueError`` for a state that is not JSON or over 4 MB, or an unknown tool.
        """
        keys = self._all(locale) if tools is None else self._asked(list(tools), locale)
        return Session(self, keys, _as_json(self._initial_state() | (state or {})), seed, index, locale)

    def _all(self, locale: str | None) -> dict[str, str | None]:
        """The keys of all tools that there are for the locale, by their names."""
        routed = {name: self._key(name, locale) for name in self._routed}
        return self._plain | {name: key for name, key in routed.items() if key is not None}

    def _asked(self, names: list[str], locale: str | None) -> dict[str, str | None]:
        """The keys of the tools of these names. Raises ``ValueError`` where there is none for one."""
        unknown = [name for name in names if name not in self.specs]
        if unknown and unknown[0] == PYTHON.name and self._missing:
            raise ValueError(_refusal("programs", self._missing))
        if unknown:
            raise ValueError(f"the sandbox has no tool {unknown[0]!r}; it has {', '.join(self.specs)}")
        keys = {name: self._key(name, locale) for name in names}
        for name, key in keys.items():
            if key is None:
                there = ", ".join(str(known) for known in self._keys[name])
                raise ValueError(f"the tool {name!r} is there for {there}, not for the locale {locale}")
        return keys

    def _key(self, name: str, locale: str | None) -> str | None:
        """The key of the tool of that name for the locale; None where there is none."""
        known = self._keys[name]
        if name in self._plain:
            return name
        from sandbox.catalog.routing import nearest  # only here: it knows the world's regions

        return known.get(nearest([tag for tag in known if tag], locale) if locale else None, known.get(None))

    @property
    def open(self) -> bool:
        """Whether calls are served."""
        return self._open

    def check(self, key: str) -> CallCheck:
        """What a call of the tool with this key must fit."""
        return self._checks[key]

    def stateful(self, key: str) -> bool:
        """Whether the tool with this key reads or writes what other calls leave behind."""
        return self.backends[key].specs[key].stateful

    def pids(self) -> list[int]:
        """The process ids of the workers that run now."""
        return [pid for kind in self._kinds if isinstance(kind, TrustedTools) for pid in kind.pids()]

    def code_pids(self) -> list[int]:
        """The process ids of the code servers that run now."""
        return [pid for kind in self._kinds if isinstance(kind, CodeTools) for pid in kind.pids()]


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
