"""The catalog: some seventy everyday APIs that a model learns to call, on real rules of real countries.

The tools are ours and trusted, their arguments are not. The clock is frozen at ``NOW``, nothing is random
and nothing is fetched, so the same call on the same state gives the same bytes everywhere. All that a
session changes is one JSON dict, ``initial_state()``. To add a tool, write a typed function with a
docstring and put it into ``TOOLS``.
"""

import copy
import random
from collections.abc import Callable
from typing import Any

from sandbox.catalog import (
    alarms,
    bank,
    local,
    media,
    money,
    region,
    reminders,
    services,
    travel,
    world,
)
from sandbox.catalog.cities import CITIES, City, city_key, city_names
from sandbox.catalog.clock import NOW
from sandbox.catalog.routing import local_tool
from sandbox.tools import ToolError, call_tool, tool_spec
from sandbox.types import ToolSpec

__all__ = [
    "CANARY",
    "CITIES",
    "NOW",
    "SPECS",
    "TOOLS",
    "City",
    "city_key",
    "initial_state",
    "local_tool",
    "run",
    "warm_up",
]

TOOLS: dict[str, Callable[..., Any]] = {
    "set_alarm": alarms.set_alarm,
    "cancel_alarm": alarms.cancel_alarm,
    "change_alarm": alarms.change_alarm,
    "show_alarms": alarms.show_alarms,
    "snooze_alarm": alarms.snooze_alarm,
    "alarm_time_left": alarms.alarm_time_left,
    "set_reminder": reminders.set_reminder,
    "cancel_reminder": reminders.cancel_reminder,
    "show_reminders": reminders.show_reminders,
    "add_event": reminders.add_event,
    "get_weather": world.get_weather,
    "get_sunrise": world.get_sunrise,
    "get_sunset": world.get_sunset,
    "play_music": media.play_music,
    "add_to_playlist": media.add_to_playlist,
    "book_restaurant": travel.book_restaurant,
    "rate_book": media.rate_book,
    "find_media": media.find_media,
    "find_screenings": media.find_screenings,
    "book_train": travel.book_train,
    "convert_currency": money.convert_currency,
    "convert_units": world.convert_units,
    "world_time": world.world_time,
    "next_holiday": region.next_holiday,
    "check_vat": region.check_vat,
    "check_iban": region.check_iban,
    "format_phone": region.format_phone,
    "find_postal_code": region.find_postal_code,
    "find_flights": travel.find_flights,
    "book_flight": travel.book_flight,
    "find_rooms": travel.find_rooms,
    "reserve_room": travel.reserve_room,
    "show_trips": travel.show_trips,
    "cancel_trip": travel.cancel_trip,
    "find_appointments": services.find_appointments,
    "book_appointment": services.book_appointment,
    "find_contact": services.find_contact,
    "message_contact": services.message_contact,
    "track_parcel": services.track_parcel,
    "redirect_parcel": services.redirect_parcel,
    "quote_exchange": bank.quote_exchange,
    "confirm_exchange": bank.confirm_exchange,
    "move_money": bank.move_money,
    "freeze_card": bank.freeze_card,
    "send_pix": money.send_pix,
    "send_upi": money.send_upi,
    **local.TOOLS,
}
CANARY = ("book_train", {"origin": "Łódź", "destination": "東京", "date": "2026-03-09"})
EXAMPLES = {
    "send_pix": (
        "Manda 50 reais pro joao@exemplo.com por Pix.",
        "Faz um Pix de 120 reais para +5511912345678.",
    ),
    "send_upi": ("asha@oksbi को यूपीआई से 500 रुपये भेजो।", "ravi@ybl को 250 रुपये का भुगतान करो।"),
}
SPECS: dict[str, ToolSpec] = {
    name: tool_spec(function, local.LOCALES.get(name), EXAMPLES.get(name, ()))
    for name, function in TOOLS.items()
}


def initial_state() -> dict[str, Any]:
    """The state that a session starts with, a fresh one each time."""
    return {
        "alarms": [],
        "reminders": [],
        "events": [],
        "playlists": {},
        "playing": None,
        "bookings": [],
        "ratings": [],
        "tickets": [],
        "ledger": {"balance": {"BRL": 5000.0, "INR": 50000.0}, "transfers": []},
        "accounts": bank.opening_accounts(),
        "cards": [],
        "contacts": [],
        "messages": [],
        "appointments": [],
        "parcels": [],
        "flights": [],
        "rooms": [],
        "trips": [],
        "offers": {},
    }


def run(
    name: str, arguments: dict[str, Any], state: dict[str, Any], seed: int = 0, index: int = 0
) -> tuple[Any, dict[str, Any]]:
    """Run a tool on a copy of the state; gives its result and the new state.

    The caller's own random numbers go on undisturbed. The arguments must fit the tool's spec. Keys that ``state`` lacks are taken from ``initial_state()``.
    Raises ``ToolError`` where the tool refuses.
    """
    if name not in TOOLS:
        raise ToolError(f"there is no tool {name!r}")
    new_state = initial_state() | copy.deepcopy(state)
    outside = random.getstate()
    try:
        return call_tool(TOOLS[name], arguments, new_state, seed, index), new_state
    finally:
        random.setstate(outside)


def warm_up() -> None:
    """Load now what the first call would otherwise have to wait for."""
    city_names()
