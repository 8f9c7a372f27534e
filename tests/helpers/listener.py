"""A program on a port of this computer that only listens: whoever connects is written down."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Listener:
    """Where it listens, and what it was sent, a piece for each connection."""

    origin: str
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def recording_listener() -> Iterator[Listener]:
    """It answers nothing, for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(f"http://127.0.0.1:{server.getsockname()[1]}")

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(2)
                        listener.heard.append(b"")
                        with contextlib.suppress(OSError):
                            listener.heard[-1] = connection.recv(65536)

        threading.Thread(target=listen, daemon=True).start()
        yield listener
        # Closing alone does not wake a thread that waits for a connection.
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
