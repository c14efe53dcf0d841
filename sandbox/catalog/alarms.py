"""Alarms. A time is ``HH:MM`` or any text as spoken; only ``HH:MM`` can be reckoned with."""

from typing import Any

from sandbox.catalog.clock import DAY_MINUTES, NOW, as_time, minute_of_day
from sandbox.catalog.text import fold, next_id
from sandbox.tools import ToolError


def set_alarm(
    state: dict[str, Any], datetime: str, recurring: str = "", label: str = "", reference: str = ""
) -> dict[str, Any]:
    """Set an alarm.

    Args:
        datetime: When the alarm rings: a time as HH:MM, or the words of the user.
        recurring: How often it repeats, for example "every day".
        label: What the alarm is called.
        reference: The user's words for this alarm, such as "my usual one".
    """
    alarm = {
        "id": next_id(state["alarms"]),
        "datetime": datetime,
        "recurring": recurring,
        "label": label or reference,
    }
    state["alarms"].append(alarm)
    return {"id": alarm["id"], "datetime": datetime}


def cancel_alarm(state: dict[str, Any], datetime: str = "", reference: str = "") -> dict[str, Any]:
    """Cancel the alarms at a time or with a name; with no argument, cancel all of them.

    Args:
        datetime: When the alarm was to ring, as it was set.
        reference: The name of the alarm.
    """
    cancelled = _matching(state, datetime, reference)
    state["alarms"] = [alarm for alarm in state["alarms"] if alarm not in cancelled]
    return {"cancelled": len(cancelled), "datetime": cancelled[0]["datetime"] if cancelled else datetime}


def change_alarm(state: dict[str, Any], datetime: str, new_datetime: str = "") -> dict[str, Any]:
    """Move an alarm to another time.

    Args:
        datetime: When the alarm was to ring, as it was set.
        new_datetime: When it should ring instead: a time as HH:MM, or the words of the user.
    """
    found = [alarm for alarm in state["alarms"] if fold(alarm["datetime"]) == fold(datetime)]
    if not found or not new_datetime:
        return {"id": found[0]["id"] if found else None, "datetime": datetime, "changed": 0}
    found[0]["datetime"] = new_datetime
    return {"id": found[0]["id"], "datetime": new_datetime, "changed": 1}


def show_alarms(state: dict[str, Any], datetime: str = "", reference: str = "") -> dict[str, Any]:
    """List the alarms: those at a time or with a name, or with no argument all of them.

    Args:
        datetime: Only alarms at this time.
        reference: Only alarms with this name.
    """
    return {"alarms": _matching(state, datetime, reference)}


def snooze_alarm(state: dict[str, Any], minutes: int = 10, reference: str = "") -> dict[str, Any]:
    """Let the next alarm ring some minutes later; gives its new time.

    Args:
        minutes: How many minutes later, 1 to 720.
        reference: The name of the alarm, if not simply the next one.
    """
    if not 1 <= minutes <= 720:
        raise ToolError("minutes must be from 1 to 720")
    alarm = _next(state, reference)
    if alarm is None:
        return {"datetime": ""}
    alarm["datetime"] = as_time((minute_of_day(alarm["datetime"]) or 0) + minutes)
    return {"datetime": alarm["datetime"]}


def alarm_time_left(state: dict[str, Any], reference: str = "") -> dict[str, Any]:
    """Tell how many minutes are left until the next alarm rings.

    Args:
        reference: The name of the alarm, if not simply the next one.
    """
    alarm = _next(state, reference)
    if alarm is None:
        return {"minutes": None, "datetime": ""}
    return {"minutes": _minutes_left(alarm), "datetime": alarm["datetime"]}


def _matching(state: dict[str, Any], datetime: str, reference: str) -> list[dict[str, Any]]:
    if not datetime and not reference:
        return list(state["alarms"])
    return [alarm for alarm in state["alarms"] if _is_at(alarm, datetime) or _is_called(alarm, reference)]


def _is_at(alarm: dict[str, Any], datetime: str) -> bool:
    return bool(datetime) and fold(alarm["datetime"]) == fold(datetime)


def _is_called(alarm: dict[str, Any], reference: str) -> bool:
    return bool(reference) and fold(alarm["label"]) == fold(reference)


def _next(state: dict[str, Any], reference: str) -> dict[str, Any] | None:
    """The next alarm to ring: of those so called if there are any, else of all."""
    timed = [alarm for alarm in state["alarms"] if minute_of_day(alarm["datetime"]) is not None]
    named = [alarm for alarm in timed if _is_called(alarm, reference)]
    return min(named or timed, key=_minutes_left, default=None)


def _minutes_left(alarm: dict[str, Any]) -> int:
    """Minutes from now to the alarm, 1 to 1440: one set for this very minute rings tomorrow."""
    now = NOW.hour * 60 + NOW.minute
    return ((minute_of_day(alarm["datetime"]) or 0) - now - 1) % DAY_MINUTES + 1
