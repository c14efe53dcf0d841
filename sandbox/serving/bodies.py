"""The JSON objects that requests carry, read within bounds.

A few bytes of JSON can become a large value (``[],`` is three bytes and an object of 56), and reading one stops the
loop. So what a body will take is counted in its bytes before it is read, at what each sign costs at most.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from sandbox.host.framing import FrameError, decode
from sandbox.serving.replies import CLOSE

MB = 1024 * 1024
COST = {b"[": 64, b"{": 64, b":": 120, b",": 40}  # bytes of a list, an object, a key with its place, a value
MAX_COST = 64 * MB
BODIES = 8  # of the greatest length that may be held at once


class Bodies:
    """Reads bodies of at most ``max_bytes``, and at most ``BODIES`` times that of all that come at once."""

    def __init__(self, max_bytes: int):
        self._max_bytes, self._room = max_bytes, BODIES * max_bytes

    async def read(self, request: Request) -> dict[str, Any]:
        """The request's JSON object. Raises ``HTTPException``: 413 as soon as it is too long, 503 for want of room."""
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared[:20]) > self._max_bytes:
            raise self._too_long()
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
                self._room -= len(part)
                if len(body) > self._max_bytes:
                    raise self._too_long()
                if self._room < 0:
                    raise HTTPException(503, "too much is being read at once; try again", CLOSE)
            return _read(bytes(body))
        finally:
            self._room += len(body)

    def _too_long(self) -> HTTPException:
        return HTTPException(413, f"the body is over the limit of {self._max_bytes // MB} MB", CLOSE)


def _read(body: bytes) -> dict[str, Any]:
    if sum(body.count(sign) * cost for sign, cost in COST.items()) > MAX_COST:
        raise HTTPException(413, "the body holds too many values for one request; send it in parts")
    try:
        return decode(body)
    except FrameError as error:
        raise HTTPException(400, str(error).replace("a frame", "the body", 1)) from error
