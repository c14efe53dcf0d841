"""A REST tool: what the model is shown, and how its arguments become a request."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, unquote, urlencode

from sandbox.backends.rest.egress import Denied, Request
from sandbox.types import ToolSpec

Where = Literal["path", "query", "header", "body"]
WHOLE_BODY = ""


@dataclass(frozen=True)
class Place:
    """Where an argument goes: a part of the request and the name there (``WHOLE_BODY``: it is the body).

    A list in the query repeats its name, or is one value with commas where ``joined``.
    """

    where: Where
    name: str
    joined: bool = False

    def texts(self, value: Any) -> list[str]:
        """The value as the texts that a query has for it."""
        return (
            [_text(part) for part in value] if isinstance(value, list) and not self.joined else [_text(value)]
        )


@dataclass(frozen=True)
class Endpoint:
    """``url`` has ``{name}`` for each path argument and may have a fixed query; like ``headers``, whose names are
    lower case, it may name secrets as ``${env:NAME}``. With these filled in it does not print them.
    """

    spec: ToolSpec
    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    places: dict[str, Place]

    def request(self, arguments: dict[str, Any]) -> Request:
        """The request for arguments that fit the spec. Raises ``Denied`` for one that would leave its place."""
        path, _, fixed = self.url.partition("?")
        for place, value in self._given("path", arguments):
            path = path.replace("{" + place.name + "}", _segment(place.name, value))
        pairs = [
            (place.name, text)
            for place, value in self._given("query", arguments)
            for text in place.texts(value)
        ]
        query = "&".join(part for part in (fixed, urlencode(pairs)) if part)
        headers = {
            place.name.lower(): _header(place.name, value)
            for place, value in self._given("header", arguments)
        }
        body = self._body(arguments)
        if body is not None:
            headers["content-type"] = "application/json"
        url = f"{path}?{query}" if query else path
        return Request(self.method, url, headers | self.headers, body)

    def _given(self, where: Where, arguments: dict[str, Any]) -> list[tuple[Place, Any]]:
        places = ((argument, place) for argument, place in self.places.items() if place.where == where)
        return [
            (place, arguments[argument]) for argument, place in places if arguments.get(argument) is not None
        ]

    def _body(self, arguments: dict[str, Any]) -> str | None:
        places = {argument: place.name for argument, place in self.places.items() if place.where == "body"}
        given = {name: arguments[argument] for argument, name in places.items() if argument in arguments}
        if WHOLE_BODY in places.values():
            return _json(given[WHOLE_BODY]) if given else None
        return _json(given) if places else None


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else _json(value)


def _segment(name: str, value: Any) -> str:
    """The value as one segment of a path: not more, not another, not none."""
    text = _text(value)
    for piece in re.split(r"[/\\]", unquote(text)):  # many servers decode %2F before they split
        if piece in ("", ".", ".."):
            raise Denied(f"argument {name!r} cannot be part of a path: it is empty or has '.' or '..' in it")
    return quote(text, safe="")


def _header(name: str, value: Any) -> str:
    text = _text(value).strip()
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise Denied(f"argument {name!r} has a control character, which a header cannot have")
    return text
