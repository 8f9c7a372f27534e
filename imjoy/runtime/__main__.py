"""``python -m imjoy.runtime --fd N``: be the plugin that is handed over on an inherited socket.

``--connect 127.0.0.1:PORT`` is for systems where none can be inherited; the secret that opens that connection comes in
the environment, and is taken out of it. The engine starts its workers by a program of its own that does the same.
"""

import os
import socket
import sys
from collections.abc import Sequence

from imjoy.runtime.worker import run

APP_HOST = "127.0.0.1"
SECRET = "IMJOY_CHANNEL_SECRET"  # noqa: S105 - its name
USAGE = f"usage: python -m imjoy.runtime --fd N | --connect {APP_HOST}:PORT"


def open_channel(arguments: Sequence[str]) -> socket.socket:
    """The socket that the arguments name, which no child process inherits.

    Raises ValueError for other arguments, and OSError where there is no such socket.
    """
    if len(arguments) != 2 or arguments[0] not in ("--fd", "--connect"):
        raise ValueError(USAGE)
    option, value = arguments
    if option == "--fd":
        inherited = socket.socket(fileno=int(value))
        inherited.set_inheritable(False)
        return inherited
    host, _, port = value.rpartition(":")
    secret = os.environ.pop(SECRET, "")
    if host != APP_HOST or not secret:
        raise ValueError(f"{USAGE}, with the secret in {SECRET}")
    connection = socket.create_connection((APP_HOST, int(port)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(secret.encode("ascii"))
    return connection


def main() -> int:
    """The exit status."""
    try:
        connection = open_channel(sys.argv[1:])
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return run(connection)


if __name__ == "__main__":
    sys.exit(main())
