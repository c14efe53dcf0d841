"""Where REST tools come from: files of OpenAPI 3, files of records, and records in the configuration.

What is wrong with a document is a ``ValueError`` that names the file, the place and what to do.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from sandbox.backends.rest.endpoint import Endpoint
from sandbox.backends.rest.openapi import OpenApi
from sandbox.backends.rest.records import Record
from sandbox.lines import numbered
from sandbox.tools import one_line
from sandbox.types import ToolSpec

Source = str | Path | Mapping[str, Any]


def endpoints(source: Source) -> list[Endpoint]:
    """The endpoints of one source.

    It is the path of a document (JSON, YAML or JSON lines), a record itself, or
    ``{"path", "server", "headers", "query", "locale"}`` where the last four are optional: the base URL instead of the
    document's own, what is sent with each call, and the locale (BCP 47) whose tools they are.
    """
    if isinstance(source, Mapping) and "path" not in source:
        return [Record(str(source.get("name", "a record")), "", dict(source)).endpoint()]
    settings: Mapping[str, Any] = source if isinstance(source, Mapping) else {"path": source}
    if unknown := set(settings) - {"path", "server", "headers", "query", "locale"}:
        raise ValueError(
            f"{settings['path']}: a source has no {min(unknown)!r}; it has path, server, headers, query, locale"
        )
    path = Path(settings["path"])
    document = _parsed(path)
    if isinstance(document, dict) and ("openapi" in document or "swagger" in document):
        found = list(OpenApi(str(path), document, settings.get("server")).endpoints())
    else:
        records = document if isinstance(document, list) else [document]
        found = [Record(str(path), f"[{i}]", record).endpoint() for i, record in enumerate(records)]
    return [_configured(endpoint, settings) for endpoint in found]


def _parsed(path: Path) -> Any:
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix == ".jsonl":
            return [json.loads(line) for _, line in numbered(text)]
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror}); give the path of a document") from error
    except (ValueError, yaml.YAMLError) as error:
        kind = path.suffix.lstrip(".") or "yaml"
        raise ValueError(f"{path}: is not {kind}: {one_line(str(error))}; correct it there") from error


def _configured(endpoint: Endpoint, settings: Mapping[str, Any]) -> Endpoint:
    """The endpoint with the configuration's headers and query, which the model is not asked for."""
    headers = {name.lower(): value for name, value in _texts(settings, "headers").items()}
    query = _texts(settings, "query")
    locale = settings.get("locale", endpoint.spec.locale)
    if not isinstance(locale, str | None):
        raise ValueError(
            f"{settings['path']}: locale must be a tag such as de-DE, not {locale!r}; write it so"
        )
    fixed = urlencode(query, safe="${}:")  # a secret is filled in later
    url = endpoint.url + (("&" if "?" in endpoint.url else "?") + fixed if fixed else "")
    places = {
        argument: place
        for argument, place in endpoint.places.items()
        if not (place.where == "header" and place.name.lower() in headers)
        and not (place.where == "query" and place.name in query)
    }
    parameters = endpoint.spec.parameters
    parameters = parameters | {
        "properties": {name: parameters["properties"][name] for name in places},
        "required": [name for name in parameters["required"] if name in places],
    }
    spec = ToolSpec(endpoint.spec.name, endpoint.spec.description, parameters, locale)
    return Endpoint(spec, endpoint.method, url, endpoint.headers | headers, places)


def _texts(settings: Mapping[str, Any], key: str) -> dict[str, str]:
    given = settings.get(key) or {}
    if not isinstance(given, Mapping) or not all(isinstance(value, str) for value in given.values()):
        raise ValueError(f"{settings['path']}: {key} must be an object of texts; write it so")
    return dict(given)
