"""The clock stands for compiled libraries, too, such as numpy's ``datetime64("now")`` and SQLite's ``datetime('now')``.

They ask the C library and not Python. So each library that comes with an extension module has its references to
``time`` and ``gettimeofday`` led to functions of ours, in its table of foreign functions: see elf(5), and
``struct link_map`` in link.h, in which the C library chains what is loaded.
"""

import ctypes
import importlib.machinery
import mmap
import os
import struct
from collections.abc import Iterator
from types import ModuleType
from typing import Any

STRINGS, SYMBOLS, RELOCATIONS, RELOCATIONS_SIZE, CALLS_SIZE, CALLS = (
    5,
    6,
    7,
    8,
    2,
    23,
)  # tags of a dynamic section
TO_SYMBOL = {"x86_64": (6, 7), "aarch64": (1025, 1026)}  # relocations that hold a symbol's address
SYMBOL_BYTES = 24
READ, WRITE = mmap.PROT_READ, mmap.PROT_WRITE
TIME = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.POINTER(ctypes.c_long))
TIME_OF_DAY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_long * 2), ctypes.c_void_p)


class _LinkMap(ctypes.Structure):
    pass


_LinkMap._fields_ = [
    ("base", ctypes.c_size_t),
    ("name", ctypes.c_char_p),
    ("dynamic", ctypes.c_void_p),
    ("next", ctypes.POINTER(_LinkMap)),
]


class FrozenLibraries:
    """Holds the clock at ``seconds`` since the epoch for whatever is loaded after ``watch`` was called."""

    def __init__(self, seconds: int):
        self._libc = ctypes.CDLL(None, use_errno=True)

        def time(into: Any) -> int:
            if into:
                into[0] = seconds
            return seconds

        def gettimeofday(into: Any, zone: Any) -> int:
            into[0][:] = [seconds, 0]
            return 0

        self._ours = {b"time": TIME(time), b"gettimeofday": TIME_OF_DAY(gettimeofday)}
        self._known: set[int] = set()

    def watch(self) -> None:
        """From now on look at what each extension module brings."""
        if os.uname().machine not in TO_SYMBOL:
            return
        self._known = {loaded.dynamic for loaded in self._loaded()}
        load = importlib.machinery.ExtensionFileLoader.create_module

        def create_module(loader: Any, spec: importlib.machinery.ModuleSpec) -> ModuleType:
            module = load(loader, spec)
            self._freeze_new()
            return module

        importlib.machinery.ExtensionFileLoader.create_module = create_module  # type: ignore[method-assign,assignment]

    def _freeze_new(self) -> None:
        for loaded in list(self._loaded()):
            if loaded.dynamic not in self._known:
                self._known.add(loaded.dynamic)
                for slot, name in _references(loaded):
                    if name in self._ours:
                        self._lead(slot, self._ours[name])

    def _loaded(self) -> Iterator[_LinkMap]:
        one = ctypes.cast(self._libc._handle, ctypes.POINTER(_LinkMap))
        while one:
            yield one.contents
            one = one.contents.next

    def _lead(self, slot: int, function: Any) -> None:
        page = slot & ~(mmap.PAGESIZE - 1)
        self._libc.mprotect(ctypes.c_void_p(page), mmap.PAGESIZE, READ | WRITE)
        address = ctypes.cast(function, ctypes.c_void_p).value
        ctypes.c_size_t.from_address(slot).value = address or 0


def _references(loaded: _LinkMap) -> Iterator[tuple[int, bytes]]:
    """Where the library holds the address of a foreign symbol, and the symbol's name."""
    table = _dynamic(loaded.dynamic)
    if not {STRINGS, SYMBOLS} <= table.keys():
        return
    kinds = TO_SYMBOL[os.uname().machine]
    for start, size in ((RELOCATIONS, RELOCATIONS_SIZE), (CALLS, CALLS_SIZE)):
        if start in table and table[start] > loaded.base:  # else it was left as it lies in the file
            for offset, info, _ in struct.iter_unpack("<QQq", ctypes.string_at(table[start], table[size])):
                if info & 0xFFFFFFFF in kinds:
                    symbol = ctypes.c_uint32.from_address(table[SYMBOLS] + SYMBOL_BYTES * (info >> 32)).value
                    yield loaded.base + offset, ctypes.string_at(table[STRINGS] + symbol)


def _dynamic(address: int) -> dict[int, int]:
    found: dict[int, int] = {}
    while tag := ctypes.c_size_t.from_address(address).value:
        found[tag] = ctypes.c_size_t.from_address(address + 8).value
        address += 16
    return found
