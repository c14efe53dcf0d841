"""Appointments, messages to contacts, and parcels on their way."""

import datetime as dt
import re
from typing import Any, Literal

from sandbox.catalog.clock import NOW, as_time, need_date
from sandbox.catalog.offers import offered, taken
from sandbox.catalog.text import fold, next_id, spread
from sandbox.tools import ToolError

Service = Literal["doctor", "dentist", "hairdresser", "mechanic"]
Place = Literal["locker", "shop", "neighbor", "post_office"]
WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)  # Universal Postal Union, standard S10


def find_appointments(state: dict[str, Any], service: Service, date: str) -> dict[str, Any]:
    """Find free appointments on a day; gives three, in no order.

    Args:
        service: Whom the appointment is with.
        date: The day, as YYYY-MM-DD.
    """
    asked = (service, need_date(date).isoformat())
    hours = [8 * 60 + 200 * part + 5 * spread(36, "slot", *asked, str(part)) for part in range(3)]
    first = spread(3, "order", *asked)
    slots = []
    for hour in hours[first:] + hours[:first]:  # 08:00 to 17:35
        time = as_time(hour)
        number = offered(state, "slot", *asked, time, service=service, date=asked[1], time=time)
        slots.append({"slot_id": number, "time": time})
    return {"slots": slots}


def book_appointment(state: dict[str, Any], slot_id: str) -> dict[str, Any]:
    """Book an appointment that was found.

    Args:
        slot_id: The appointment's slot_id, as find_appointments told it.
    """
    slot = taken(state, "slot", slot_id, "find_appointments")
    state["appointments"].append({"id": next_id(state["appointments"]), **slot})
    return {"accepted": True}


def find_contact(state: dict[str, Any], name: str) -> dict[str, Any]:
    """Find the user's contacts of a name.

    Args:
        name: The name, as the user says it.
    """
    found = [dict(one) for one in state["contacts"] if fold(name) in fold(one["name"])]
    return {"contacts": found if name.strip() else []}


def message_contact(state: dict[str, Any], contact_id: str, text: str) -> dict[str, Any]:
    """Send a message to one of the user's contacts.

    Args:
        contact_id: The contact's contact_id, as find_contact told it.
        text: The message, in the user's words.
    """
    if all(one["contact_id"] != contact_id for one in state["contacts"]):
        raise ToolError(f"there is no contact {contact_id[:40]!r}: give a contact_id that find_contact told")
    if not text.strip():
        raise ToolError("the message is empty")
    state["messages"].append({"id": next_id(state["messages"]), "contact_id": contact_id, "text": text})
    return {"accepted": True}


def track_parcel(state: dict[str, Any], number: str) -> dict[str, Any]:
    """Tell when a parcel arrives, by its tracking number.

    Args:
        number: The tracking number, such as RR473124829DE.
    """
    code = "".join(number.split()).upper()
    if not _is_tracking_number(code):
        raise ToolError(
            "not a tracking number: it has two letters, nine digits and two letters, mind the digits"
        )
    day = (NOW + dt.timedelta(days=1 + spread(9, "parcel", code))).date().isoformat()
    return {"parcel_id": offered(state, "parcel", code, number=code), "arrives": day}


def redirect_parcel(state: dict[str, Any], parcel_id: str, place: Place) -> dict[str, Any]:
    """Have a parcel that is on its way delivered to another place.

    Args:
        parcel_id: The parcel's parcel_id, as track_parcel told it.
        place: Where to leave it: a parcel locker, a parcel shop, a neighbor or the post office.
    """
    parcel = taken(state, "parcel", parcel_id, "track_parcel")
    state["parcels"].append({"id": next_id(state["parcels"]), **parcel, "place": place})
    return {"accepted": True}


def _is_tracking_number(code: str) -> bool:
    """S10: the ninth digit checks the eight before it."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", code):
        return False
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(WEIGHTS, code[2:10], strict=True)) % 11
    return int(code[10]) == {10: 0, 11: 5}.get(rest, rest)
