"""What a program prints, kept in memory that its child and the host share: it is not lost where the child is.

4 big-endian bytes hold the length, behind them stands the text in UTF-8. A program may write into it what it likes,
so to the host it is data; it has room for ``output_kb``, and cannot grow, since the child has no descriptor of it.
"""

import mmap
import os
import struct

from sandbox.host.framing import encode

LENGTH = struct.Struct(">I")


def shared(output_kb: int) -> tuple[int, mmap.mmap]:
    """A descriptor, for the host, and the same memory, for the child."""
    descriptor = os.memfd_create("printed")
    os.ftruncate(descriptor, LENGTH.size + output_kb * 1024)
    return descriptor, mmap.mmap(descriptor, 0)


def clear(descriptor: int) -> None:
    """Forget what the program before had printed."""
    os.pwrite(descriptor, LENGTH.pack(0), 0)


def kept(descriptor: int) -> str:
    """The text, as much of it as JSON has room for in the size of the memory."""
    room = os.fstat(descriptor).st_size - LENGTH.size
    (length,) = LENGTH.unpack(os.pread(descriptor, LENGTH.size, 0))
    text = os.pread(descriptor, min(length, room), LENGTH.size).decode("utf-8", "ignore")
    while (size := len(encode(text))) > room:  # JSON takes six signs to write some
        text = text[: len(text) * room // (size + 1)]
    return text


class Notes:
    """The child's end: ``add`` text as it comes."""

    def __init__(self, memory: mmap.mmap):
        self._memory, self._end = memory, LENGTH.size
        self._tell()

    def add(self, text: str) -> None:
        """Keep the text, as far as there is room."""
        room = len(self._memory) - self._end
        part = text[:room].encode("utf-8", "replace")[:room]
        self._memory[self._end : self._end + len(part)] = part
        self._end += len(part)
        self._tell()

    def _tell(self) -> None:
        LENGTH.pack_into(self._memory, 0, self._end - LENGTH.size)
