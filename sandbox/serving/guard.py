"""Who is let in: whoever has the token, or, where there is none, programs of this machine but no web page."""

import base64
import binascii
import hmac
import re

from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.serving.replies import refused

LOOPBACK = rb"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
HOST, ORIGIN = (re.compile(begin + LOOPBACK, re.IGNORECASE) for begin in (b"", b"https?://"))

FREE = ("/health", "/ready")


class Guard:
    """Looks at a request's head, before any of its body is read; the ``FREE`` paths are open to all.

    With a ``token`` it is asked for: as ``Authorization: Bearer TOKEN``, or as the password of a URL's
    ``user:TOKEN@host``. Without one a request has to name this machine in Host, and in Origin if there is one:
    a page in somebody's browser, whose name leads here, does not.
    """

    def __init__(self, app: ASGIApp, token: str | None):
        self._app = app
        self._token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if b"transfer-encoding" in headers and b"content-length" in headers:  # a proxy may go by the other
            await refused(400, "a body has a length or comes in chunks, not both")(scope, receive, send)
        elif self._token is None and not _from_here(headers):
            await refused(403, "without a token this server answers to localhost alone")(scope, receive, send)
        elif self._token is not None and not hmac.compare_digest(_given(headers), self._token):
            refusal = refused(401, "this server asks for its token", {"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _given(headers: dict[bytes, bytes]) -> bytes:
    """The token that a request carries: as a bearer's, or as a password, which is all that a URL can hold."""
    kind, _, value = headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() == b"bearer":
        return value
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2] if kind.lower() == b"basic" else b""
    except binascii.Error:
        return b""


def _from_here(headers: dict[bytes, bytes]) -> bool:
    origin = headers.get(b"origin")
    return bool(HOST.fullmatch(headers.get(b"host", b"")) and (origin is None or ORIGIN.fullmatch(origin)))
