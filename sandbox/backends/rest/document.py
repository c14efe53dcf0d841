"""What the documents of REST APIs have in common: errors that name the place, and endpoints in the making."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import httpx
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from sandbox.backends.rest.egress import PORTS
from sandbox.backends.rest.endpoint import Endpoint, Place
from sandbox.json_schema import Schemas
from sandbox.tools import one_line
from sandbox.types import ToolSpec

METHODS = ("get", "put", "post", "delete", "patch")
VARIABLE = re.compile(r"(?<!\$)\{([^{}]*)\}")
NAME_LENGTH = 64
DESCRIPTION_LENGTH = 1000
# Set by HTTP itself or by the configuration, never by a model.
OURS = frozenset(
    "accept accept-encoding authorization connection content-encoding content-length content-type cookie expect "
    "forwarded host keep-alive proxy-authorization te trailer transfer-encoding upgrade".split()
)


@dataclass(frozen=True)
class Argument:
    """One argument of a tool as a document has it."""

    place: Place
    schema: dict[str, Any]
    required: bool


class Document:
    """A file, errors that name it, and endpoints in the making."""

    def __init__(self, file: str, root: Any):
        self._file = file
        self.schemas = Schemas(root, self.wrong)

    def wrong(self, where: str, what: str) -> NoReturn:
        """Raise ``ValueError`` with the file, the place in it and what to do."""
        raise ValueError(": ".join(part for part in (self._file, where, what) if part))

    def endpoint_of(
        self,
        where: str,
        spec: ToolSpec,
        method: str,
        url: str,
        headers: dict[str, str],
        arguments: Mapping[str, Argument],
    ) -> Endpoint:
        """The endpoint; the parameters of its spec are the ``arguments``, and its name one that a tool may have."""
        parameters = self.schemas.whole(
            {
                "type": "object",
                "properties": {name: argument.schema for name, argument in arguments.items()},
                "required": [name for name, argument in arguments.items() if argument.required],
                "additionalProperties": False,
            }
        )
        try:
            Draft202012Validator.check_schema(parameters)
        except SchemaError as error:
            self.wrong(where, one_line(f"{error.json_path} is not JSON Schema: {error.message}; correct it"))
        places = {name: argument.place for name, argument in arguments.items()}
        self._check_url(where, url, {place.name for place in places.values() if place.where == "path"})
        description = " ".join(spec.description.split())[:DESCRIPTION_LENGTH]
        name = re.sub(r"[^A-Za-z0-9]+", "_", spec.name).strip("_")[:NAME_LENGTH]
        if not name:
            self.wrong(where, f"the name {spec.name!r} has no letter from A to Z; give it some")
        spec = replace(spec, name=name, description=description, parameters=parameters)
        return Endpoint(spec, method, url, {key.lower(): value for key, value in headers.items()}, places)

    def _check_url(self, where: str, url: str, in_path: set[str]) -> None:
        try:
            parsed = httpx.URL(re.sub(r"[{}$]", "x", url))
        except httpx.InvalidURL as error:
            self.wrong(where, one_line(f"{url!r} is not a URL ({error}); write https://host/path"))
        if parsed.scheme not in PORTS or not parsed.host or parsed.userinfo or parsed.fragment:
            self.wrong(where, f"{url!r} is not an absolute http or https URL; write https://host/path")
        if re.match(r"[^/]*//[^/?#]*[{}$]", url):
            self.wrong(where, f"{url!r} has a variable in its host; write the host out")
        path, _, query = url.partition("?")
        if VARIABLE.search(query):
            self.wrong(
                where, f"{url!r} has a variable in its query; leave it out, parameters are added there"
            )
        if unmatched := set(VARIABLE.findall(path)) ^ in_path:
            self.wrong(where, f"{min(unmatched)!r} must stand both in the path and among its parameters")
