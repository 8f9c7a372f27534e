"""What no worker can do without: an interpreter, an event loop, and a word on a socket."""

import asyncio
import socket
import sys


async def say(channel: socket.socket) -> None:
    """The word."""
    channel.sendall(b"ready")


asyncio.run(say(socket.socket(fileno=int(sys.argv[1]))))
