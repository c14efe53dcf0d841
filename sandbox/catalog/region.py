"""What differs from country to country: tax numbers, accounts, phones, postal codes, holidays."""

import datetime as dt
import re
from typing import Any

import holidays
import phonenumbers
from phonenumbers import PhoneNumberFormat
from stdnum import iban as stdnum_iban
from stdnum.eu import vat as stdnum_vat

from sandbox.catalog.cities import CITIES, need_city
from sandbox.catalog.clock import need_date
from sandbox.tools import ToolError

MARKS = re.compile(r"[\s./-]")  # with which a VAT number may be grouped
CALLED = re.compile(r"^\s*(?:iban\b[\s:]*)?", re.IGNORECASE)  # what may stand before an IBAN


def check_vat(number: str) -> dict[str, Any]:
    """Check whether a European VAT number is valid.

    Args:
        number: The VAT number with its country prefix, such as DE136695976.
    """
    code = MARKS.sub("", number)
    prefix = code[:2].upper()
    known = prefix.lower() in stdnum_vat.MEMBER_STATES or prefix == "EL"
    return {"number": number, "valid": stdnum_vat.is_valid(code), "country": prefix if known else ""}


def check_iban(iban: str) -> dict[str, Any]:
    """Check whether an international bank account number (IBAN) is valid.

    Args:
        iban: The IBAN, with or without spaces.
    """
    iban = CALLED.sub("", iban)
    prefix = iban[:2].upper()
    known = prefix.isascii() and prefix.isalpha() and len(prefix) == 2
    return {"iban": iban, "valid": stdnum_iban.is_valid(iban), "country": prefix if known else ""}


def format_phone(number: str, country: str) -> dict[str, Any]:
    """Write a phone number of a country as it is dialled from abroad and at home.

    Args:
        number: The phone number.
        country: The ISO 3166 code of the country, such as FR.
    """
    region = _country(country, phonenumbers.SUPPORTED_REGIONS)
    try:
        phone = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return {"international": "", "national": "", "valid": False}
    return {
        "international": phonenumbers.format_number(phone, PhoneNumberFormat.INTERNATIONAL),
        "national": phonenumbers.format_number(phone, PhoneNumberFormat.NATIONAL),
        "valid": phonenumbers.is_valid_number(phone),
    }


def find_postal_code(city: str) -> dict[str, Any]:
    """Find the postal code of a city's centre.

    Args:
        city: The city.
    """
    return {"city": city, "code": CITIES[need_city(city)].postal_code}


def next_holiday(country: str, after: str) -> dict[str, Any]:
    """Find the next public holiday of a country after a day; its name is in English.

    Args:
        country: The ISO 3166 code of the country, such as FR.
        after: The day, as YYYY-MM-DD.
    """
    day = need_date(after)
    code = _country(country, holidays.list_supported_countries())
    calendar = holidays.country_holidays(code, years=[day.year, day.year + 1], language="en_US")
    later = [one for one in calendar if one > day]
    if not later:
        raise ToolError(f"no public holiday of {code} is known after {day.isoformat()}")
    found: dt.date = min(later)
    return {"date": found.isoformat(), "name": calendar[found]}


def _country(code: str, supported: Any) -> str:
    known = code.strip().upper()
    if known not in supported:
        raise ToolError(f"unknown country {code[:40]!r}: give an ISO 3166 code of two letters such as FR")
    return known
