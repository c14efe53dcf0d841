"""What comes in from the inside is bounded before it is read, and nothing large is read where the loop waits."""

import asyncio
import json
import socket
import threading

import pytest

from sandbox.host import channel as channels
from sandbox.host.channel import Channel
from sandbox.host.framing import HEADER, MAX_PARTS, FrameError, FrameTooLong, decode, frame, has_many_parts

LIMIT = 384 * 1024


def received(sent: bytes) -> object:
    async def go() -> object:
        ours, theirs = socket.socketpair()
        with theirs:
            channel = await Channel.open(ours, LIMIT)
            sending = asyncio.to_thread(theirs.sendall, sent)
            try:
                return (await asyncio.gather(channel.receive(30.0), sending))[0]
            finally:
                channel.close()

    return asyncio.run(go())


@pytest.mark.parametrize("flood", [b"[],", b"{},", b"1,", b'"",', b"[[],"])
def test_a_message_of_four_megabytes_is_refused_by_its_length(flood):
    body = b"[" + flood * (2**22 // len(flood)) + b"0]"
    with pytest.raises(FrameTooLong):
        received(HEADER.pack(len(body), 0))


def test_a_message_may_not_be_longer_where_a_state_may():
    state = json.dumps({"text": "x" * 2**20}).encode()
    assert received(frame({"id": 1}, state)) == ({"id": 1}, state, len(b'{"id":1}'))
    with pytest.raises(FrameError):
        received(frame({"text": "x" * 2**20}))


@pytest.mark.parametrize("flood", [b"[],", b"{},", b"1,"])
def test_many_parts_are_refused_without_being_read(flood, monkeypatch):
    body = b'{"a":[' + flood * MAX_PARTS + b"0]}"
    monkeypatch.setattr("sandbox.host.framing.loads", lambda text: pytest.fail("it was read"))
    assert has_many_parts(body)
    with pytest.raises(FrameError, match="more than 200000 parts"):
        decode(body)


def test_a_long_text_is_no_flood():
    text = {"text": "x [1], {2}, 3 " * 20_000}
    assert decode(json.dumps(text).encode()) == text


@pytest.mark.parametrize(("size", "apart"), [(10, False), (200_000, True)])
def test_what_is_large_is_read_in_a_thread_of_its_own(size, apart, monkeypatch):
    seen: list[bool] = []
    read = channels._read

    def watched(body: bytes, state: bytes) -> object:
        seen.append(threading.current_thread() is not threading.main_thread())
        return read(body, state)

    monkeypatch.setattr(channels, "_read", watched)
    received(frame({"text": "x" * size}))
    assert seen == [apart]
