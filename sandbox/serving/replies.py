"""What both servers answer with: JSON, and a refusal in one line."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sandbox.host.framing import MAX_DEPTH, encode
from sandbox.tools import one_line

CLOSE = {"Connection": "close"}  # the rest of a body that nobody reads goes nowhere


def reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The value as JSON."""
    return Response(encode(value, MAX_DEPTH), status, headers, media_type="application/json")


def refused(status: int, why: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal of a request whose body was not read: the connection ends with it."""
    return reply({"error": one_line(why)}, status, CLOSE | (headers or {}))


async def refusal(_: Request, error: Exception) -> Response:
    """For ``HTTPException``, and for a request that broke off."""
    if isinstance(error, HTTPException):
        return reply({"error": one_line(error.detail)}, error.status_code, dict(error.headers or {}))
    return reply({"error": "the request broke off"}, 400)


async def failure(_: Request, error: Exception) -> Response:
    """For any other exception, which the log has."""
    return reply({"error": "the server failed; its log says how"}, 500)
