"""An HTTP proxy on loopback that refuses everything and writes down what was asked of it.

``netcut`` falls back to it where this computer allows no network namespaces.
"""

import contextlib
import socketserver
import threading
from collections.abc import Iterator


class _Refusal(socketserver.StreamRequestHandler):
    """One request: its first line is noted, the rest is not read."""

    server: "RefusingProxy"
    timeout = 10

    def handle(self) -> None:
        """Note the request and refuse it."""
        words = self.rfile.readline(65536).decode("latin-1").split()
        self.server.asked.append(" ".join(words[:2]) or "(nothing)")
        self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class RefusingProxy(socketserver.ThreadingTCPServer):
    """Listens on a free port of 127.0.0.1."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Refusal)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """The proxy's own address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @contextlib.contextmanager
    def running(self) -> Iterator["RefusingProxy"]:
        """Refuse until the block ends."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join(10)
            self.server_close()
