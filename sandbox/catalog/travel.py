"""Tables and trains."""

from typing import Any

from sandbox.catalog.cities import city_key
from sandbox.catalog.clock import as_time, need_date
from sandbox.catalog.text import fold, given, next_id, spread
from sandbox.tools import ToolError


def book_restaurant(
    state: dict,
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


def book_train(state: dict, origin: str, destination: str, date: str) -> dict[str, Any]:
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
