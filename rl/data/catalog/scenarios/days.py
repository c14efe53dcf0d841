"""Alarms, reminders and the calendar."""

from typing import Any

from rl.data.catalog.scenarios.base import Facts, Run, Scenario, date, number, text, time
from rl.data.catalog.slots import Slots


def alarms(*times: str) -> dict[str, Any]:
    rows = [{"id": i + 1, "datetime": t, "recurring": "", "label": ""} for i, t in enumerate(times)]
    return {"alarms": rows}


def reminder(todo: str, at: str = "") -> dict[str, Any]:
    return {"reminders": [{"id": 1, "todo": todo, "datetime": at, "recurring": ""}]}


def set_alarm(s: Slots, run: Run) -> Facts:
    run("set_alarm", datetime=s["time"])
    return {"time": time(s["time"])}


def cancel_alarm(s: Slots, run: Run) -> Facts:
    run("cancel_alarm", datetime=s["time"])
    return {"time": time(s["time"])}


def change_alarm(s: Slots, run: Run) -> Facts:
    run("change_alarm", datetime=s["old"], new_datetime=s["new"])
    return {"new": time(s["new"])}


def replace_alarm(s: Slots, run: Run) -> Facts:
    run("cancel_alarm", datetime=s["old"])
    run("set_alarm", datetime=s["new"])
    return {"new": time(s["new"])}


def show_alarms(s: Slots, run: Run) -> Facts:
    found = run("show_alarms")["alarms"]
    return {"first": time(found[0]["datetime"]), "second": time(found[1]["datetime"])}


def snooze_alarm(s: Slots, run: Run) -> Facts:
    return {"time": time(run("snooze_alarm", minutes=s["minutes"])["datetime"])}


def alarm_time_left(s: Slots, run: Run) -> Facts:
    return {"minutes": number(run("alarm_time_left")["minutes"]) | {"unit": "minute"}}


def set_reminder(s: Slots, run: Run) -> Facts:
    run("set_reminder", todo=s["todo"], datetime=s["time"])
    return {"time": time(s["time"]), "todo": text(s["todo"])}


def cancel_reminder(s: Slots, run: Run) -> Facts:
    run("cancel_reminder", todo=s["todo"])
    return {"todo": text(s["todo"])}


def show_reminders(s: Slots, run: Run) -> Facts:
    found = run("show_reminders")["reminders"][0]
    return {"todo": text(found["todo"]), "time": time(found["datetime"])}


def add_event(s: Slots, run: Run) -> Facts:
    run("add_event", title=s["title"], date=s["date"], time=s["time"])
    return {"date": date(s["date"]), "time": time(s["time"])}


SCENARIOS: dict[str, Scenario] = {
    "set_alarm": Scenario({"time": "time"}, set_alarm),
    "cancel_alarm": Scenario(
        {"time": "time", "other": "time"}, cancel_alarm, lambda s: alarms(s["time"], s["other"])
    ),
    "change_alarm": Scenario({"old": "time", "new": "time"}, change_alarm, lambda s: alarms(s["old"])),
    "replace_alarm": Scenario({"old": "time", "new": "time"}, replace_alarm, lambda s: alarms(s["old"])),
    "show_alarms": Scenario(
        {"a": "time", "b": "time"}, show_alarms, lambda s: alarms(*sorted([s["a"], s["b"]]))
    ),
    "snooze_alarm": Scenario({"minutes": "minutes", "set": "time"}, snooze_alarm, lambda s: alarms(s["set"])),
    "alarm_time_left": Scenario(
        {"minutes": "minutes"},
        alarm_time_left,
        lambda s: alarms("{:02}:{:02}".format(8 + s["minutes"] // 60, s["minutes"] % 60)),
    ),
    "set_reminder": Scenario({"todo": "text:todo", "time": "time"}, set_reminder),
    "cancel_reminder": Scenario({"todo": "text:todo"}, cancel_reminder, lambda s: reminder(s["todo"])),
    "show_reminders": Scenario(
        {"todo": "text:todo", "time": "time"}, show_reminders, lambda s: reminder(s["todo"], s["time"])
    ),
    "add_event": Scenario({"title": "text:title", "date": "date", "time": "event"}, add_event),
}
