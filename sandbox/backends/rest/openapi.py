"""OpenAPI 3.0 and 3.1 documents, read into endpoints: one for each operation."""

import logging
import re
from collections.abc import Iterator
from typing import Any, cast

from sandbox.backends.rest.document import METHODS, OURS, Argument, Document
from sandbox.backends.rest.endpoint import WHOLE_BODY, Endpoint, Place, Where
from sandbox.types import ToolSpec

log = logging.getLogger(__name__)
JSON_KIND = re.compile(r"(application/(.*\+)?json|\*/\*)\s*(;.*)?")


class NotServed(Exception):
    """An operation that needs what a tool here cannot send."""


class OpenApi(Document):
    """A document; ``server`` is the base URL to be used in place of its own.

    Operations that need cookies or a body that is not JSON are left out, which is logged.
    """

    def __init__(self, file: str, document: dict[str, Any], server: str | None):
        super().__init__(file, document)
        self._document, self._server = document, server
        if not str(document.get("openapi", "")).startswith("3."):
            self.wrong("openapi", "only version 3 is read; convert the document to OpenAPI 3")

    def endpoints(self) -> Iterator[Endpoint]:
        """An endpoint for each operation. Raises ``ValueError``."""
        paths = self._document.get("paths")
        if not isinstance(paths, dict) or not paths:
            self.wrong("paths", "there is none; describe at least one operation")
        for path, item in paths.items():
            item = self.schemas.followed(item, f"paths.{path}")
            for method in METHODS:
                if method not in item:
                    continue
                try:
                    yield self._operation(path, method, item)
                except NotServed as reason:
                    log.warning("sandbox: %s: paths.%s.%s is left out: %s", self._file, path, method, reason)

    def _operation(self, path: str, method: str, item: dict[str, Any]) -> Endpoint:
        where = f"paths.{path}.{method}"
        operation = self.schemas.followed(item[method], where)
        arguments: dict[str, Argument] = {}
        for argument in [*self._parameters(where, operation, item), *self._body(where, operation)]:
            name = argument.place.name if argument.place.name != WHOLE_BODY else "body"
            if name in arguments:
                name = f"{argument.place.where}_{name}"
            if name in arguments:
                self.wrong(where, f"two parameters come to be called {name!r}; rename one")
            arguments[name] = argument
        text = operation.get("description") or operation.get("summary") or f"{method.upper()} {path}"
        spec = ToolSpec(str(operation.get("operationId") or f"{method}_{path}"), str(text), {})
        url = self._base(where, item, operation).rstrip("/") + path
        return self.endpoint_of(where, spec, method.upper(), url, {}, arguments)

    def _parameters(self, where: str, operation: dict[str, Any], item: dict[str, Any]) -> Iterator[Argument]:
        """The operation's parameters, and those of its path that it does not declare anew."""
        above = where.rpartition(".")[0]
        seen = set()
        for place, entry in [*self._listed(operation, where), *self._listed(item, above)]:
            parameter = self.schemas.followed(entry, place)
            name, part = parameter.get("name"), parameter.get("in")
            if not isinstance(name, str) or part not in ("path", "query", "header", "cookie"):
                self.wrong(place, "needs a name, and `in`: path, query, header or cookie")
            if (name, part) in seen or (part == "header" and name.lower() in OURS):
                continue
            seen.add((name, part))
            required = part == "path" or parameter.get("required") is True
            if part != "cookie":
                joined = parameter.get("explode") is False
                yield Argument(
                    Place(cast(Where, part), name, joined), self._schema(parameter, place), required
                )
            elif required:
                raise NotServed(f"it needs the cookie {name!r}")

    def _listed(self, node: dict[str, Any], where: str) -> list[tuple[str, Any]]:
        entries = node.get("parameters") or []
        if not isinstance(entries, list):
            self.wrong(f"{where}.parameters", "must be a list; write it so")
        return [(f"{where}.parameters[{i}]", entry) for i, entry in enumerate(entries)]

    def _schema(self, parameter: dict[str, Any], where: str) -> dict[str, Any]:
        media = self._media(parameter, where)
        holder = parameter if not media else next(iter(media.values()))
        schema = self.schemas.read(holder.get("schema", {}), f"{where}.schema")
        text = parameter.get("description")
        return schema | {"description": str(text)} if text else schema

    def _body(self, where: str, operation: dict[str, Any]) -> Iterator[Argument]:
        if "requestBody" not in operation:
            return
        where = f"{where}.requestBody"
        body = self.schemas.followed(operation["requestBody"], where)
        media = self._media(body, where)
        kind = next((kind for kind in media if JSON_KIND.fullmatch(kind)), None)
        if kind is None:
            raise NotServed(f"its body is {' or '.join(media) or 'nothing'}, not JSON")
        schema = self.schemas.read(media[kind].get("schema", {}), f"{where}.content.{kind}.schema")
        required = body.get("required") is True
        if not isinstance(schema.get("properties"), dict):
            yield Argument(Place("body", WHOLE_BODY), schema, required)
            return
        for name, part in schema["properties"].items():
            yield Argument(Place("body", name), part, required and name in schema.get("required", ()))

    def _media(self, node: dict[str, Any], where: str) -> dict[str, dict[str, Any]]:
        media = node.get("content") or {}
        if not isinstance(media, dict) or not all(isinstance(value, dict) for value in media.values()):
            self.wrong(f"{where}.content", "must be an object of media types; write it so")
        return media

    def _base(self, where: str, item: dict[str, Any], operation: dict[str, Any]) -> str:
        if self._server is not None:
            return self._server
        servers = operation.get("servers") or item.get("servers") or self._document.get("servers")
        if not isinstance(servers, list) or not servers or not isinstance(servers[0], dict):
            self.wrong(where, "it has no server; give the source a server: https://host/path")
        url = str(servers[0].get("url", ""))
        for name, variable in (servers[0].get("variables") or {}).items():
            url = url.replace("{" + str(name) + "}", str(variable.get("default", "")))
        if "://" not in url:
            self.wrong("servers", f"{url!r} is relative; give the source a server: https://host/path")
        return url
