"""JSON Schemas of API documents, made plain: references resolved, no pattern that could make a check slow."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

TYPES = {"dict": "object", "str": "string", "int": "integer", "float": "number", "double": "number"}
TYPES |= {"list": "array", "tuple": "array", "bool": "boolean"}
PLAIN: tuple[str, ...] = (
    "type",
    "description",
    "enum",
    "const",
    "default",
    "minimum",
    "maximum",
    "exclusiveMinimum",
)
PLAIN += ("exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "format")
MOST_NODES = 20_000


class Schemas:
    """Reads the schemas of one document; ``wrong(where, what)`` raises what is wrong with it."""

    def __init__(self, root: Any, wrong: Callable[[str, str], NoReturn]):
        self._root, self._wrong = root, wrong
        self._nodes = 0

    def followed(self, node: Any, where: str) -> dict[str, Any]:
        """The object itself, or the one that its ``$ref`` leads to."""
        seen = set()
        while isinstance(node, dict) and "$ref" in node:
            reference = node["$ref"]
            if str(reference) in seen:
                self._wrong(where, f"$ref {reference!r} leads back to itself; point it at an object")
            seen.add(str(reference))
            node = self._target(reference, where)
        if not isinstance(node, dict):
            self._wrong(where, "must be an object")
        return node

    def read(self, node: Any, where: str, inside: tuple[str, ...] = ()) -> dict[str, Any]:
        """The schema, whole in itself. One that holds itself takes anything in the inner place."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._wrong(where, f"the schemas come to more than {MOST_NODES} parts; cut the document down")
        if isinstance(node, bool):
            return {} if node else {"not": {}}
        if not isinstance(node, dict):
            self._wrong(where, "must be a schema: an object with a type")
        if "$ref" in node:
            reference = node["$ref"]
            if reference in inside:
                return {}
            schema = self.read(self._target(reference, where), str(reference), (*inside, str(reference)))
            return schema | {key: node[key] for key in ("description", "default") if key in node}
        return self._plain(node) | self._nested(node, where, inside)

    def _target(self, reference: Any, where: str) -> Any:
        if reference == "#":
            return self._root
        if not isinstance(reference, str) or not reference.startswith("#/"):
            self._wrong(
                where, f"$ref {reference!r} is not within this document; copy what it points to into it"
            )
        target = self._root
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, dict) or key not in target:
                self._wrong(where, f"$ref {reference!r} leads nowhere; correct it")
            target = target[key]
        return target

    def _plain(self, node: dict[str, Any]) -> dict[str, Any]:
        schema = {key: node[key] for key in PLAIN if node.get(key) is not None}
        kind = schema.get("type")
        if isinstance(kind, str):
            schema["type"] = TYPES.get(kind.lower(), kind.lower())
            if schema["type"] == "any":
                del schema["type"]
            elif node.get("nullable") is True:  # OpenAPI 3.0 says so what 3.1 says with a second type
                schema["type"] = [schema["type"], "null"]
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(node.get(exclusive), bool):  # OpenAPI 3.0, too
                del schema[exclusive]
                if node[exclusive] and bound in schema:
                    schema[exclusive] = schema.pop(bound)
        return json.loads(json.dumps(schema, default=str))  # YAML reads a date as one

    def _nested(self, node: dict[str, Any], where: str, inside: tuple[str, ...]) -> dict[str, Any]:
        schema: dict[str, Any] = {}
        for key in ("items", "additionalProperties"):
            if isinstance(node.get(key), dict | bool):
                schema[key] = self.read(node[key], f"{where}.{key}", inside)
        for key in ("allOf", "anyOf", "oneOf"):
            if isinstance(node.get(key), list):
                parts = enumerate(node[key])
                schema[key] = [self.read(part, f"{where}.{key}[{i}]", inside) for i, part in parts]
        if isinstance(properties := node.get("properties"), dict):
            schema["properties"] = {
                str(name): self.read(part, f"{where}.properties.{name}", inside)
                for name, part in properties.items()
                if not (isinstance(part, dict) and part.get("readOnly") is True)
            }
            if isinstance(required := node.get("required"), list):
                schema["required"] = [name for name in required if name in schema["properties"]]
        return schema
