"""A tiny site and store made by hand, a real server over it, and a client that sends whatever bytes a test wants."""

import asyncio
import hashlib
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imjoy_offline.cache.store import Store
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.http_server import EngineServer
from imjoy_offline.server.prepare import Prepared, prepare

TOKEN = "a-token-for-tests"
PLUGIN = b"<config>{}</config><script>alert(1)</script>"
PLUGIN_DIGEST = hashlib.sha256(PLUGIN).hexdigest()
SCRIPT_HASH = "sha256-" + "A" * 43 + "="
LARGE = bytes(range(256)) * 6000  # beyond what is kept in memory
SMALL_URL = "https://cdn.example.org/npm/x@1.0.0/y.js"
MOVING_URL = "https://cdn.example.org/npm/x"
QUERY_URL = "https://fonts.example.org/css?family=A|B&v=2"
PORT_URL = "http://host.example.org:8000/data.bin"
PAGE_URL = "https://pages.example.org/app/index.html"
LARGE_URL = "https://cdn.example.org/large.bin"
PAGE = b"<!doctype html><html><head><title>mirrored</title></head><body>hello</body></html>"

APP_FILES: Mapping[str, bytes] = {
    "app/index.html": b'<!doctype html><meta name="imjoy-sandbox" content="@SANDBOX_ORIGIN@"><title>App</title>',
    "app/js/main.js": b"export const app = 1;\n",
    "app/css/app.css": b"body { margin: 0 }\n",
    "app/static/icon.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "sandbox/frame.html": b'<!doctype html><script src="/sandbox/js/sandbox/boot.js"></script>',
    "sandbox/js/sandbox/boot.js": b"globalThis.booted = true;\n",
    "catalogue.json": b'{"version": 1, "plugins": []}\n',
    f"plugins/{PLUGIN_DIGEST}": PLUGIN,
}


def _object(store: Store, content: bytes, kind: str, **more: Any) -> dict[str, Any]:
    stored = store.put(content)
    return {"sha256": stored.digest, "size": stored.size, "type": kind, **more}


def build_served_site(
    root: Path, files: Mapping[str, bytes] | None = None, urls: Mapping[str, bytes] | None = None
) -> WorkingFolder:
    """A folder as a mirror run leaves it; ``files`` replace or add files of the site, ``urls`` add mirrored ones."""
    folder = WorkingFolder(root)
    store = Store(folder.objects)
    script = "text/javascript; charset=utf-8"
    server = {
        "version": 1,
        "script_hashes": [SCRIPT_HASH],
        "vendor": {
            "/cdn/npm/lit@3.0.0/index.js": _object(store, b"export const lit = 3;\n", script),
            "/cdn/npm/lit@3.0.0/page.html": _object(store, PAGE, "text/html; charset=utf-8"),
            "/cdn/npm/lit@3.0.0/picture.svg": _object(store, b"<svg/>", "image/svg+xml; charset=utf-8"),
        },
        "urls": {
            SMALL_URL: _object(store, b"var y = 1;\n", script, immutable=True),
            MOVING_URL: _object(store, b"var moving = 1;\n", script, immutable=False),
            QUERY_URL: _object(store, b"a { color: red }\n", "text/css; charset=utf-8", immutable=False),
            PORT_URL: _object(store, b"\x00\x01\x02", "application/octet-stream", immutable=False),
            PAGE_URL: _object(store, PAGE, "text/html; charset=utf-8", immutable=False),
            LARGE_URL: _object(store, LARGE, "application/octet-stream", immutable=True),
            **{
                url: _object(store, content, "application/octet-stream", immutable=True)
                for url, content in (urls or {}).items()
            },
        },
    }
    contents = {**APP_FILES, "server.json": json.dumps(server, indent=1).encode(), **(files or {})}
    sums = "".join(f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in sorted(contents))
    digest = hashlib.sha256(sums.encode()).hexdigest()
    built = folder.site / digest
    for name, content in {**contents, "SHA256SUMS": sums.encode()}.items():
        path = built / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder.site / "current").write_text(digest + "\n", encoding="ascii")
    return folder


@dataclass(frozen=True)
class Answer:
    """What came back on a raw connection; ``status`` 0 when nothing did."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header that may come once."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass(frozen=True)
class Served:
    """A running server and its addresses."""

    prepared: Prepared

    @property
    def port(self) -> int:
        """The app's port."""
        return self.prepared.rules.app_port

    @property
    def sandbox_port(self) -> int:
        """The sandbox's port."""
        return self.prepared.rules.sandbox_port

    def send(self, data: bytes, *, port: int | None = None, address: str = "127.0.0.1") -> Answer:
        """Send raw bytes and read the answer until the other side closes, or is silent with a whole answer."""
        with socket.create_connection((address, port or self.port), timeout=10) as connection:
            connection.sendall(data)
            return read_answer(connection, head=data.startswith(b"HEAD "))

    def get(
        self,
        target: str,
        *headers: tuple[str, str],
        method: str = "GET",
        host: str | None = None,
        sandbox: bool = False,
        address: str = "127.0.0.1",
    ) -> Answer:
        """One request with a right Host unless another is given."""
        port = self.sandbox_port if sandbox else self.port
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        return self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), port=port, address=address)

    def post(self, target: str, document: object, *headers: tuple[str, str]) -> Answer:
        """What the app's own page sends when it wants something done, with the token; ``headers`` replace or add."""
        body = json.dumps(document).encode()
        given = {
            "Host": f"127.0.0.1:{self.port}",
            "Origin": f"http://127.0.0.1:{self.port}",
            "Authorization": f"Bearer {self.prepared.rules.token}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **dict(headers),
        }
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
        return self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)


def read_answer(connection: socket.socket, *, head: bool = False) -> Answer:
    """Read one HTTP answer from a connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return Answer(0, (), data)
        data += chunk
    start, _, body = data.partition(b"\r\n\r\n")
    first, *lines = start.decode("latin-1").split("\r\n")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    sizes = [int(value) for name, value in headers if name.lower() == "content-length"]
    status = int(first.split()[1])
    wanted = 0 if head or status in (101, 204, 304) else (sizes[0] if sizes else None)
    while wanted is None or len(body) < wanted:
        chunk = connection.recv(65536)
        if not chunk:
            break
        body += chunk
    return Answer(status, headers, body)


@contextmanager
def serving(folder: WorkingFolder, state: Path, **options: Any) -> Iterator[Served]:
    """A real server over ``folder`` on free ports, in a thread of this process."""
    settings: dict[str, Any] = {"port": 0, "sandbox_port": 0, "token": TOKEN, "open_browser": False, **options}
    prepared = prepare(ServerConfig(folder, state=state, cache=state / "cache", **settings))
    started = threading.Event()
    server = EngineServer(prepared.config, prepared.gate, started.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=prepared.ports.sockets)), daemon=True)
    thread.start()
    try:
        assert started.wait(20), "the server did not start"
        yield Served(prepared)
    finally:
        server.should_exit = True
        thread.join(20)
        prepared.close()
        assert not thread.is_alive(), "the server did not stop"
