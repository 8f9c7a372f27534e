"""A DNS server on loopback that knows no name and writes down every name that it is asked for.

It says who tried to leave by name. ``netcut`` starts it in the cut network; it answers over UDP and TCP.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

_HEADER_BYTES = 12
_NO_SUCH_NAME = b"\x81\x83"


def question_name(query: bytes) -> str:
    """The name that a DNS query asks for; a query that cannot be read is named so."""
    labels: list[str] = []
    at = _HEADER_BYTES
    with contextlib.suppress(IndexError):
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("latin-1"))
            at += query[at] + 1
        return ".".join(labels) or "(the root)"
    return "(an unreadable query)"


def no_such_name(query: bytes) -> bytes:
    """The answer NXDOMAIN to a query, its question repeated and nothing else."""
    end = _HEADER_BYTES
    while end < len(query) and query[end]:
        end += query[end] + 1
    question = query[_HEADER_BYTES : end + 5]
    return query[:2] + _NO_SUCH_NAME + b"\0\1" + b"\0\0" * 3 + question


class DnsRecorder:
    """Answers on 127.0.0.1:53 of the network namespace in which it is started."""

    def __init__(self, port: int = 53) -> None:
        self._names: list[str] = []
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._udp.bind(("127.0.0.1", port))
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._tcp.bind(("127.0.0.1", port))
        self._tcp.listen()
        self.udp_port: int = self._udp.getsockname()[1]
        self.tcp_port: int = self._tcp.getsockname()[1]
        self._ended = False

    @property
    def names(self) -> list[str]:
        """Every name asked for so far, in order."""
        return list(self._names)

    def _answer(self, query: bytes) -> bytes:
        self._names.append(question_name(query))
        return no_such_name(query)

    def _serve_udp(self) -> None:
        while True:
            query, client = self._udp.recvfrom(65535)
            if self._ended:
                return
            self._udp.sendto(self._answer(query), client)

    def _serve_tcp(self) -> None:
        while True:
            connection, _ = self._tcp.accept()
            if self._ended:
                connection.close()
                return
            # A client that hangs up in the middle has asked nothing that could be named.
            with connection, contextlib.suppress(OSError, struct.error):
                connection.settimeout(5)
                stream = connection.makefile("rwb")
                while size := stream.read(2):
                    reply = self._answer(stream.read(struct.unpack(">H", size)[0]))
                    stream.write(struct.pack(">H", len(reply)) + reply)
                    stream.flush()

    @contextlib.contextmanager
    def running(self) -> Iterator["DnsRecorder"]:
        """Answer until the block ends."""
        threads = [threading.Thread(target=serve, daemon=True) for serve in (self._serve_udp, self._serve_tcp)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._ended = True
            # A blocked accept or recvfrom is not woken by closing its socket: knock instead.
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knock:
                knock.sendto(b"", ("127.0.0.1", self.udp_port))
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.tcp_port), timeout=5).close()
            for thread in threads:
                thread.join(10)
            self._udp.close()
            self._tcp.close()
