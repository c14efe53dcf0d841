"""Weather, sun, clocks, units, and what differs from country to country."""

from rl.data.catalog.scenarios.base import Facts, Run, Scenario, date, text, time, verdict
from rl.data.catalog.slots import Slots


def get_weather(s: Slots, run: Run) -> Facts:
    return {
        "temperature": {"kind": "temperature", "value": run("get_weather", location=s["city"])["temperature"]}
    }


def get_sunrise(s: Slots, run: Run) -> Facts:
    return {"time": time(run("get_sunrise", location=s["city"])["time"])}


def get_sunset(s: Slots, run: Run) -> Facts:
    return {"time": time(run("get_sunset", location=s["city"])["time"])}


def convert_units(s: Slots, run: Run) -> Facts:
    result = run("convert_units", value=s["value"], source=s["source"], target=s["target"])
    return {"result": {"kind": "quantity", "value": result["value"], "unit": result["unit"]}}


def world_time(s: Slots, run: Run) -> Facts:
    return {"time": time(run("world_time", city=s["city"])["time"])}


def two_times(s: Slots, run: Run) -> Facts:
    first, second = run("world_time", city=s["city"]), run("world_time", city=s["city2"])
    return {"time": time(first["time"]), "time2": time(second["time"])}


def next_holiday(s: Slots, run: Run) -> Facts:
    return {"holiday": date(run("next_holiday", country=s["country"], after=s["date"])["date"])}


def check_vat(s: Slots, run: Run) -> Facts:
    return {"vat": text(s["vat"]), "valid": verdict(run("check_vat", number=s["vat"])["valid"])}


def check_iban(s: Slots, run: Run) -> Facts:
    return {"iban": text(s["iban"]), "valid": verdict(run("check_iban", iban=s["iban"])["valid"])}


def format_phone(s: Slots, run: Run) -> Facts:
    return {
        "international": text(run("format_phone", number=s["phone"], country=s["country"])["international"])
    }


def find_postal_code(s: Slots, run: Run) -> Facts:
    return {"code": text(run("find_postal_code", city=s["city"])["code"])}


SCENARIOS: dict[str, Scenario] = {
    "get_weather": Scenario({"city": "city"}, get_weather),
    "get_sunrise": Scenario({"city": "city"}, get_sunrise),
    "get_sunset": Scenario({"city": "city"}, get_sunset),
    "convert_units": Scenario({"value": "amount", "units": "units"}, convert_units),
    "world_time": Scenario({"city": "city"}, world_time),
    "two_times": Scenario({"city": "city", "city2": "city"}, two_times),
    "next_holiday": Scenario({"country": "country", "date": "date"}, next_holiday),
    "check_vat": Scenario({"vat": "code:vat"}, check_vat),
    "check_iban": Scenario({"iban": "code:iban"}, check_iban),
    "format_phone": Scenario({"phone": "phone"}, format_phone),
    "find_postal_code": Scenario({"city": "mailed"}, find_postal_code),
}
