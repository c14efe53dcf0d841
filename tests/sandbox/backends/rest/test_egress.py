"""What comes back from an API, and to which address a request may go."""

import asyncio
import base64
import gzip
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from sandbox.backends.rest.addresses import is_public
from sandbox.backends.rest.credentials import Credentials
from sandbox.backends.rest.egress import Outage
from sandbox.backends.rest.tools import HttpTools
from sandbox.backends.rest.upstream import Upstream

# The first and the last address of blocks in IANA's registries that are not of the open internet.
SPECIAL = """
0.0.0.0 0.255.255.255 10.0.0.0 100.64.0.1 100.127.255.255 127.0.0.1 169.254.169.254 172.31.255.255 192.0.0.0
192.0.0.8 192.0.0.170 192.0.0.192 192.0.0.255 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7
203.0.113.255 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16
:: ::1 ::ffff:8.8.8.8 ::8.8.8.8 64:ff9b::808:808 64:ff9b:1::1 100::1 100:0:0:1::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:808:808::1 3fff::1 3fff:fff:ffff::1 5f00::1 fc00::1 fd00:ec2::254
fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1
""".split()
PUBLIC = "8.8.8.8 1.1.1.1 192.0.1.1 100.128.0.1 172.32.0.1 198.20.0.1 2606:4700:4700::1111 2a00:1450::1 2001:4860:4860::8888 3ffe::1"


@pytest.mark.parametrize("address", SPECIAL)
def test_an_address_of_a_special_block_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_an_address_of_the_open_internet_is(address):
    assert is_public(address)


ROOT = Path(__file__).resolve().parents[4]
TEXT = '{"ok": "naïve"}'.encode()
PACKED = gzip.compress(TEXT, mtime=0)
SECRET = "sEcret/Kéy+value"


@asynccontextmanager
async def answering(
    *answers: bytes, head: str = "content-encoding: gzip", **options
) -> AsyncIterator[HttpTools]:
    """Tools of an API that gives these answers one after the other, the last again and again."""
    left = list(answers)

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = left.pop(0) if len(left) > 1 else left[0]
        status = body[:3].decode() if body[:3] in (b"404", b"500", b"410") else "200"
        writer.write(f"HTTP/1.1 {status} X\r\n{head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        writer.close()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        record = {"name": "ask", "endpoint": f"http://{host}/", "method": "GET"}
        async with HttpTools([record], private_hosts=[host], rate=1000, **options) as tools:
            yield tools


@pytest.mark.parametrize(
    ("body", "status", "content"),
    [
        (PACKED, "ok", {"ok": "naïve"}),
        (gzip.compress(TEXT[:7], mtime=0) + gzip.compress(TEXT[7:], mtime=0), "ok", {"ok": "naïve"}),
        (PACKED + bytes(8), "ok", {"ok": "naïve"}),
        (PACKED[:-1], "infra_error", None),
        (PACKED[:-9], "infra_error", None),
        (PACKED[:12], "infra_error", None),
        (PACKED + gzip.compress(TEXT, mtime=0)[:-4], "infra_error", None),
        (PACKED + b"garbage", "infra_error", None),
        (
            gzip.compress(b"1" * 200_000, mtime=0) + gzip.compress(b"1" * 200_000, mtime=0),
            "output_limit",
            None,
        ),
    ],
)
def test_gzip_is_read_to_its_end_and_no_further(body, status, content):
    async def go() -> None:
        async with answering(body, PACKED) as tools:
            answer = await tools.call("ask", {})
            assert answer.status == status and (content is None or answer.content == content)
            assert (await tools.call("ask", {})).content == {"ok": "naïve"}

    asyncio.run(go())


@pytest.mark.parametrize(
    "charset", ["punycode", "IDNA", "unicode_escape", "raw-unicode-escape", "zlib", "rot13", "x"]
)
def test_what_is_no_charset_of_texts_is_not_read(charset):
    """Python knows more than there are, and takes seconds to read some."""

    async def go() -> None:
        async with answering(b"a" * 200_000, head=f"content-type: text/plain; charset={charset}") as tools:
            answer = await tools.call("ask", {})
            assert answer.status == "infra_error" and "not text" in answer.content["error"]

    asyncio.run(go())


@pytest.mark.parametrize(
    "said",
    [
        SECRET.lower(),
        SECRET.upper(),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        base64.b64encode(f"me:{SECRET}".encode()).decode(),
        base64.b64encode(f"a:{SECRET}:z".encode()).decode(),
        base64.b64encode(f"key={SECRET}&x=1".encode()).decode().lower(),
        SECRET.encode().hex(),
        "%73Ecret%2fK%c3%a9y%2bvalue".replace("%73", "s"),
        "".join(f"%{byte:02X}" for byte in SECRET.encode()),
        quote(quote(SECRET, safe=""), safe=""),
        "".join(f"&#{ord(letter)};" for letter in SECRET),
        "".join(f"&#x{ord(letter):X};" for letter in SECRET),
        "".join(f"\\u{ord(letter):04x}" for letter in SECRET),
        "".join(f"\\x{ord(letter):02x}" for letter in SECRET),
        SECRET.encode().hex(" "),
        SECRET.encode().hex(":").upper(),
        base64.b32encode(SECRET.encode()).decode(),
        base64.b32encode(f"{SECRET}&x=1".encode()).decode().lower(),
    ],
)
def test_a_secret_is_taken_out_in_whatever_case_and_base64(monkeypatch, said):
    monkeypatch.setenv("KEY", SECRET)
    credentials = Credentials()
    credentials.fill("${env:KEY}", "here")
    clean = credentials.redact({"a": f"you sent <{said}>", "b": ["kept: abcdefgh"]})
    assert "[KEY]" in clean["a"] and clean["b"] == ["kept: abcdefgh"]
    assert SECRET.lower() not in clean["a"].lower()


def fails(upstream: Upstream, session: object) -> str:
    """What a call of the session comes to whose API fails."""

    async def go() -> str:
        try:
            async with upstream.turn(session):
                raise Outage("HTTP 500")
        except Outage as error:
            return str(error)

    return asyncio.run(go())


def works(upstream: Upstream, session: object) -> bool:
    async def go() -> bool:
        try:
            async with upstream.turn(session):
                return True
        except Outage:
            return False

    return asyncio.run(go())


def test_a_session_that_makes_an_api_fail_is_out_alone():
    now = [0.0]
    upstream = Upstream("api", 1e9, failures=3, pause=10, patience=1e9, clock=lambda: now[0])
    assert [fails(upstream, "one") for _ in range(3)] == ["HTTP 500"] * 3
    assert "failed 3 calls of this session" in fails(upstream, "one")
    assert works(upstream, "other") and works(upstream, None) and not works(upstream, "one")
    now[0] = 11.0
    assert works(upstream, "one") and works(upstream, "one")


def test_an_api_that_fails_many_sessions_is_out_for_all():
    now = [0.0]
    upstream = Upstream("api", 1e9, failures=3, pause=10, patience=1e9, clock=lambda: now[0])
    assert [fails(upstream, session) for session in ("a", "b", "c")] == ["HTTP 500"] * 3
    assert "is out after 3 failures" in fails(upstream, "d") and not works(upstream, "d")
    now[0] = 11.0
    assert works(upstream, "d") and works(upstream, "e")


def test_what_is_dead_is_told_and_left_out(caplog):
    async def status(*answers: bytes) -> tuple[dict, dict]:
        async with answering(*answers, head="x: y", drop_dead=True) as tools:
            before = dict(tools.specs)
            await tools.start()
            return before, tools.specs

    for body, alive in ((b"{}", True), (b"500", False), (b"410", False), (b"404", False)):
        before, after = asyncio.run(status(body))
        assert before == {} and (list(after) == ["ask"]) is alive
    assert "the REST tool ask is left out, its API is dead: HTTP 404" in caplog.text


def test_the_command_tells_which_apis_are_dead(tmp_path):
    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        answers = {"/up?city=Köln": 200, "/picky?id=7": 422, "/down": 503, "/gone": 404, "/thing/test": 404}
        status = next((code for path, code in answers.items() if asked.startswith(path.split("?")[0])), 500)
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\n{{}}".encode())
        writer.close()

    async def go() -> tuple[int, str, str]:
        async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
            host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            city = {"city": {"type": "string", "examples": ["Köln"], "required": True}}
            number = {"id": {"type": "integer", "minimum": 7, "required": True}}
            records = [
                {"name": "up", "endpoint": f"http://{host}/up", "parameters": city},
                {"name": "picky", "endpoint": f"http://{host}/picky", "parameters": number},
                {"name": "down", "endpoint": f"http://{host}/down"},
                {"name": "gone", "endpoint": f"http://{host}/gone"},
                {
                    "name": "thing",
                    "endpoint": f"http://{host}/thing/{{id}}",
                    "parameters": {"id": {"type": "string"}},
                },
            ]
            (tmp_path / "apis.json").write_text(json.dumps(records))
            command = [sys.executable, "-m", "sandbox.rest", "check", str(tmp_path / "apis.json")]
            options = ["--private-hosts", host, "--rate", "100", "--out", str(tmp_path / "dead.json")]
            process = await asyncio.create_subprocess_exec(
                *command, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
            )
            said, wrong = await process.communicate()
            return process.returncode or 0, said.decode(), wrong.decode()

    code, said, wrong = asyncio.run(go())
    lines = said.splitlines()
    assert (code, wrong) == (1, "")
    assert lines[:2] == ["ok    up", "ok    picky"] and lines[4] == "ok    thing"
    assert lines[2].startswith("dead  down: ") and lines[3].startswith("dead  gone: HTTP 404")
    assert set(json.loads((tmp_path / "dead.json").read_text())["dead"]) == {"down", "gone"}


def test_a_probe_asks_every_api_of_a_host_however_many_there_are_and_fail(tmp_path):
    """More than its pace lets through in the time of a call, and enough failures to take the host out."""

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        status = 503 if int(path[1:]) < 6 else 200
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\n{{}}".encode())
        writer.close()

    async def go() -> tuple[set[str], str]:
        async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
            host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            records = [
                {"name": f"api{n}", "url": f"http://{host}/{n}", "description": "d"} for n in range(40)
            ]
            (tmp_path / "apis.json").write_text(json.dumps(records))
            async with HttpTools(
                [tmp_path / "apis.json"], [], private_hosts=[host], seconds=0.5, rate=40, drop_dead=True
            ) as tools:
                await tools.start()
                return set(tools.specs), (await tools.call("api9", {})).status

    live, status = asyncio.run(go())
    assert live == {f"api{n}" for n in range(6, 40)}
    assert status == "ok", "the run begins with a host that is not out"


def test_the_command_says_what_is_wrong_with_a_document(tmp_path):
    command = [sys.executable, "-m", "sandbox.rest", "check", str(tmp_path / "none.yaml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "cannot be read" in done.stderr
