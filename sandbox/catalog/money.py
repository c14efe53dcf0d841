"""Currencies and payments. Money is reckoned in decimals and rounded to the currency's CLDR digits."""

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import phonenumbers
from babel.numbers import get_currency_precision
from stdnum.br import cnpj, cpf

from sandbox.catalog.text import next_id
from sandbox.tools import ToolError

PER_DOLLAR = {  # fixed, near the middle rates of early 2026
    "USD": "1", "EUR": "0.85", "GBP": "0.74", "JPY": "156", "BRL": "5.4", "INR": "90", "CHF": "0.79",
    "CNY": "7", "AUD": "1.5", "CAD": "1.38", "NZD": "1.72", "SEK": "9.2", "NOK": "10", "DKK": "6.35",
    "PLN": "3.6", "CZK": "20.7", "HUF": "328", "RON": "4.33", "TRY": "43", "RUB": "79", "UAH": "42.3",
    "KRW": "1450", "TWD": "31.4", "HKD": "7.78", "SGD": "1.29", "THB": "31.4", "IDR": "16700",
    "MYR": "4.06", "PHP": "58.9", "VND": "26280", "BDT": "122", "PKR": "280", "LKR": "309",
    "AED": "3.6725", "SAR": "3.75", "EGP": "47.6", "MAD": "9.15", "KES": "129", "TZS": "2460",
    "NGN": "1440", "ZAR": "16.6", "ILS": "3.2", "MXN": "17.9", "COP": "3750", "PEN": "3.36",
    "CLP": "905", "ARS": "1450", "KWD": "0.307",
}  # fmt: skip
OPENING = {  # what the user has in each currency before anything is paid
    "BRL": 5000, "INR": 50000, "USD": 5000, "EUR": 5000, "GBP": 5000, "CHF": 5000, "JPY": 500000,
    "KRW": 5000000, "CNY": 50000, "RUB": 500000, "EGP": 50000, "BDT": 500000, "KES": 500000, "THB": 50000,
    "SEK": 50000, "PLN": 50000, "SGD": 5000, "MXN": 50000, "AUD": 5000, "CAD": 5000, "TRY": 50000,
    "IDR": 50000000,
}  # fmt: skip
LARGEST = 1_000_000_000_000
EMAIL = re.compile(r"[^\s@,;<>()]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,4}")
RANDOM_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
UPI_ID = re.compile(r"[A-Za-z0-9.\-_]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}")


def convert_currency(amount: float, source: str, target: str) -> dict[str, Any]:
    """Convert an amount of money from one currency to another.

    Args:
        amount: How much, in the source currency.
        source: The ISO 4217 code of the currency to convert from, such as USD.
        target: The ISO 4217 code of the currency to convert to, such as EUR.
    """
    old, new = _currency(source), _currency(target)
    dollars = _positive(amount) / Decimal(PER_DOLLAR[old])
    return {"amount": _json(_rounded(dollars * Decimal(PER_DOLLAR[new]), new)), "currency": new}


def send_pix(state: dict[str, Any], key: str, amount: float) -> dict[str, Any]:
    """Send Brazilian reais (BRL) at once by Pix.

    Args:
        key: The recipient's Pix key: an e-mail address, a phone number with +55, a CPF or CNPJ, or a
            random key.
        amount: How much, in reais.
    """
    if not _is_pix_key(key.strip()):
        raise ToolError(
            "not a Pix key: give an e-mail address, a +55 phone number, a CPF, a CNPJ or a random key"
        )
    return transfer(state, "pix", key.strip(), amount, "BRL")


def send_upi(state: dict[str, Any], vpa: str, amount: float) -> dict[str, Any]:
    """Pay Indian rupees (INR) at once by UPI.

    Args:
        vpa: The recipient's UPI ID, such as name@bank.
        amount: How much, in rupees.
    """
    if not UPI_ID.fullmatch(vpa.strip()):
        raise ToolError("not a UPI ID: it looks like name@bank")
    return transfer(state, "upi", vpa.strip(), amount, "INR")


def transfer(
    state: dict[str, Any], kind: str, recipient: str, amount: float, currency: str
) -> dict[str, Any]:
    """Take the amount from the user's balance and note whom it went to."""
    ledger = state["ledger"]
    sent = withdraw(ledger["balance"], currency, amount, currency)
    noted = {
        "id": next_id(ledger["transfers"]),
        "kind": kind,
        "to": recipient,
        "amount": sent,
        "currency": currency,
    }
    ledger["transfers"].append(noted)
    return {
        "id": noted["id"],
        "amount": sent,
        "currency": currency,
        "balance": ledger["balance"][currency],
    }


def withdraw(balances: dict[str, Any], name: str, amount: float, currency: str) -> int | float:
    """Take an amount, rounded to the currency, from the balance of that name; gives what was taken."""
    taken, balance = _rounded(_positive(amount), currency), _balance(balances, name)
    if taken == 0:
        raise ToolError(f"the amount is less than the smallest unit of {currency}")
    if taken > balance:
        raise ToolError(f"the amount is more than the balance of {_json(balance)} {currency}")
    balances[name] = _json(_rounded(balance - taken, currency))
    return _json(taken)


def deposit(balances: dict[str, Any], name: str, amount: float, currency: str) -> None:
    """Add an amount to the balance of that name."""
    balances[name] = _json(_rounded(_balance(balances, name) + Decimal(str(amount)), currency))


def _balance(balances: dict[str, Any], name: str) -> Decimal:
    return Decimal(str(balances.get(name, OPENING.get(name, 0))))


def _is_pix_key(key: str) -> bool:
    """Pix keys as the Banco Central do Brasil defines them (Manual Operacional do DICT)."""
    if key.startswith("+55"):
        return _is_phone(key)
    if EMAIL.fullmatch(key):
        return len(key) <= 77
    return bool(RANDOM_KEY.fullmatch(key)) or cpf.is_valid(key) or cnpj.is_valid(key)


def _is_phone(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _positive(amount: float) -> Decimal:
    if not math.isfinite(amount) or not 0 < amount <= LARGEST:
        raise ToolError("the amount must be more than 0 and at most 1000000000000")
    return Decimal(str(amount))


def _currency(code: str) -> str:
    known = code.strip().upper()
    if known not in PER_DOLLAR:
        raise ToolError(f"unknown currency {code[:40]!r}: give an ISO 4217 code such as USD")
    return known


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), ROUND_HALF_UP)


def _json(amount: Decimal) -> int | float:
    """A whole amount of a currency without decimals as an int, any other as a float."""
    return int(amount) if amount.as_tuple().exponent == 0 else float(amount)
