"""Another program of this computer that listens on loopback, and notes whoever comes: what sandboxes must not reach."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator

_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nAccess-Control-Allow-Origin: *\r\n"
    b"Access-Control-Allow-Private-Network: true\r\nAccess-Control-Allow-Local-Network: true\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


class _Visit(socketserver.StreamRequestHandler):
    """One connection: its first line is noted, and it is answered as friendly as can be."""

    server: "ListeningServer"
    timeout = 10

    def handle(self) -> None:
        """Note what is asked; a connection that asks nothing is noted as such."""
        with contextlib.suppress(OSError):
            line = self.rfile.readline(65536).decode("latin-1").strip()
            self.server.visits.append(line or "(a connection that asked nothing)")
            self.wfile.write(_ANSWER)


class ListeningServer(socketserver.ThreadingTCPServer):
    """Listens on 127.0.0.1."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Visit)
        self.visits: list[str] = []

    @property
    def requests(self) -> list[str]:
        """The first lines of what was really asked."""
        return [line for line in self.visits if not line.startswith("(")]

    @contextlib.contextmanager
    def running(self) -> Iterator["ListeningServer"]:
        """Listen until the block ends."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join(10)
            self.server_close()
