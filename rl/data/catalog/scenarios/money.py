"""Payments, currencies, accounts and cards."""

from typing import Any

from rl.data.catalog.scenarios.base import Facts, Run, Scenario, money, text
from rl.data.catalog.slots import ACCOUNTS, Slots
from sandbox.catalog import SPECS, local_tool


def accounts(s: Slots) -> dict[str, Any]:
    balance = {name: 3.0 * s["amount"] if name == s["source"] else float(s["amount"]) for name in ACCOUNTS}
    return {"accounts": {"currency": s["currency"], "balance": balance}}


def cards(*numbers: str) -> dict[str, Any]:
    return {"cards": [{"card": number, "frozen": False} for number in numbers]}


def _rich(slots: Slots) -> dict[str, Any]:
    return {"ledger": {"balance": {"BRL": 50000.0, "INR": 50000.0}, "transfers": []}}


def convert_currency(s: Slots, run: Run) -> Facts:
    return {
        "result": money(run("convert_currency", amount=s["amount"], source=s["source"], target=s["target"]))
    }


def send_pix(s: Slots, run: Run) -> Facts:
    return {"sent": money(run("send_pix", key=s["key"], amount=s["amount"]))}


def send_upi(s: Slots, run: Run) -> Facts:
    return {"sent": money(run("send_upi", vpa=s["vpa"], amount=s["amount"]))}


def convert_and_pay(s: Slots, run: Run) -> Facts:
    converted = run("convert_currency", amount=s["amount"], source=s["source"], target="BRL")
    return {"sent": money(run("send_pix", key=s["key"], amount=converted["amount"]))}


def send_money(s: Slots, run: Run) -> Facts:
    tool = local_tool("send_money", s["locale"])
    recipient = SPECS[tool].parameters["required"][0]
    return {"sent": money(run(tool, **{recipient: s["recipient"]}, amount=s["amount"]))}


def confirm_exchange(s: Slots, run: Run) -> Facts:
    quote = run("quote_exchange", amount=s["amount"], source=s["source"], target=s["target"])
    run("confirm_exchange", quote_id=quote["quote_id"])
    return {"got": money(quote)}


def move_money(s: Slots, run: Run) -> Facts:
    run("move_money", source=s["source"], target=s["target"], amount=s["amount"])
    return {"moved": money({"amount": s["amount"], "currency": s["currency"]})}


def freeze_card(s: Slots, run: Run) -> Facts:
    run("freeze_card", card=s["card"])
    return {"card": text(s["card"])}


SCENARIOS: dict[str, Scenario] = {
    "convert_currency": Scenario(
        {"amount": "amount", "source": "currency", "target": "currency"}, convert_currency
    ),
    "send_pix": Scenario({"key": "code:key", "amount": "amount"}, send_pix),
    "send_upi": Scenario({"vpa": "code:vpa", "amount": "amount"}, send_upi),
    "convert_and_pay": Scenario(
        {"amount": "amount", "source": "foreign", "key": "code:key"}, convert_and_pay, _rich, ordered=True
    ),
    "send_money": Scenario({"recipient": "text:recipient", "amount": "local_amount"}, send_money),
    "confirm_exchange": Scenario(
        {"amount": "amount", "source": "currency", "target": "currency"}, confirm_exchange, ordered=True
    ),
    "move_money": Scenario(
        {"source": "account", "target": "account", "amount": "local_amount"}, move_money, accounts
    ),
    "freeze_card": Scenario(
        {"card": "code:card", "other": "code:card"}, freeze_card, lambda s: cards(s["other"], s["card"])
    ),
}
