"""How a process and its children talk: pickles, each behind its length in 4 bytes."""

import asyncio
import pickle
import struct
from typing import Any

LENGTH = struct.Struct(">I")


class Frames:
    """What comes in at ``reader`` and goes out at ``writer``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.length: int | None = None

    def send(self, value: Any) -> None:
        body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        self.writer.write(LENGTH.pack(len(body)) + body)

    async def receive(self) -> Any:
        """The next frame; may be cancelled and called again. Raises EOFError or OSError when the other is gone."""
        if self.length is None:
            (self.length,) = LENGTH.unpack(await self.reader.readexactly(LENGTH.size))
        body = await self.reader.readexactly(self.length)
        self.length = None
        return pickle.loads(body)
