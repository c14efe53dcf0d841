"""Records of REST tools as data sets have them: name, description, endpoint, method, parameters."""

from collections.abc import Iterator
from typing import Any, cast, get_args

from sandbox.backends.rest.document import METHODS, OURS, Argument, Document
from sandbox.backends.rest.endpoint import Endpoint, Place, Where
from sandbox.types import ToolSpec

BODILESS = ("GET", "DELETE")


class Record(Document):
    """One tool. ``endpoint`` may be called ``url``; ``parameters`` are a JSON Schema of type ``object``, or
    ``{name: {type, description, required}}``. A parameter's ``in`` says where it goes: by default into the
    path where the URL has its ``{name}``, else into the query of a GET or DELETE and the body of the others.
    ``locale`` is for a tool that is one country's.
    """

    def __init__(self, file: str, where: str, record: Any):
        super().__init__(file, record)
        self._where, self._record = where, record

    def endpoint(self) -> Endpoint:
        """The record's endpoint. Raises ``ValueError``."""
        record, where = self._record, self._where
        if not isinstance(record, dict):
            self.wrong(where, "a record is an object with name, description, endpoint, method, parameters")
        name, url = self._text("name"), self._text("url" if "url" in record else "endpoint")
        method = str(record.get("method", "GET")).upper()
        if method.lower() not in METHODS:
            self.wrong(f"{where}.method", f"{method!r} is none of {', '.join(METHODS).upper()}; use one")
        headers = record.get("headers") or {}
        if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
            self.wrong(f"{where}.headers", "must be an object of texts; write it so")
        spec = ToolSpec(name, str(record.get("description") or name), {}, record.get("locale"))
        return self.endpoint_of(where, spec, method, url, headers, dict(self._arguments(url, method)))

    def _text(self, key: str) -> str:
        value = self._record.get(key)
        if not isinstance(value, str) or not value.strip():
            self.wrong(f"{self._where}.{key}", "is missing or no text; give one")
        return value.strip()

    def _arguments(self, url: str, method: str) -> Iterator[tuple[str, Argument]]:
        where = f"{self._where}.parameters"
        given = self._record.get("parameters") or {}
        if not isinstance(given, dict):
            self.wrong(where, "must be a JSON Schema, or {name: {type, description, required}}; write it so")
        is_schema = isinstance(given.get("properties"), dict) and given.get("type") in (
            "object",
            "dict",
            None,
        )
        properties = given["properties"] if is_schema else {} if given == {"type": "object"} else given
        listed = given.get("required") if is_schema else None
        taken = OURS | {key.lower() for key in self._record.get("headers") or ()}
        for name, schema in properties.items():
            if not isinstance(schema, dict):
                self.wrong(f"{where}.{name}", "must be an object with a type and a description; write it so")
            in_path = "{" + name + "}" in url
            part = schema.get("in", "path" if in_path else "query" if method in BODILESS else "body")
            if part not in get_args(Where) or (part == "header" and name.lower() in taken):
                self.wrong(f"{where}.{name}.in", f"{part!r} cannot hold it; use {' '.join(get_args(Where))}")
            required = in_path or name in (listed or ()) or schema.get("required") is True
            place = Place(cast(Where, part), name)
            yield name, Argument(place, self.schemas.read(schema, f"{where}.{name}"), required)
