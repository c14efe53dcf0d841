"""Reminders and calendar events."""

from typing import Any

from sandbox.catalog.clock import need_date, need_time
from sandbox.catalog.text import bare, fold, next_id
from sandbox.tools import ToolError


def set_reminder(state: dict[str, Any], todo: str, datetime: str = "", recurring: str = "") -> dict[str, Any]:
    """Set a reminder.

    Args:
        todo: What to remind the user of, in the user's words.
        datetime: When: a time as HH:MM, or the words of the user.
        recurring: How often it repeats, for example "every day".
    """
    reminder = {
        "id": next_id(state["reminders"]),
        "todo": todo,
        "datetime": datetime,
        "recurring": recurring,
    }
    state["reminders"].append(reminder)
    return {"id": reminder["id"], "todo": todo, "datetime": datetime}


def cancel_reminder(
    state: dict[str, Any], todo: str = "", datetime: str = "", reference: str = ""
) -> dict[str, Any]:
    """Cancel the reminders of something or at a time; with no argument, cancel all of them.

    Args:
        todo: What the reminder is about, as it was set.
        datetime: When the reminder was to come, as it was set.
        reference: The user's words for the reminder.
    """
    cancelled = _matching(state, todo, datetime, reference)
    state["reminders"] = [reminder for reminder in state["reminders"] if reminder not in cancelled]
    return {"cancelled": len(cancelled), "todo": cancelled[0]["todo"] if cancelled else todo}


def show_reminders(
    state: dict[str, Any], datetime: str = "", reference: str = "", todo: str = ""
) -> dict[str, Any]:
    """List the reminders: those of something or at a time, or with no argument all of them.

    Args:
        datetime: Only reminders at this time.
        reference: The user's words for the reminder.
        todo: Only reminders about this.
    """
    return {"reminders": _matching(state, todo, datetime, reference)}


def add_event(state: dict[str, Any], title: str, date: str, time: str) -> dict[str, Any]:
    """Put an event in the user's calendar.

    Args:
        title: What the event is called, in the user's words.
        date: The day, as YYYY-MM-DD.
        time: The time of day, as HH:MM in 24 hours.
    """
    if not title.strip():
        raise ToolError("the event needs a title")
    event = {
        "id": next_id(state["events"]),
        "title": title,
        "date": need_date(date).isoformat(),
        "time": need_time(time),
    }
    state["events"].append(event)
    return dict(event)


def _matching(state: dict[str, Any], todo: str, datetime: str, reference: str) -> list[dict[str, Any]]:
    if not (todo or datetime or reference):
        return list(state["reminders"])
    about = {fold(bare(text)) for text in (todo, reference) if text}
    when = {fold(datetime)} if datetime else set()
    return [
        one for one in state["reminders"] if fold(bare(one["todo"])) in about or fold(one["datetime"]) in when
    ]
