"""Tables, trains, flights, rooms and trips."""

from typing import Any
from zlib import crc32

from rl.data.catalog.scenarios.base import Facts, Run, Scenario, date, text, time
from rl.data.catalog.slots import Slots


def trips(*booked: tuple[str, str]) -> dict[str, Any]:
    """Trips by day and city, in the order of their days."""
    rows = [
        {"trip_id": f"trip-{crc32(f'{position} {day}'.encode()):08x}", "city": city, "date": day}
        for position, (day, city) in enumerate(sorted(booked))
    ]
    return {"trips": rows}


def book_restaurant(s: Slots, run: Run) -> Facts:
    run("book_restaurant", restaurant=s["restaurant"], datetime=s["time"], party_size=s["people"])
    return {"restaurant": text(s["restaurant"]), "time": time(s["time"])}


def book_train(s: Slots, run: Run) -> Facts:
    departure = run("book_train", origin=s["origin"], destination=s["destination"], date=s["date"])[
        "departure"
    ]
    return {"departure": time(departure), "date": date(s["date"])}


def book_flight(s: Slots, run: Run) -> Facts:
    found = run("find_flights", origin=s["origin"], destination=s["destination"], date=s["date"])["flights"]
    cheapest = min(found, key=lambda flight: flight["price"])
    code = run("book_flight", offer_id=cheapest["offer_id"])["code"]
    return {"departure": time(cheapest["departure"]), "code": text(code)}


def reserve_room(s: Slots, run: Run) -> Facts:
    found = run("find_rooms", city=s["city"], date=s["date"])["rooms"]
    cheapest = min(found, key=lambda room: room["price"])
    run("reserve_room", room_id=cheapest["room_id"])
    return {"price": {"kind": "money", "value": cheapest["price"], "currency": cheapest["currency"]}}


def cancel_trip(s: Slots, run: Run) -> Facts:
    trip = next(trip for trip in run("show_trips")["trips"] if trip["city"] == s["city"])
    run("cancel_trip", trip_id=trip["trip_id"])
    return {"day": date(trip["date"])}


SCENARIOS: dict[str, Scenario] = {
    "book_restaurant": Scenario(
        {"restaurant": "text:restaurant", "people": "people", "time": "meal"}, book_restaurant
    ),
    "book_train": Scenario({"origin": "rail", "destination": "rail", "date": "date"}, book_train),
    "book_flight": Scenario(
        {"origin": "city", "destination": "city", "date": "date"}, book_flight, ordered=True
    ),
    "reserve_room": Scenario({"city": "city", "date": "date"}, reserve_room, ordered=True),
    "cancel_trip": Scenario(
        {"city": "city", "other": "city", "a": "date", "b": "date"},
        cancel_trip,
        lambda s: trips((s["a"], s["city"]), (s["b"], s["other"])),
        ordered=True,
    ),
}
