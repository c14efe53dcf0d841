"""Tools and right calls of other people's rows: parameters as JSON Schemas that the data's own answers fit."""

from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator, SchemaError

from rewards.schema import typed
from rewards.types import ExpectedCall
from sandbox.types import ToolSpec

# What the data sets call JSON Schema's types; ``any`` has none.
TYPES = {
    "dict": "object", "float": "number", "double": "number", "tuple": "array", "list": "array", "set": "array",
    "str": "string", "text": "string", "int": "integer", "bool": "boolean", "any": None,
}  # fmt: skip
JSON_TYPES = {
    str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object", type(None): "null",
}  # fmt: skip
SCHEMA_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")


def expected_call(name: Any, arguments: dict[str, Any] | None) -> ExpectedCall:
    """The right call where each argument has one right value. Raises ValueError for a name that is no text."""
    named = typed(name, str, "the name of an answer")
    return {"name": named, "arguments": {key: [value] for key, value in (arguments or {}).items()}}


def tool_of(value: dict[str, Any]) -> ToolSpec:
    """A tool of papers' data: a name, a description, and parameters in any of their forms, perhaps within OpenAI's
    ``{"type": "function", "function"}``. Raises ValueError."""
    value = typed(value.get("function", value), dict, "function")
    parameters = typed(value.get("parameters") or {}, dict, "parameters")
    return spec(value.get("name"), value.get("description"), properties_of(parameters))


def spec(name: Any, description: Any, parameters: Any) -> ToolSpec:
    """A tool of the data, its parameters as a JSON Schema. Raises ValueError if they cannot be one."""
    if not isinstance(name, str) or not name:
        raise ValueError("a tool needs a name, a text")
    schema = schema_of(without_nulls(typed(parameters or {}, dict, f"the parameters of {name}")))
    schema = {"type": "object", "properties": {}, **schema}
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"the parameters of {name} are no JSON Schema: {error.message}") from None
    return ToolSpec(name, str(description or ""), schema)


def schema_of(schema: Any) -> Any:
    """A schema with JSON Schema's own names of types, its parts too; a type without one is left open."""
    if not isinstance(schema, dict):
        return schema
    found = dict(schema)
    if isinstance(kind := found.pop("type", None), str):
        named = _type(kind)
        if named:
            found["type"] = named
    elif kind is not None:
        found["type"] = kind
    if isinstance(found.get("properties"), dict):
        found["properties"] = {name: schema_of(part) for name, part in found["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in found:
            found[key] = schema_of(found[key])
    return found


def without_nulls(value: Any) -> Any:
    """JSON without the keys that are null: Arrow writes those of all rows into each. Choices stay whole."""
    if isinstance(value, list):
        return [without_nulls(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {k: v if k == "enum" else without_nulls(v) for k, v in value.items() if v is not None}


def properties_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """``{name: {"type", "description", "required" or "... , optional" or "default"}}`` as a JSON Schema; a
    JSON Schema stays what it is. Raises ValueError."""
    parameters = {name: part for name, part in parameters.items() if part is not None}
    if parameters.get("type") == "object" or _are_schemas(parameters.get("properties")):
        return parameters
    properties = {name: typed(part, dict, f"parameter {name}") for name, part in parameters.items()}
    required = [name for name, part in properties.items() if _required(part)]
    shown = {name: {k: v for k, v in part.items() if k != "required"} for name, part in properties.items()}
    return {"type": "object", "properties": shown, "required": required}


def _are_schemas(properties: Any) -> bool:
    """Whether they are a schema's properties, and not a parameter of that name."""
    return isinstance(properties, dict) and not any(isinstance(part, str) for part in properties.values())


def _required(part: dict[str, Any]) -> bool:
    if "required" in part:
        return part["required"] is True
    return "optional" not in str(part.get("type")) and "default" not in part


def fitting(
    tools: list[ToolSpec], calls: list[ExpectedCall], required_as_said: bool = False
) -> list[ToolSpec]:
    """The tools, so that the data's own answers fit their schemas: real data breaks its own word.

    A parameter none of whose acceptable values has the type that is said gets the value's type, too, after
    the one that is said; one that an answer leaves out is not required, unless ``required_as_said``. Raises
    ValueError for an answer with a tool that is none of them: nobody could give it.
    """
    names = {tool.name for tool in tools}
    for call in calls:
        if call["name"] not in names:
            raise ValueError(f"an answer calls {call['name']!r}, which is none of the row's tools")
    answers = {name: [c["arguments"] for c in calls if c["name"] == name] for name in names}
    return [_fitting(tool, answers[tool.name], required_as_said) for tool in tools]


def _fitting(tool: ToolSpec, answers: list[dict[str, Any]], required_as_said: bool) -> ToolSpec:
    if not answers:
        return tool
    schema, properties = tool.parameters, dict(tool.parameters["properties"])
    for arguments in answers:
        for name, values in arguments.items():
            if values and isinstance(properties.get(name), dict):
                properties[name] = _wider(properties[name], [v for v in values if v != ""] or values)
    required = schema.get("required", [])
    if not required_as_said:
        required = [n for n in required if all(_given(a.get(n)) for a in answers)]
    return replace(tool, parameters=schema | {"properties": properties, "required": required})


def _given(values: list[Any] | None) -> bool:
    return bool(values) and "" not in (values or ())


def _wider(schema: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    check = Draft202012Validator(schema)
    if any(check.is_valid(value) for value in values):
        return schema
    kept = {key: part for key, part in schema.items() if key in ("type", "description", "items")}
    kind, value = JSON_TYPES[type(values[0])], values[0]
    if isinstance(value, list) and isinstance(kept.get("items"), dict):
        for item in value:
            kept["items"] = _wider(kept["items"], [item])
    return kept | {"type": _also(schema.get("type"), kind)} if "type" in schema else kept


def _also(said: Any, kind: str) -> Any:
    types = list(dict.fromkeys([*(said if isinstance(said, list) else [said]), kind]))
    return types if len(types) > 1 else types[0]


def _type(written: str) -> str | None:
    """``List[int]``, ``str, optional``, ``Dict`` and the like; None where JSON Schema has no such type."""
    word = written.split(",")[0].split("[")[0].strip().lower()
    named = TYPES.get(word, word)
    return named if named in SCHEMA_TYPES else None
