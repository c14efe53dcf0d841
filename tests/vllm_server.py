"""vLLM's own OpenAI server, on the CPU and on loopback, for the tests that ask one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

ENVIRONMENT = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "VLLM_LOGGING_LEVEL": "WARNING",
               "VLLM_NO_USAGE_STATS": "1"}  # fmt: skip


@contextlib.contextmanager
def serving(model: Path, options: Sequence[str], log: Path) -> Iterator[str]:
    """Its address, once it answers; ended by its process id, with its engine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    module = [
        sys.executable,
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--host=127.0.0.1",
        f"--port={port}",
    ]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*module, f"--model={model}", *options],
            env={**os.environ, **ENVIRONMENT},
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    for _ in range(1000):
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url).status_code == 200:
                return
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        time.sleep(0.3)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


def _end(process: "subprocess.Popen[bytes]") -> None:
    """With its engine, which is given the time to take back its names in shared memory."""
    process.send_signal(signal.SIGTERM)
    end = time.monotonic() + 60
    with contextlib.suppress(ProcessLookupError):  # nobody of its group is left
        while time.monotonic() < end:
            process.poll()
            os.killpg(process.pid, 0)
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
