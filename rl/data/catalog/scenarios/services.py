"""Appointments, messages and parcels."""

from typing import Any
from zlib import crc32

from rl.data.catalog.scenarios.base import Facts, Run, Scenario, date, text, time
from rl.data.catalog.slots import Slots


def contacts(*people: tuple[str, str]) -> dict[str, Any]:
    """People by name and phone number; an id hangs on the number, which no request tells."""
    rows = [
        {"contact_id": f"contact-{crc32(phone.encode()):08x}", "name": name, "phone": phone}
        for name, phone in people
    ]
    return {"contacts": rows}


def book_appointment(s: Slots, run: Run) -> Facts:
    found = run("find_appointments", service=s["service"], date=s["date"])["slots"]
    earliest = min(found, key=lambda slot: slot["time"])
    run("book_appointment", slot_id=earliest["slot_id"])
    return {"time": time(earliest["time"])}


def message_contact(s: Slots, run: Run) -> Facts:
    [found] = run("find_contact", name=s["contact"])["contacts"]
    run("message_contact", contact_id=found["contact_id"], text=s["message"])
    return {"contact": text(s["contact"])}


def redirect_parcel(s: Slots, run: Run) -> Facts:
    found = run("track_parcel", number=s["parcel"])
    run("redirect_parcel", parcel_id=found["parcel_id"], place=s["place"])
    return {"arrival": date(found["arrives"])}


SCENARIOS: dict[str, Scenario] = {
    "book_appointment": Scenario({"service": "service", "date": "date"}, book_appointment, ordered=True),
    "message_contact": Scenario(
        {
            "contact": "text:contact",
            "other": "text:contact",
            "message": "text:message",
            "a": "code:dialled",
            "b": "code:dialled",
        },
        message_contact,
        lambda s: contacts((s["other"], s["b"]), (s["contact"], s["a"])),
        ordered=True,
    ),
    "redirect_parcel": Scenario({"parcel": "code:parcel", "place": "place"}, redirect_parcel, ordered=True),
}
