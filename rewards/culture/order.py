"""The order of a name's and of an address's parts, for facts that say what the parts are."""

from rewards.culture.reply_view import Finding, Said
from rewards.text.normalize import fold
from rewards.text.scripts import script
from rewards.types import Fact


def ordered(fact: Fact, said: Said) -> Finding | None:
    """The verdict on a fact with ``name`` or ``address``; None where it has neither, where the reply
    leaves parts out, or where the custom is not known."""
    if "name" in fact:
        return _name(fact["name"], said)
    if "address" in fact:
        return _address(fact["address"], said)
    return None


def _name(name: dict[str, str], said: Said) -> Finding | None:
    """Family name first in the scripts of a locale that has it so; else, and for foreign names there, last,
    or first with a comma."""
    family, given = fold(name["family"]), fold(name["given"])
    places = said.whole.text.find(family), said.whole.text.find(given)
    if min(places) < 0:
        return None
    if said.customs.family_first and script(family[0]).startswith(said.customs.family_first):
        order, held = "the family name first", places[0] < places[1]
    else:
        comma = said.whole.text[places[0] + len(family) :].startswith(",")
        order, held = "the given name first", places[1] < places[0] or comma
    return Finding(held, f"{said.task.locale} has {order}")


def _address(address: dict[str, str], said: Said) -> Finding | None:
    """The parts that the reply has stand in the order of the locale's post. An address abroad keeps the
    order of its own country, and is not judged."""
    order, country = said.customs.address, address.get("country", said.locale.locale.territory)
    if order is None or country != said.locale.locale.territory:
        return None
    text, parts = said.whole.text, [fold(address[part]) for part in order if part in address]
    anchor = text.find(max(parts, key=len, default=""))
    places = [place for part in parts if (place := _place(part, text, anchor)) is not None]
    if len(places) < 2:
        return None
    return Finding(places == sorted(places), f"{said.task.locale} has {', '.join(order)}")


def _place(part: str, text: str, anchor: int) -> int | None:
    """Where a part stands, nearest to the address's longest part: a house's number may stand elsewhere too."""
    found, at = [], text.find(part)
    while at >= 0:
        found.append(at)
        at = text.find(part, at + 1)
    return min(found, key=lambda place: abs(place - anchor)) if found else None
