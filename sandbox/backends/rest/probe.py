"""Which APIs are dead: each is called once, with arguments that its own document suggests."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Protocol

from sandbox.backends.base import Answer
from sandbox.types import ToolSpec

GONE = (405, 410, 501)  # what no argument would mend
EXAMPLES: dict[str, Any] = {
    "string": "test",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "array": [],
    "object": {},
}


class Api(Protocol):
    """What ``HttpTools`` is here."""

    async def call(self, name: str, arguments: dict[str, Any]) -> Answer: ...


async def dead(api: Api, specs: Mapping[str, ToolSpec]) -> dict[str, str]:
    """Why each tool that is dead is: no answer, a failure of the server's, a way that leads nowhere.

    An argument that nothing is known of is made up, so an API that refuses it, or knows no such thing, is alive.
    """
    reasons = await asyncio.gather(*(_why(api, name, spec) for name, spec in specs.items()))
    return {name: why for name, why in zip(specs, reasons, strict=True) if why is not None}


async def _why(api: Api, name: str, spec: ToolSpec) -> str | None:
    properties = spec.parameters["properties"]
    required = spec.parameters.get("required", [])
    arguments = {key: example(properties[key]) for key in required}
    answer = await api.call(name, arguments)
    if answer.status in ("ok", "output_limit"):
        return None
    said = str(answer.content["error"])
    status = int(found[1]) if (found := re.match(r"HTTP (\d+)", said)) else None
    made_up = any(_known(properties[key]) is None for key in required)
    alive = answer.status == "tool_error" and status not in GONE and (status != 404 or made_up)
    return None if alive else said


def example(schema: Mapping[str, Any]) -> Any:
    """A value for the schema: one that it names, else one of its type."""
    known = _known(schema)
    if known is not None:
        return known
    kinds = schema.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    if kind == "object":
        inner = schema.get("properties", {})
        return {key: example(inner[key]) for key in schema.get("required", []) if key in inner}
    if kind in ("integer", "number"):
        return max(EXAMPLES[kind], schema.get("minimum", EXAMPLES[kind]))
    return EXAMPLES.get(kind, "test")


def _known(schema: Mapping[str, Any]) -> Any:
    """A value that the schema itself has."""
    for listed in (schema.get("examples"), schema.get("enum")):
        if isinstance(listed, list) and listed:
            return listed[0]
    return schema.get("example", schema.get("default", schema.get("const")))
