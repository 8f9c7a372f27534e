"""The limits: the same work done by as little as can do it, each a program of its own.

``python -m tests.benchmark.bare NAME PORT``: ``starlette`` answers one page; ``relay`` passes websocket messages to a
child process and back; ``sink`` counts what comes over a websocket and says when it was enough.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn

from tests.helpers.processes import free_port

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
PAGE = b"<!doctype html><html lang=en><title>bare</title><link rel=icon href=data:,><p id=usable>bare"
ENOUGH = 64 * 2**20


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """One page for everybody."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": PAGE})


async def relay(scope: Scope, receive: Receive, send: Send) -> None:
    """Each message goes to the child over a socket pair, with its length in front, and comes back the same way."""
    if scope["type"] == "http":
        return await page(scope, receive, send)
    await receive()
    await send({"type": "websocket.accept"})
    ours, theirs = socket.socketpair()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmark.bare", "echo", str(theirs.fileno()), pass_fds=(theirs.fileno(),)
    )
    theirs.close()
    reader, writer = await asyncio.open_connection(sock=ours)
    try:
        while (event := await receive())["type"] == "websocket.receive":
            data = event["bytes"]
            writer.write(len(data).to_bytes(8, "little") + data)
            size = int.from_bytes(await reader.readexactly(8), "little")
            await send({"type": "websocket.send", "bytes": await reader.readexactly(size)})
    finally:
        writer.close()
        await child.wait()


async def sink(scope: Scope, receive: Receive, send: Send) -> None:
    """Counts, and answers each time that there was enough."""
    if scope["type"] == "http":
        return await page(scope, receive, send)
    await receive()
    await send({"type": "websocket.accept"})
    count = 0
    while (event := await receive())["type"] == "websocket.receive":
        count += len(event["bytes"])
        if count >= ENOUGH:
            count = 0
            await send({"type": "websocket.send", "bytes": b"enough"})


async def echo(descriptor: int) -> None:
    """The child of ``relay``."""
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=descriptor))
    while True:
        try:
            head = await reader.readexactly(8)
        except asyncio.IncompleteReadError:
            return
        writer.write(head + await reader.readexactly(int.from_bytes(head, "little")))


def starlette() -> Any:
    """The usual framework with one route."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    async def index(request: Request) -> HTMLResponse:
        return HTMLResponse(PAGE)

    return Starlette(routes=[Route("/", index)])


@contextlib.contextmanager
def bare_server(name: str) -> Iterator[str]:
    """One of them in a process of its own, and its address."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "tests.benchmark.bare", name, str(port)]) as process:
        try:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                    break
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def main(name: str, argument: str) -> None:
    """Be one of them."""
    if name == "echo":
        asyncio.run(echo(int(argument)))
        return
    apps: dict[str, Any] = {"relay": relay, "sink": sink}
    app = starlette() if name == "starlette" else apps[name]
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(argument),
        log_level="warning",
        lifespan="off",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=2**25,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
