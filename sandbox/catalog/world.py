"""Weather, sun, clocks and units. Weather is made up, steadily, from the city alone, and fits its climate."""

import datetime as dt
from typing import Any, Literal
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunrise, sunset

from sandbox.catalog.cities import CITIES, City, city_key, need_city
from sandbox.catalog.clock import NOW, as_time, iso_date
from sandbox.catalog.text import fold, spread
from sandbox.tools import ToolError

Unit = Literal[
    "kilometer", "mile", "meter", "foot", "kilogram", "pound", "liter", "gallon", "celsius", "fahrenheit"
]
MARCH = {  # the usual degrees Celsius of an early day in March, when the clock stands
    "tokyo": 10, "paris": 10, "cairo": 22, "new_york": 5, "london": 9, "seoul": 6, "nairobi": 25, "bangkok": 32,
    "moscow": -3, "madrid": 13, "berlin": 6, "rome": 14, "lisbon": 16, "vienna": 8, "istanbul": 9,
    "shanghai": 10, "singapore": 30, "jakarta": 29, "dubai": 26, "dhaka": 29, "karachi": 27, "sydney": 24,
    "toronto": 0, "chicago": 3, "lima": 25, "athens": 14, "warsaw": 5, "prague": 6, "stockholm": 1,
    "dublin": 9, "manila": 30, "hong_kong": 20, "bogota": 17, "casablanca": 18, "sao_paulo": 26,
}  # fmt: skip
CONDITIONS = ("sunny", "cloudy", "rainy", "windy", "foggy", "stormy", "snowy")
FACTORS = {  # to the metre, the kilogram and the litre; NIST SP 811
    "kilometer": ("length", 1000.0),
    "mile": ("length", 1609.344),
    "meter": ("length", 1.0),
    "foot": ("length", 0.3048),
    "kilogram": ("mass", 1.0),
    "pound": ("mass", 0.45359237),
    "liter": ("volume", 1.0),
    "gallon": ("volume", 3.785411784),
}
DEGREES = ("celsius", "fahrenheit")


def get_weather(
    location: str = "", datetime: str = "", attribute: str = "", condition: str = "", temperature: str = ""
) -> dict[str, Any]:
    """Tell the weather at a place, with the temperature in degrees Celsius.

    Args:
        location: The city or place.
        datetime: When, in the user's words.
        attribute: What about the weather is asked, in the user's words, such as "humidity".
        condition: The weather that is asked about, such as "rain".
        temperature: The temperature that is asked about, such as "below zero".
    """
    place = city_key(location) or fold(location)
    degrees = MARCH.get(place, spread(44, "temperature", place) - 5)  # -5 to 38
    unlikely = ("snowy",) if degrees > 3 else ("rainy", "stormy") if degrees < 0 else ()
    skies = [condition for condition in CONDITIONS if condition not in unlikely]
    sky = skies[spread(len(skies), "condition", place)]
    return {"location": location, "temperature": degrees, "condition": sky}


def get_sunrise(location: str, datetime: str = "") -> dict[str, Any]:
    """Tell when the sun rises at a place, in local time.

    Args:
        location: The city or place.
        datetime: The day as YYYY-MM-DD, or the words of the user; today if left out.
    """
    key = city_key(location)
    if key is None:
        return {"location": location, "time": as_time(5 * 60 + spread(180, "sunrise", fold(location)))}
    return {"location": location, "time": _sun(sunrise, CITIES[key], datetime)}


def get_sunset(location: str, datetime: str = "") -> dict[str, Any]:
    """Tell when the sun sets at a place, in local time.

    Args:
        location: The city or place.
        datetime: The day as YYYY-MM-DD, or the words of the user; today if left out.
    """
    key = city_key(location)
    if key is None:
        return {"location": location, "time": as_time(17 * 60 + spread(180, "sunset", fold(location)))}
    return {"location": location, "time": _sun(sunset, CITIES[key], datetime)}


def world_time(city: str) -> dict[str, Any]:
    """Tell what time it is now in a city.

    Args:
        city: The city.
    """
    local = NOW.astimezone(ZoneInfo(CITIES[need_city(city)].zone))
    return {"city": city, "time": f"{local:%H:%M}"}


def convert_units(value: float, source: Unit, target: Unit) -> dict[str, Any]:
    """Convert a length, a mass, a volume (US gallons) or a temperature to another unit.

    Args:
        value: How much, in the source unit.
        source: The unit to convert from.
        target: The unit to convert to.
    """
    if not abs(value) <= 1e12:
        raise ToolError("the value must be between -1000000000000 and 1000000000000")
    result = round(_converted(value, source, target), 2) + 0.0  # no negative zero
    return {"value": result, "unit": target}


def _converted(value: float, source: str, target: str) -> float:
    if source in DEGREES and target in DEGREES:
        celsius = value if source == "celsius" else (value - 32) / 1.8
        return celsius if target == "celsius" else celsius * 1.8 + 32
    old, new = FACTORS.get(source), FACTORS.get(target)
    if old is None or new is None or old[0] != new[0]:
        raise ToolError(f"{source} cannot be converted to {target}")
    return value * old[1] / new[1]


def _sun(event: Any, city: City, day: str) -> str:
    """Local ``HH:MM`` of the event, to the nearest minute, on the ISO day or else on the frozen one."""
    zone = ZoneInfo(city.zone)
    date = iso_date(day) or NOW.astimezone(zone).date()
    moment = event(Observer(city.latitude, city.longitude), date=date, tzinfo=zone)
    return f"{moment + dt.timedelta(seconds=30):%H:%M}"
