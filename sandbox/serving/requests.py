"""What a client asks of a served sandbox, checked: anything else is refused with a line that says what is wrong."""

from typing import Any

from starlette.exceptions import HTTPException

from sandbox.serving.sessions import LONGEST_LEASE
from sandbox.types import ToolCall

SESSION = {"state", "seed", "tools", "index", "lease", "locale"}


def checked_session(body: Any) -> tuple[dict[str, Any], float | None]:
    """The arguments of ``Sandbox.session``, and the seconds of its lease."""
    if not isinstance(body, dict):
        raise HTTPException(400, "what a session starts with must be an object")
    known(body, SESSION)
    state, tools = body.get("state"), body.get("tools")
    seed, index, lease = body.get("seed", 0), body.get("index", 0), body.get("lease")
    if not isinstance(state, dict | None):
        raise HTTPException(400, "'state' must be an object or null")
    if type(seed) is not int or type(index) is not int or index < 0:
        raise HTTPException(400, "'seed' must be an integer, 'index' one that is not negative")
    if tools is not None and not (isinstance(tools, list) and all(isinstance(tool, str) for tool in tools)):
        raise HTTPException(400, "'tools' must be a list of names or null")
    if lease is not None and not (type(lease) in (int, float) and 1 <= lease <= LONGEST_LEASE):
        raise HTTPException(400, f"'lease' must be null or a number of seconds from 1 to {LONGEST_LEASE:g}")
    if not isinstance(locale := body.get("locale"), str | None):
        raise HTTPException(400, "'locale' must be a BCP 47 tag or null")
    return {"state": state, "seed": seed, "tools": tools, "index": index, "locale": locale}, lease


def checked_call(asked: Any) -> tuple[str, ToolCall, int | None]:
    """The session's name, the call and its number; its ``name`` and ``arguments`` are for the session to check."""
    call = asked.get("call") if isinstance(asked, dict) else None
    if not isinstance(call, dict) or not isinstance(asked.get("session"), str):
        raise HTTPException(400, "a call needs 'session', a name, and 'call', an object")
    known(asked, {"session", "call", "number"})
    known(call, {"id", "name", "arguments", "error"})
    call_id, error, number = call.get("id", ""), call.get("error"), asked.get("number")
    if not isinstance(call_id, str) or not isinstance(error, str | None):
        raise HTTPException(400, "'id' and 'error' of a call must be strings")
    if number is not None and (type(number) is not int or number < 1):
        raise HTTPException(400, "'number' must be null or a whole number from 1 on")
    return asked["session"], ToolCall(call_id, call.get("name"), call.get("arguments"), error=error), number


def known(body: dict[str, Any], keys: set[str]) -> None:
    """Refuse a body with other keys."""
    if unknown := sorted(set(body) - keys):
        raise HTTPException(400, f"{unknown[0]!r} is unknown here; known are {', '.join(sorted(keys))}")
