"""The user's own accounts, currencies and cards. What these tools did shows in the state alone."""

from decimal import Decimal
from typing import Any, Literal

from sandbox.catalog.money import convert_currency, deposit, withdraw
from sandbox.catalog.offers import offered, taken
from sandbox.tools import ToolError

Account = Literal["checking", "savings", "household", "travel"]


def opening_accounts() -> dict[str, Any]:
    """The accounts that a session starts with."""
    return {
        "currency": "USD",
        "balance": {"checking": 2000.0, "savings": 9000.0, "household": 800.0, "travel": 0.0},
    }


def quote_exchange(state: dict[str, Any], amount: float, source: str, target: str) -> dict[str, Any]:
    """Quote what an exchange between the user's own currency balances would give; it changes nothing yet.

    Args:
        amount: How much to give, in the source currency.
        source: The ISO 4217 code of the currency to give, such as USD.
        target: The ISO 4217 code of the currency to get, such as EUR.
    """
    given = convert_currency(amount, source, source)
    got = convert_currency(amount, source, target)
    if given["currency"] == got["currency"]:
        raise ToolError("source and target must be two different currencies")
    asked = (str(Decimal(str(given["amount"])).normalize()), given["currency"], got["currency"])
    return {"quote_id": offered(state, "quote", *asked, given=given, got=got), **got}


def confirm_exchange(state: dict[str, Any], quote_id: str) -> dict[str, Any]:
    """Make an exchange that was quoted.

    Args:
        quote_id: The quote's quote_id, as quote_exchange told it.
    """
    quote = taken(state, "quote", quote_id, "quote_exchange")
    given, got, balances = quote["given"], quote["got"], state["ledger"]["balance"]
    withdraw(balances, given["currency"], given["amount"], given["currency"])
    deposit(balances, got["currency"], got["amount"], got["currency"])
    return {"accepted": True}


def move_money(state: dict[str, Any], source: Account, target: Account, amount: float) -> dict[str, Any]:
    """Move money from one of the user's own accounts to another, in the currency of the accounts.

    Args:
        source: The account to take it from.
        target: The account to put it into.
        amount: How much.
    """
    if source == target:
        raise ToolError("source and target must be two different accounts")
    accounts = state["accounts"]
    moved = withdraw(accounts["balance"], source, amount, accounts["currency"])
    deposit(accounts["balance"], target, moved, accounts["currency"])
    return {"accepted": True}


def freeze_card(state: dict[str, Any], card: str) -> dict[str, Any]:
    """Block one of the user's bank cards at once.

    Args:
        card: The last four digits of the card's number.
    """
    found = [one for one in state["cards"] if one["card"] == card.strip()]
    if not found:
        raise ToolError(f"the user has no card that ends in {card[:20]!r}: give the last four digits")
    for one in found:
        one["frozen"] = True
    return {"accepted": True}
