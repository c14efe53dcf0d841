"""The report while its runs go on: on this machine only, the page asking for what is new."""

import json
from collections.abc import Sequence
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from urllib.parse import parse_qs, urlsplit

from rl.errors import UserError
from rl.report.page import BYTES, content, page
from rl.report.reading import read_run

HOST = "127.0.0.1"
WATCHED = ("config.yaml", "metrics.jsonl", "summary.json", "evaluation*.json", "rollouts/*.parquet")


class Source:
    """What the page is given: the runs as they are now, packed once for each state of their folders."""

    def __init__(self, folders: Sequence[Path], samples: int) -> None:
        self.folders, self.samples = folders, samples
        self.lock = Lock()
        self.packed = ("", b"")

    def page(self) -> bytes:
        return page([read_run(folder) for folder in self.folders], self.samples, follow=True).encode("utf-8")

    def data(self, known: str) -> bytes | None:
        """The data as JSON; None where ``known`` is their version."""
        with self.lock:
            version = self.version()
            if version == known:
                return None
            if version != self.packed[0]:
                index, samples = content([read_run(folder) for folder in self.folders], self.samples, BYTES)
                text = json.dumps({"version": version, "index": index, "samples": samples})
                self.packed = (version, text.encode("ascii"))
            return self.packed[1]

    def version(self) -> str:
        """A name for the state of the folders: of each file its size and when it was written."""
        files = sorted(file for folder in self.folders for kind in WATCHED for file in folder.glob(kind))
        state = [(str(file), (found := file.stat()).st_mtime_ns, found.st_size) for file in files]
        return sha256(repr(state).encode()).hexdigest()[:16]


def server(folders: Sequence[Path], samples: int, port: int = 0) -> ThreadingHTTPServer:
    """A server of the page at ``/`` and its data at ``/data``, not yet serving. Raises UserError where the port is taken."""
    source = Source(folders, samples)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # Names that lead here from elsewhere (DNS rebinding) must not read the samples.
            if self.headers.get("Host", "").rpartition(":")[0] not in (HOST, "localhost"):
                self.send_error(403)
            elif (asked := urlsplit(self.path)).path == "/":
                self._answer(source.page(), "text/html; charset=utf-8")
            elif asked.path == "/data":
                data = source.data(parse_qs(asked.query).get("version", [""])[0])
                self._answer(data, "application/json")
            else:
                self.send_error(404)

        def _answer(self, body: bytes | None, kind: str) -> None:
            self.send_response(204 if body is None else 200)
            self.send_header("Content-Type", kind)
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """The terminal stays quiet."""

    try:
        return ThreadingHTTPServer((HOST, port), Handler)
    except OSError as error:
        raise UserError(
            f"Port {port} of {HOST} cannot be had ({error.strerror}); choose another with --port."
        ) from error


def serve(folders: Sequence[Path], samples: int, port: int) -> None:
    """Serve until the user stops it."""
    with server(folders, samples, port) as running:
        print(f"http://{HOST}:{running.server_port}/  (Ctrl-C ends it)", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print()
