"""REST tools against a real server on loopback: what they send, what they refuse, what they keep to themselves."""

import asyncio
import contextlib
import gzip
import json
import logging
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sandbox import ToolCall, open_sandbox, validate
from sandbox.backends.base import Answer
from sandbox.backends.rest.egress import Denied, Gate, Outage, Request, is_public
from sandbox.backends.rest.tools import HttpTools
from sandbox.backends.rest.upstream import Upstream

SECRET = "s3cr3t/Key+with=signs"


class Handler(BaseHTTPRequestHandler):
    """Answers by the first part of the path, and tells the server what it was asked."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(
            (
                self.command,
                self.path,
                {name.title(): value for name, value in self.headers.items()},
                body.decode(),
            )
        )
        kind = self.path.partition("?")[0].strip("/").partition("/")[0]
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client had enough
            getattr(self, f"_{kind}", self._echo)()

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _send(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _echo(self) -> None:
        method, path, headers, body = self.server.seen[-1]
        told = {"method": method, "path": path, "headers": headers, "body": body}
        self._send(200, json.dumps(told).encode(), X_Echo=headers.get("Authorization", ""))

    def _status(self) -> None:
        self._send(self.server.status, self.server.message.encode())

    def _redirect(self) -> None:
        self._send(self.server.redirects_with, b"", Location=self.server.location)

    def _large(self) -> None:
        self._send(200, b"x" * 300_000, "text/plain")

    def _bomb(self) -> None:
        self._send(200, gzip.compress(b"x" * 10_000_000), Content_Encoding="gzip")

    def _gzip(self) -> None:
        self._send(200, gzip.compress(b'{"packed": true}'), Content_Encoding="gzip")

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 65536)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(50):
            self.wfile.write(b"x")
            time.sleep(0.1)

    def _text(self) -> None:
        self._send(200, "気温は三度です".encode("shift_jis"), "text/plain; charset=Shift_JIS")

    def _picture(self) -> None:
        self._send(200, b"\x89PNG\xff\xfe", "image/png")

    def _deep(self) -> None:
        self._send(200, b"[" * 500 + b"]" * 500)

    def _strange(self) -> None:
        self._send(200, b'{"a": NaN, "b": 1e999}')


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    status = 200
    message = json.dumps({"message": f"no such city\n{'x' * 999}"})
    location = "/"
    redirects_with = 302

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, dict[str, str], str]] = []
        self.host = f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that left


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    threading.Thread(target=one.serve_forever, args=(0.02,), daemon=True).start()
    yield one
    one.shutdown()
    one.server_close()


def record(server: Server, path: str = "/echo", **more: Any) -> dict[str, Any]:
    return {"name": "tool", "description": "A tool.", "endpoint": f"http://{server.host}{path}", **more}


def resolver(*answers: list[str]) -> tuple[Callable[[str, int], Awaitable[list[str]]], list[str]]:
    """A resolver that gives the answers one after the other, and the names that it was asked for."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


def call(server: Server, source: Any, *arguments: dict[str, Any], **options: Any) -> list[Answer]:
    """What the source's only tool answers to each set of arguments, one after the other."""

    async def go() -> list[Answer]:
        settings: dict[str, Any] = {"hosts": [], "private_hosts": [server.host], "rate": 1000.0}
        async with HttpTools([source], **settings | options) as tools:
            (name,) = tools.specs
            return [await tools.call(name, given) for given in arguments or ({},)]

    return asyncio.run(go())


def error(answer: Answer) -> str:
    assert set(answer.content) == {"error"} and "\n" not in answer.content["error"]
    assert len(answer.content["error"]) <= 300
    return answer.content["error"]


# --- what is sent ---

OPENAPI = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers: [{url: "http://HOST/v1"}]
paths:
  /shops/{shop}/orders:
    parameters:
      - {$ref: "#/components/parameters/Shop"}
    post:
      operationId: orders.create-one
      summary: Order something.
      parameters:
        - {name: tag, in: query, schema: {type: array, items: {type: string}}}
        - {name: only, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: X-Language, in: header, schema: {type: string}}
        - {name: Authorization, in: header, schema: {type: string}}
        - {name: key, in: query, required: true, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Order"}
components:
  parameters:
    Shop: {name: shop, in: path, required: true, description: Which shop., schema: {type: string, pattern: "(a+)+$"}}
  schemas:
    Order:
      type: object
      required: [item, shop]
      properties:
        item: {type: string}
        shop: {type: string, nullable: true}
        amount: {type: integer, minimum: 0, exclusiveMinimum: true}
        made: {type: string, readOnly: true}
        inner: {$ref: "#/components/schemas/Order"}
"""


@pytest.fixture
def shop(server, tmp_path, monkeypatch) -> dict[str, Any]:
    (tmp_path / "shop.yaml").write_text(OPENAPI.replace("HOST", server.host))
    monkeypatch.setenv("SHOP_KEY", SECRET)
    return {
        "path": tmp_path / "shop.yaml",
        "headers": {"Authorization": "Bearer ${env:SHOP_KEY}"},
        "query": {"key": "${env:SHOP_KEY}"},
    }


def test_an_operation_is_one_flat_tool_without_what_the_configuration_sets(server, shop):
    tools = HttpTools([shop], [], private_hosts=[server.host])
    (spec,) = tools.specs.values()
    assert (spec.name, spec.description) == ("orders_create_one", "Order something.")
    properties = spec.parameters["properties"]
    assert set(properties) == {"shop", "tag", "only", "X-Language", "item", "body_shop", "amount", "inner"}
    assert spec.parameters["required"] == ["shop", "item", "body_shop"]
    assert properties["shop"] == {"type": "string", "description": "Which shop."}
    assert properties["body_shop"] == {"type": ["string", "null"]}
    assert properties["amount"] == {"type": "integer", "exclusiveMinimum": 0}
    assert validate(spec, ToolCall("1", spec.name, {"shop": "a", "item": "b", "body_shop": None})) is None
    assert "key" in (
        validate(spec, ToolCall("1", spec.name, {"shop": "a", "item": "b", "body_shop": "c", "key": "k"}))
        or ""
    )
    assert SECRET not in repr(vars(spec))


def test_each_argument_goes_to_its_place(server, shop):
    given = {
        "shop": "Café/Süd?x=1#y",
        "tag": ["a b", "&c=d"],
        "only": ["x", "y"],
        "X-Language": "日本語",
        "item": "tea",
        "body_shop": None,
        "amount": 2,
        "undeclared": "x",
    }
    (answer,) = call(server, shop, given)
    assert answer.status == "ok" and answer.seconds > 0
    method, path, headers, body = server.seen[0]
    assert method == "POST"
    key = "s3cr3t%2FKey%2Bwith%3Dsigns"
    assert (
        path == f"/v1/shops/Caf%C3%A9%2FS%C3%BCd%3Fx%3D1%23y/orders?key={key}&tag=a+b&tag=%26c%3Dd&only=x%2Cy"
    )
    assert headers["X-Language"].encode("latin-1").decode() == "日本語"
    assert headers["Authorization"] == f"Bearer {SECRET}" and headers["Host"] == server.host
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"item": "tea", "shop": None, "amount": 2}


def test_an_operation_that_cannot_be_sent_is_left_out_and_said(tmp_path, caplog):
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": "https://{region}.shop.test/", "variables": {"region": {"default": "eu"}}}],
        "paths": {
            "/pictures": {"post": {"requestBody": {"content": {"multipart/form-data": {}}}}},
            "/mine": {"get": {"parameters": [{"name": "session", "in": "cookie", "required": True}]}},
            "/trees/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "schema": {"$ref": "#/$defs/Tree/properties/id"}}
                ],
                "put": {
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/$defs/Trees"}}}}
                },
            },
        },
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"id": {"type": ["integer", "null"]}, "inner": {"$ref": "#/$defs/Tree"}},
            },
            "Trees": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
        },
    }
    (tmp_path / "trees.json").write_text(json.dumps(document))
    (spec,) = HttpTools([tmp_path / "trees.json"], ["eu.shop.test"]).specs.values()
    assert spec.name == "put_trees_id" and spec.parameters["required"] == ["id"]
    body: dict[str, Any] = {"id": 1, "body": [{"id": 2, "inner": {"id": 3, "inner": {"id": None}}}]}
    assert Draft202012Validator(spec.parameters).is_valid(body)
    body["body"][0]["inner"]["inner"]["id"] = "4"
    assert not Draft202012Validator(spec.parameters).is_valid(body), "a tree within a tree is one, too"
    assert [("multipart" in line, "session" in line) for line in caplog.messages] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize("form", ["schema", "plain"])
def test_a_plain_record_is_a_tool(server, form):
    city, days = {"type": "str", "description": "Where."}, {"type": "int"}
    parameters: dict[str, Any] = {"city": city | {"required": True}, "days": days}
    if form == "schema":
        parameters = {"type": "dict", "properties": {"city": city, "days": days}, "required": ["city"]}
    source = record(server, "/echo/{city}?units=metric", parameters=parameters, name="获取 weather!")
    tools = HttpTools([source], [], private_hosts=[server.host])
    (spec,) = tools.specs.values()
    assert spec.name == "weather" and spec.parameters["required"] == ["city"]
    assert spec.parameters["properties"] == {
        "city": {"type": "string", "description": "Where."},
        "days": {"type": "integer"},
    }
    (answer,) = call(server, source, {"city": "Łódź", "days": 3})
    assert answer.content["path"] == "/echo/%C5%81%C3%B3d%C5%BA?units=metric&days=3"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.json", "{", "a.json: is not json"),
        ("a.yaml", "swagger: '2.0'", "openapi: only version 3 is read; convert"),
        ("a.yaml", "openapi: 3.1.0", "paths: there is none; describe"),
        ("a.json", '[{"name": "x"}]', r"\[0\].endpoint: is missing"),
        ("a.json", '[{"name": "天気", "url": "https://h/"}]', "has no letter from A to Z; give"),
        ("a.json", '[{"name": "x", "url": "ftp://h/"}]', "not an absolute http or https URL; write"),
        ("a.json", '[{"name": "x", "url": "https://u:p@h/"}]', "not an absolute http or https URL; write"),
        ("a.json", '[{"name": "x", "url": "https://{h}/"}]', "variable in its host; write"),
        ("a.json", '[{"name": "x", "url": "https://h/{id}"}]', "'id' must stand both"),
        ("a.json", '[{"name": "x", "url": "https://h/", "method": "TRACE"}]', "'TRACE' is none of"),
        (
            "a.json",
            '[{"name": "x", "url": "https://h/", "parameters": {"a": {"type": "colour"}}}]',
            r"\[0\]: .*properties.a.* is not JSON Schema",
        ),
        (
            "a.yaml",
            OPENAPI.replace('"#/components/parameters/Shop"', '"https://evil.test/p.yaml#/x"'),
            r"paths./shops/\{shop\}/orders.parameters\[0\]: \$ref 'https://evil.test.* copy what it points to",
        ),
        ("a.yaml", OPENAPI.replace("schemas/Order", "schemas/Odrer"), "leads nowhere; correct it"),
        ("a.yaml", OPENAPI.replace("http://HOST", ""), "'/v1' is relative; give the source a server"),
        (
            "a.yaml",
            OPENAPI.replace("HOST", "shop.test"),
            "cannot call shop.test: the host.* is not listed; add it to hosts",
        ),
    ],
)
def test_a_wrong_document_is_told_with_file_place_and_remedy(tmp_path, name, text, told):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=told):
        HttpTools([tmp_path / name], ["h"])


@pytest.mark.parametrize("limit", ["seconds", "output_kb", "rate", "failures", "pause"])
def test_a_limit_of_nothing_is_refused(limit):
    with pytest.raises(ValueError, match=f"{limit} is 0, set it to more"):
        HttpTools([], **{limit: 0})


def test_two_tools_may_not_have_one_name(server):
    with pytest.raises(ValueError, match="'tool', a name that is taken"):
        HttpTools([record(server), record(server)], [], private_hosts=[server.host])


# --- what the gate refuses ---

NOT_PUBLIC = """
127.0.0.1 127.8.9.1 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 198.18.0.1 192.0.2.1
224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 fec0::1 ff02::1
ff0e::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 2002:7f00:1:: 64:ff9b::7f00:1 64:ff9b:1::1 2001:db8::1
2001:0:4136:e378:8000:63bf:3fff:fdd2
""".split()


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused_whatever_name_leads_to_it(server, address):
    resolve, _ = resolver([address], ["8.8.8.8", address])
    source = record(server) | {"endpoint": "http://api.test/echo"}
    for answer in call(server, source, {}, {}, hosts=["api.test"], resolve=resolve):
        assert answer.status == "policy_denied" and "not public" in error(answer)


def test_public_addresses_are_public():
    assert is_public("8.8.8.8") and is_public("2606:4700:4700::1111")


SPELLINGS = """
127.0.0.1 2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 017700000001 127.1 127.0.1 localhost [::1] [::ffff:127.0.0.1]
[::ffff:7f00:1]
""".split()


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_private_address_gets_through(server, spelling):
    """The system's own resolver reads most of these as loopback; even a host that is listed is then refused."""
    host = f"{spelling}:{server.server_port}"
    request = Request("GET", f"http://{host}/echo", {})
    with pytest.raises(Denied):
        asyncio.run(Gate(["api.test"]).fetch(request))
    with pytest.raises((Denied, Outage, ValueError)):
        asyncio.run(Gate([host]).fetch(request))
    assert server.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "http://user:password@HOST/echo",
        "http://user@HOST/echo",
        "http://HOST@evil.test/echo",
        "http://HOST\\@evil.test/echo",
        "http://evil.test#@HOST/echo",
        "http://evil.test:80/echo",
        "http://HOST.evil.test/echo",
        "http://127.0.0.1:22/",
        "ftp://HOST/echo",
        "file:///etc/passwd",
        "gopher://HOST/",
        "//HOST/echo",
        "http:///echo",
        "http://HOST/" + "x" * 9000,
        "http://HOST\r\nX: y/",
    ],
)
def test_other_hosts_ports_schemes_and_passwords_are_refused(server, url):
    gate = Gate([], private_hosts=[server.host])
    with pytest.raises(Denied):
        asyncio.run(gate.fetch(Request("GET", url.replace("HOST", server.host), {})))
    assert server.seen == []


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/",
        "http://user:pass@HOST/echo",
        "file:///etc/passwd",
        "http://listed.test/",
        "http://[",
    ],
)
def test_a_redirect_is_checked_as_the_first_request_was(server, location):
    server.location = location.replace("HOST", server.host)
    resolve, _ = resolver(["127.0.0.1"])
    answers = call(server, record(server, "/redirect"), hosts=["listed.test", "10.0.0.1"], resolve=resolve)
    assert answers[0].status == "policy_denied", error(answers[0])
    assert len(server.seen) == 1


def test_redirects_are_followed_so_many_times_and_no_more(server):
    server.location = "/echo?there=1"
    (answer,) = call(
        server, record(server, "/redirect", method="POST", parameters={"a": {"type": "string"}}), {"a": "b"}
    )
    assert answer.status == "ok" and answer.content["path"] == "/echo?there=1"
    assert (answer.content["method"], answer.content["body"]) == ("GET", "")
    server.seen.clear()
    server.location = "/redirect"
    (answer,) = call(server, record(server, "/redirect"))
    assert answer.status == "policy_denied" and len(server.seen) == 4


def test_a_redirect_to_another_listed_host_is_not_told_the_secret(server, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", SECRET)
    server.location = f"http://other.test:{server.server_port}/echo"
    resolve, asked = resolver(["127.0.0.1"])
    source = record(server, "/redirect", headers={"X-Api-Key": "${env:SHOP_KEY}"})
    (answer,) = call(server, source, hosts=[f"other.test:{server.server_port}"], resolve=resolve)
    assert answer.status == "ok" and len(asked) == 2
    first, second = (headers for _, _, headers, _ in server.seen)
    assert first["X-Api-Key"] == SECRET and "X-Api-Key" not in second


def test_a_name_that_changes_its_address_is_checked_each_time_and_never_asked_for_twice(server):
    """DNS rebinding: what is connected to is the very address that was checked, under the name."""
    name = f"api.test:{server.server_port}"
    resolve, asked = resolver(["127.0.0.1"], ["169.254.169.254"])
    source = record(server) | {"endpoint": f"http://{name}/echo"}
    first, second = call(server, source, {}, {}, hosts=[name], resolve=resolve)
    assert first.status == "ok" and first.content["headers"]["Host"] == name
    assert second.status == "policy_denied"
    assert asked == ["api.test", "api.test"] and len(server.seen) == 1


def test_the_next_address_is_taken_where_the_first_does_not_answer(server):
    name = f"api.test:{server.server_port}"
    resolve, _ = resolver(["127.0.0.2", "127.0.0.1"])
    reached = [server.host, f"127.0.0.2:{server.server_port}"]
    source = record(server) | {"endpoint": f"http://{name}/echo"}
    (answer,) = call(server, source, hosts=[name], private_hosts=reached, resolve=resolve)
    assert answer.status == "ok"


def test_what_was_sent_to_one_origin_is_not_sent_on_to_another(server):
    name = f"other.test:{server.server_port}"
    server.redirects_with, server.location = 307, f"http://{name}/echo"
    resolve, _ = resolver(["127.0.0.1"])
    source = record(server, "/redirect", method="POST", parameters={"a": {"type": "string"}})
    (answer,) = call(server, source, {"a": "b"}, hosts=[name], resolve=resolve)
    assert answer.status == "policy_denied" and len(server.seen) == 1
    server.location = "/echo"
    (answer,) = call(server, source, {"a": "b"})
    assert (answer.content["method"], answer.content["body"]) == ("POST", '{"a":"b"}')


def test_tls_keeps_the_name_and_checks_the_certificate(server, tmp_path, monkeypatch):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=api.test "
        f"-addext subjectAltName=DNS:api.test -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    named: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.sni_callback = lambda connection, name, own: named.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    resolve, _ = resolver(["127.0.0.1"])
    answers = []
    for name in ("api.test", "other.test"):
        host = f"{name}:{server.server_port}"
        source = record(server) | {"endpoint": f"https://{host}/echo"}
        answers += call(server, source, hosts=[host], resolve=resolve)
    assert [answer.status for answer in answers] == ["ok", "infra_error"]
    assert named == ["api.test", "other.test"]


PATHS = [
    "..",
    ".",
    "",
    "../admin",
    "a/../admin",
    "..\\admin",
    "%2e",
    "%2e%2e/admin",
    "..%2fadmin",
    "/admin",
    "a//b",
]


@pytest.mark.parametrize("value", PATHS)
def test_a_path_argument_cannot_leave_its_segment(server, value):
    source = record(server, "/users/{id}/profile", parameters={"id": {"type": "string"}})
    (answer,) = call(server, source, {"id": value})
    assert answer.status == "policy_denied" and "'id'" in error(answer)
    assert server.seen == []


@pytest.mark.parametrize(
    "value", ["a?b=c", "a#b", "a;b", "a\r\nX: y", "@evil.test", "日本", "Europe/Berlin", "{id}"]
)
def test_a_path_argument_is_one_segment_whatever_it_holds(server, value):
    source = record(server, "/users/{id}/profile", parameters={"id": {"type": "string"}})
    (answer,) = call(server, source, {"id": value})
    _, users, _, profile = answer.content["path"].split("/")
    assert (users, profile) == ("users", "profile") and "X" not in answer.content["headers"]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\x00b", "a\x7fb"])
def test_a_header_argument_is_one_line(server, value):
    source = record(server, parameters={"X-Lang": {"type": "string", "in": "header"}})
    (answer,) = call(server, source, {"X-Lang": value})
    assert answer.status == "policy_denied" and server.seen == []


@pytest.mark.parametrize("name", ["Host", "authorization", "Content-Length", "Transfer-Encoding", "Cookie"])
def test_a_model_cannot_be_given_the_headers_of_http_itself(server, name):
    with pytest.raises(ValueError, match="cannot hold it"):
        HttpTools([record(server, parameters={name: {"in": "header"}})], [], private_hosts=[server.host])


def test_the_environment_s_proxies_and_the_api_s_cookies_are_not_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert [answer.status for answer in call(server, record(server), {}, {})] == ["ok", "ok"]
    assert all("Cookie" not in headers for _, _, headers, _ in server.seen)


# --- what comes back ---


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/large", "output_limit"),
        ("/bomb", "output_limit"),
        ("/endless", "output_limit"),
        ("/drip", "infra_error"),
        ("/picture", "infra_error"),
    ],
)
def test_an_answer_has_limits(server, path, status):
    (answer,) = call(server, record(server, path), seconds=0.5 if path == "/drip" else 10)
    assert answer.status == status and error(answer)


def test_answers_are_json_or_else_text(server):
    assert call(server, record(server, "/gzip"))[0].content == {"packed": True}
    assert call(server, record(server, "/text"))[0].content == "気温は三度です"
    assert call(server, record(server, "/strange"))[0].content == '{"a": NaN, "b": 1e999}'
    assert call(server, record(server, "/deep"))[0].content == "[" * 500 + "]" * 500


@pytest.mark.parametrize(
    ("http", "status"),
    [
        *((status, "tool_error") for status in (400, 403, 404, 422)),
        *((status, "infra_error") for status in (304, 401, 429, 500, 503)),
    ],
)
def test_an_http_status_says_whose_doing_it_was(server, http, status):
    server.status = http
    (answer,) = call(server, record(server, "/status"))
    assert answer.status == status and f"HTTP {http}" in error(answer)
    assert (status == "tool_error") == ("no such city" in error(answer))


def test_a_server_that_is_not_there_and_a_name_without_address_are_outages(server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    host = f"127.0.0.1:{port}"
    source = record(server) | {"endpoint": f"http://{host}/"}
    assert call(server, source, private_hosts=[host])[0].status == "infra_error"

    async def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    source = record(server) | {"endpoint": "http://api.test/"}
    assert call(server, source, hosts=["api.test"], resolve=resolve)[0].status == "infra_error"


# --- secrets ---


def test_a_secret_appears_in_nothing_that_comes_back(server, shop, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    given = {"shop": "a", "item": "${env:SHOP_KEY}", "body_shop": "b"}
    cassette = tmp_path / "cassette.jsonl"
    (answer,) = call(server, shop, given, mode="record", cassette=cassette)
    server.status = 400
    assert answer.status == "ok" and SECRET in server.seen[0][2]["Authorization"]
    assert answer.content["headers"]["Authorization"] == "Bearer [SHOP_KEY]"
    assert "key=[SHOP_KEY]" in answer.content["path"]
    assert json.loads(server.seen[0][3])["item"] == "${env:SHOP_KEY}"  # the model's words are never filled in
    for text in (json.dumps(answer.content), caplog.text, cassette.read_text()):
        assert SECRET not in text and "s3cr3t" not in text


def test_an_api_cannot_make_a_refusal_tell_the_secret(server, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", SECRET)
    source = record(server, "/redirect", headers={"Authorization": "${env:SHOP_KEY}"})
    for location in (
        f"http://{SECRET.partition('/')[0]}.test/",
        f"{SECRET.partition('/')[0]}://x",
        f"//{SECRET}@x/",
    ):
        server.location = location
        (answer,) = call(server, source)
        assert answer.status == "policy_denied" and "s3cr3t" not in error(answer)
    server.status, server.message = 404, json.dumps({"error": f"bad key {SECRET}"}).replace("/", "\\/")
    (answer,) = call(server, record(server, "/status", headers={"Authorization": "${env:SHOP_KEY}"}))
    assert error(answer) == 'HTTP 404: {"error": "bad key [SHOP_KEY]"}'


def test_a_secret_that_is_not_set_is_told_at_the_start(server, shop, monkeypatch):
    monkeypatch.delenv("SHOP_KEY")
    with pytest.raises(ValueError, match=r"header authorization: .*SHOP_KEY is not set; export it"):
        HttpTools([shop], [], private_hosts=[server.host])
    monkeypatch.setenv("SHOP_KEY", "short")
    with pytest.raises(ValueError, match="8 printable characters"):
        HttpTools([shop], [], private_hosts=[server.host])


# --- cassettes ---


def test_what_was_recorded_is_replayed_with_the_server_gone_and_no_secret(
    server, shop, tmp_path, monkeypatch
):
    cassette = tmp_path / "cassette.jsonl"
    given = {"shop": "a", "item": "茶", "body_shop": "b"}
    (recorded,) = call(server, shop, given, mode="record", cassette=cassette)
    call(server, shop, given, mode="record", cassette=cassette)
    server.shutdown()
    server.server_close()
    monkeypatch.delenv("SHOP_KEY")
    asked_before = len(server.seen)

    async def resolve(host: str, port: int) -> list[str]:
        raise AssertionError("nothing may leave the machine")

    same, other, language = call(
        server,
        shop,
        given,
        given | {"item": "tea"},
        given | {"X-Language": "pl"},
        mode="replay",
        cassette=cassette,
        resolve=resolve,
    )
    assert (same.status, same.content) == ("ok", recorded.content)
    assert other.status == language.status == "infra_error" and "record it" in error(other)
    assert len(server.seen) == asked_before


def test_a_refusal_of_the_api_is_replayed_and_an_outage_is_not_recorded(server, tmp_path):
    cassette = tmp_path / "cassette.jsonl"
    source = record(server, "/status")
    server.status = 500
    assert call(server, source, mode="record", cassette=cassette)[0].status == "infra_error"
    assert not cassette.exists()
    server.status = 404
    recorded = call(server, source, mode="record", cassette=cassette)[0]
    replayed = call(server, source, mode="replay", cassette=cassette)[0]
    assert (replayed.status, replayed.content) == (recorded.status, recorded.content) != ("ok", None)


def test_a_broken_cassette_is_told_with_its_line(server, tmp_path):
    missing, broken = tmp_path / "missing.jsonl", tmp_path / "broken.jsonl"
    with pytest.raises(ValueError, match="there is no such cassette; make it"):
        call(server, record(server), mode="replay", cassette=missing)
    broken.write_text('{"method": "GET"}\n')
    with pytest.raises(ValueError, match="line 1 is not a recording; delete it"):
        call(server, record(server), mode="record", cassette=broken)
    with pytest.raises(ValueError, match="mode 'replay' with cassette None"):
        call(server, record(server), mode="replay")


# --- health and pace ---


def test_an_api_that_fails_is_taken_out_says_so_once_and_comes_back(server, caplog):
    async def go() -> None:
        source = record(server, "/status")
        async with HttpTools(
            [source], [], private_hosts=[server.host], rate=1e6, failures=3, pause=0.2
        ) as tools:
            server.status = 503
            for _ in range(8):
                assert (await tools.call("tool", {})).status == "infra_error"
            assert len(server.seen) == 3
            server.status = 200
            await asyncio.sleep(0.25)
            assert (await tools.call("tool", {})).status == "ok"
            assert (await tools.call("tool", {})).status == "ok"

    asyncio.run(go())
    taken_out = [line for line in caplog.messages if "taken out" in line]
    assert len(taken_out) == 1 and server.host in taken_out[0] and "HTTP 503" in taken_out[0]


class Clock:
    """Time that passes only where somebody sleeps."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def attempt(upstream: Upstream, works: bool) -> str:
    try:
        async with upstream.turn():
            if not works:
                raise Outage("down")
    except Outage as outage:
        return str(outage)
    return "ok"


def test_the_pause_grows_with_each_try_that_fails_and_one_call_tries():
    clock = Clock()
    upstream = Upstream("api", 1e9, failures=2, pause=10, patience=1e9, clock=clock, sleep=clock.sleep)

    async def go() -> None:
        assert [await attempt(upstream, False) for _ in range(2)] == ["down", "down"]
        for pause in (10, 20, 40):
            clock.now += pause - 1
            assert "is out" in await attempt(upstream, True)
            clock.now += 1.001
            assert await attempt(upstream, False) == "down"
        clock.now += 80.001
        async with upstream.turn():
            assert "is out" in await attempt(upstream, True)  # while one call tries
        assert await attempt(upstream, True) == "ok"
        assert [await attempt(upstream, works) for works in (False, True, False, True)][-1] == "ok"

    asyncio.run(go())


def test_calls_keep_their_distance_and_too_long_a_queue_is_turned_away():
    clock = Clock()

    async def go() -> None:
        upstream = Upstream("api", 4.0, failures=2, pause=10, patience=1e9, clock=clock, sleep=clock.sleep)
        starts = []
        for _ in range(5):
            async with upstream.turn():
                starts.append(clock())
        assert starts == [0.0, 0.25, 0.5, 0.75, 1.0]
        late: list[float] = []

        async def note(seconds: float) -> None:
            late.append(seconds)

        crowded = Upstream("api", 1.0, failures=2, pause=10, patience=2.0, clock=lambda: 0.0, sleep=note)
        said = [await attempt(crowded, True) for _ in range(5)]
        assert said[:3] == ["ok"] * 3 and late == [1.0, 2.0] and "wait already" in said[4]

    asyncio.run(go())


def test_a_file_of_records_gives_one_tool_a_line(server, tmp_path):
    path: Path = tmp_path / "tools.jsonl"
    path.write_text(
        "\n".join(json.dumps(record(server, f"/echo/{i}") | {"name": f"tool{i}"}) for i in range(3))
    )
    tools = HttpTools([path], [], private_hosts=[server.host])
    assert list(tools.specs) == ["tool0", "tool1", "tool2"]


def test_a_session_calls_an_api_as_any_other_tool(server):
    async def go() -> None:
        rest = {"sources": [record(server)], "private_hosts": [server.host]}
        async with open_sandbox(workers=1, rest=rest) as sandbox:
            (name,) = HttpTools(**rest).specs
            async with sandbox.session({}, tools=[name, "set_alarm"]) as session:
                before = session.state()
                asked = await session.call(ToolCall("1", name, {}))
                wrong = await session.call(ToolCall("2", name, {"no such": 1}))
                assert (asked.status, asked.content["method"]) == ("ok", "GET")
                assert wrong.status == "invalid_call" and session.state() == before

    asyncio.run(go())
