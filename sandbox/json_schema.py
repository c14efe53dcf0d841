"""JSON Schemas of API documents, made plain: references resolved, nothing in them that could make a check slow."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from sandbox.patterns import found, quick

TYPES = {"dict": "object", "str": "string", "int": "integer", "float": "number", "double": "number"}
TYPES |= {"list": "array", "tuple": "array", "bool": "boolean"}
PLAIN: tuple[str, ...] = (
    "type", "description", "enum", "const", "default", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "format", "uniqueItems",
    "minProperties", "maxProperties", "minContains", "maxContains", "dependentRequired",
)  # fmt: skip
ONE: tuple[str, ...] = (
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
)
ONE += ("unevaluatedProperties", "unevaluatedItems")
SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
BRANCHES = {"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"}
REFUSING = {"not", "if", "contains"}  # they refuse more where what is in them takes more
PYTHON_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "number": (int, float)}
MOST_NODES = 20_000


class Schemas:
    """Reads the schemas of one document; ``wrong(where, what)`` raises what is wrong with it."""

    def __init__(self, root: Any, wrong: Callable[[str, str], NoReturn]):
        self._root, self._wrong = root, wrong
        self._nodes = self._open = self._branches = 0  # parts read; those that are weaker; branches within
        self._definitions: dict[str, Any] = {}  # what is within itself, by the ``$ref`` that stands for it
        self._names: dict[str, str] = {}  # such a ``$ref``, by the document's own
        self._loose: set[str] = set()  # what is within itself and weaker

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
        """The schema, in which only what is within itself is a ``$ref`` still (see ``whole``). A pattern that
        may be slow takes anything; where taking more would refuse others (``not``, ``oneOf``, ``if``), these
        take more, too. So it never refuses what the document takes."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._wrong(where, f"the schemas come to more than {MOST_NODES} parts; cut the document down")
        if isinstance(node, bool):
            return {} if node else {"not": {}}
        if not isinstance(node, dict):
            self._wrong(where, "must be a schema: an object with a type")
        schema = self._plain(node) | self._nested(node, where, inside)
        if "$ref" not in node:
            return schema
        reference = str(node["$ref"])
        if reference in inside:
            self._open += reference in self._loose
            return schema if reference in self._loose else {"$ref": self._name(reference)} | schema
        target = self._referred(reference, where, (*inside, reference))
        beside = schema.keys() - {"description", "default"}
        return {"allOf": [target, schema]} if beside else target | schema

    def _referred(self, reference: str, where: str, inside: tuple[str, ...]) -> dict[str, Any]:
        """What the reference leads to. If that is within itself and weaker, it is read once more, since all that
        it stands in within itself must know."""
        opened = self._open
        target = self.read(self._target(reference, where), reference, inside)
        if reference not in self._names or reference in self._loose:
            return target
        if self._open > opened:
            self._loose.add(reference)
            return self._referred(reference, where, inside)
        self._definitions[self._names[reference]] = target
        return target

    def _name(self, reference: str) -> str:
        last = re.sub(r"\W", "_", reference.rpartition("/")[2], flags=re.ASCII)
        return self._names.setdefault(reference, f"#/$defs/{last}_{len(self._names)}")

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with the definitions of what is within itself, which its references lead to."""
        needed: dict[str, Any] = {}
        pending = [schema]
        while pending:
            for reference in self._definitions.keys() & set(_references(pending.pop())) - needed.keys():
                needed[reference] = self._definitions[reference]
                pending.append(needed[reference])
        named = {reference.rpartition("/")[2]: one for reference, one in needed.items()}
        return schema | {"$defs": named} if named else schema

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
            if isinstance(target, list) and key.isdecimal() and int(key) < len(target):
                target = target[int(key)]
            elif isinstance(target, dict) and key in target:
                target = target[key]
            else:
                self._wrong(where, f"$ref {reference!r} leads nowhere; correct it")
        return target

    def _plain(self, node: dict[str, Any]) -> dict[str, Any]:
        schema = {
            key: node[key] for key in PLAIN if node.get(key) is not None or (key == "const" and key in node)
        }
        if (kinds := schema.get("type")) is not None:
            schema |= _types(kinds, node.get("nullable") is True)
            if schema["type"] is None:
                del schema["type"]
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(node.get(exclusive), bool):  # OpenAPI 3.0, too
                del schema[exclusive]
                if node[exclusive] and bound in schema:
                    schema[exclusive] = schema.pop(bound)
        if quick(node.get("pattern")):
            schema["pattern"] = node["pattern"]
        elif node.get("pattern") is not None:
            self._open += 1
        plain: dict[str, Any] = json.loads(json.dumps(schema, default=str))  # YAML reads a date as one
        return plain

    def _nested(self, node: dict[str, Any], where: str, inside: tuple[str, ...]) -> dict[str, Any]:
        weaker: set[str] = set()

        def read(key: str, part: Any, place: str = "") -> Any:
            opened, self._branches = self._open, self._branches + (key in BRANCHES)
            schema = self.read(part, f"{where}.{key}{place}", inside)
            self._branches -= key in BRANCHES
            weaker.update([key] if self._open > opened else [])
            return schema

        schema: dict[str, Any] = {
            key: read(key, node[key]) if isinstance(node[key], dict) else node[key]
            for key in ONE
            if isinstance(node.get(key), dict | bool)
        }
        for key in SEVERAL:
            if isinstance(node.get(key), list):
                schema[key] = [read(key, part, f"[{i}]") for i, part in enumerate(node[key])]
        if isinstance(named := node.get("dependentSchemas"), dict):
            schema["dependentSchemas"] = {
                str(name): read("dependentSchemas", part, f".{name}") for name, part in named.items()
            }
        if "oneOf" in weaker:
            several = [{"anyOf": schema.pop("oneOf")}]
            schema["allOf"] = [*schema.get("allOf", []), *several]
        for key in REFUSING & weaker:
            schema.pop(key)
        return schema | self._object(node, read)

    def _object(self, node: dict[str, Any], read: Callable[[str, Any, str], Any]) -> dict[str, Any]:
        schema: dict[str, Any] = {}
        properties = node.get("properties") if isinstance(node.get("properties"), dict) else None
        unsent = {
            str(n) for n, p in (properties or {}).items() if isinstance(p, dict) and p.get("readOnly") is True
        }
        if properties is not None:
            named = {str(name): part for name, part in properties.items()}
            schema["properties"] = {
                n: read("properties", p, f".{n}") for n, p in named.items() if n not in unsent
            }
        if isinstance(required := node.get("required"), list):
            # A tool that demands what it does not declare could not be called; a branch may name what
            # stands beside it.
            known = None if properties is None or self._branches else schema["properties"]
            schema["required"] = [n for n in required if n not in unsent and (known is None or n in known)]
        if isinstance(patterned := node.get("patternProperties"), dict):
            schema["patternProperties"] = {
                pattern: read("patternProperties", part, f".{pattern}")
                for pattern, part in patterned.items()
                if quick(pattern)
            }
            if len(schema["patternProperties"]) < len(patterned):
                self._open += 1
                schema["additionalProperties"] = True
        return schema


def _references(schema: Any) -> Iterator[str]:
    """All that stand in a schema that was read, and perhaps more: a choice may look like one."""
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        yield schema["$ref"]
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _references(part)


def _types(kinds: Any, nullable: bool) -> dict[str, Any]:
    """The type in JSON Schema's words; none where it is any."""
    names = [k for k in (kinds if isinstance(kinds, list) else [kinds])]
    names = [TYPES.get(name.lower(), name.lower()) if isinstance(name, str) else name for name in names]
    if "any" in names:
        return {"type": None}
    names += ["null"] * (
        nullable and "null" not in names
    )  # OpenAPI 3.0 says so what 3.1 says with a second type
    return {"type": names if isinstance(kinds, list) or len(names) > 1 else names[0]}


def inside(schema: Any, place: str | int) -> dict[str, Any]:
    """The schema of a key or of an item of what fits the resolved schema, as far as any of its branches tells
    it; {} where none does."""
    if not isinstance(schema, dict):
        return {}
    told = [*_told(schema, place), *(inside(part, place) for part in schema.get("allOf", ()))]
    for key in ("anyOf", "oneOf"):
        branches = [one for part in schema.get(key, ()) if (one := inside(part, place))]
        told += [{"anyOf": branches}] if branches else []
    told = [part for part in told if isinstance(part, dict) and part]
    return told[0] if len(told) == 1 else {"allOf": told} if told else {}


def _told(schema: dict[str, Any], place: str | int) -> list[Any]:
    """What the schema itself says of a key or of an item."""
    if isinstance(place, int):
        first = schema.get("prefixItems", ())
        return [first[place] if place < len(first) else schema.get("items")]
    named = [part for name, part in schema.get("properties", {}).items() if name == place]
    named += [part for one, part in schema.get("patternProperties", {}).items() if found(one, place)]
    return named or [schema.get("additionalProperties")]


def allows(schema: Any, kind: str) -> bool:
    """Whether a value of that JSON type may fit the resolved schema, as far as its types and choices say."""
    if not isinstance(schema, dict):
        return schema is not False
    said = schema.get("type", kind)
    if kind not in (said if isinstance(said, list) else [said]):
        return False
    if "enum" in schema or "const" in schema:
        choices = schema.get("enum", [schema.get("const")])
        return any(
            isinstance(choice, PYTHON_TYPES[kind]) and not isinstance(choice, bool) for choice in choices
        )
    return all(allows(part, kind) for part in schema.get("allOf", ())) and all(
        any(allows(part, kind) for part in schema[key]) for key in ("anyOf", "oneOf") if key in schema
    )
