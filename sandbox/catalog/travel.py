"""Tables, trains, flights, rooms and trips."""

from typing import Any

from sandbox.catalog.cities import city_key, need_city
from sandbox.catalog.clock import as_time, need_date
from sandbox.catalog.offers import offered, taken
from sandbox.catalog.text import fold, given, next_id, spread
from sandbox.tools import ToolError


def book_restaurant(
    state: dict[str, Any],
    restaurant: str = "",
    datetime: str = "",
    party_size: str = "",
    location: str = "",
    restaurant_type: str = "",
    party_description: str = "",
    sort: str = "",
    cuisine: str = "",
    dish: str = "",
    facility: str = "",
) -> dict[str, Any]:
    """Book a table at a restaurant.

    Args:
        restaurant: The name of the restaurant.
        datetime: When: a time as HH:MM, or the words of the user.
        party_size: How many people, such as "4".
        location: Where the restaurant should be.
        restaurant_type: What sort of place, such as "bistro".
        party_description: Who is coming, in the user's words.
        sort: Which of several, such as "best rated".
        cuisine: What cuisine, such as "Lebanese".
        dish: A dish that it should serve.
        facility: What it should have, such as "terrace".
    """
    number = next_id(state["bookings"])
    booked = given(
        restaurant=restaurant,
        datetime=datetime,
        party_size=party_size,
        location=location,
        restaurant_type=restaurant_type,
        party_description=party_description,
        sort=sort,
        cuisine=cuisine,
        dish=dish,
        facility=facility,
    )
    state["bookings"].append({"id": number, **booked})
    return {"id": number, "restaurant": restaurant, "datetime": datetime, "party_size": party_size}


def book_train(state: dict[str, Any], origin: str, destination: str, date: str) -> dict[str, Any]:
    """Book a train ticket; gives the time of departure.

    Args:
        origin: The city to leave from.
        destination: The city to go to.
        date: The day of travel, as YYYY-MM-DD.
    """
    stops = [city_key(city) or fold(city) for city in (origin, destination)]
    if not all(stops) or stops[0] == stops[1]:
        raise ToolError("origin and destination must be two different cities")
    day = need_date(date).isoformat()
    ticket = {
        "id": next_id(state["tickets"]),
        "origin": origin,
        "destination": destination,
        "date": day,
        "departure": as_time(5 * 60 + 5 * spread(204, "train", *stops, day)),  # 05:00 to 21:55
    }
    state["tickets"].append(ticket)
    return dict(ticket)


def find_flights(state: dict[str, Any], origin: str, destination: str, date: str) -> dict[str, Any]:
    """Find flights between two cities on a day; gives three offers, each with its price in euros.

    Args:
        origin: The city to leave from.
        destination: The city to go to.
        date: The day of travel, as YYYY-MM-DD.
    """
    stops = [need_city(city) for city in (origin, destination)]
    if stops[0] == stops[1]:
        raise ToolError("origin and destination must be two different cities")
    asked = [*stops, need_date(date).isoformat()]
    flights = []
    for index in range(3):
        flight = {
            "departure": as_time(6 * 60 + 5 * spread(192, "flight", *asked, str(index))),  # 06:00 to 21:55
            "price": 60 + 3 * spread(150, "fare", *asked, str(index)) + index,  # no two alike
        }
        details = {"origin": stops[0], "destination": stops[1], "date": asked[2], **flight}
        flights.append({"offer_id": offered(state, "flight", *asked, str(index), **details), **flight})
    return {"flights": flights}


def book_flight(state: dict[str, Any], offer_id: str) -> dict[str, Any]:
    """Book a flight that was found; gives the booking code.

    Args:
        offer_id: The flight's offer_id, as find_flights told it.
    """
    flight = taken(state, "flight", offer_id, "find_flights")
    number = next_id(state["flights"])
    code = f"{spread(16**6, 'code', offer_id, str(number)):06X}"
    state["flights"].append({"id": number, **flight, "code": code})
    return {"code": code}


def find_rooms(state: dict[str, Any], city: str, date: str) -> dict[str, Any]:
    """Find hotel rooms in a city for one night; gives three offers, each with its price in euros.

    Args:
        city: The city.
        date: The night's first day, as YYYY-MM-DD.
    """
    asked = [need_city(city), need_date(date).isoformat()]
    rooms = []
    for index in range(3):
        price = 40 + 3 * spread(90, "room", *asked, str(index)) + index  # no two alike
        number = offered(
            state, "room", *asked, str(index), city=asked[0], date=asked[1], price=price, currency="EUR"
        )
        rooms.append({"room_id": number, "price": price, "currency": "EUR"})
    return {"rooms": rooms}


def reserve_room(state: dict[str, Any], room_id: str) -> dict[str, Any]:
    """Reserve a hotel room that was found.

    Args:
        room_id: The room's room_id, as find_rooms told it.
    """
    room = taken(state, "room", room_id, "find_rooms")
    state["rooms"].append({"id": next_id(state["rooms"]), **room})
    return {"accepted": True}


def show_trips(state: dict[str, Any]) -> dict[str, Any]:
    """List the trips that the user has booked."""
    return {"trips": [dict(trip) for trip in state["trips"]]}


def cancel_trip(state: dict[str, Any], trip_id: str) -> dict[str, Any]:
    """Cancel a trip that the user has booked.

    Args:
        trip_id: The trip's trip_id, as show_trips told it.
    """
    left = [trip for trip in state["trips"] if trip["trip_id"] != trip_id]
    if len(left) == len(state["trips"]):
        raise ToolError(f"there is no trip {trip_id[:40]!r}: give a trip_id that show_trips told")
    state["trips"] = left
    return {"accepted": True}
