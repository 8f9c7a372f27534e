"""A stand-in for the npm registry, content delivery networks and other hosts: all made up, on loopback, with faults on
order.

It is reached through ``upstream:`` of imjoy.yaml and no other way. It counts what it is asked and what it sends, so
that tests can say how much a run needed.
"""

import base64
import gzip
import hashlib
import io
import json
import re
import tarfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from imjoy_offline.mirror.settings import Settings, UpstreamSettings
from tests.helpers.made_up_authority import serve_with_tls


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Sending:
    """What is sent instead of, or with a fault in, the right answer.

    ``cut_after`` breaks the connection after so many bytes of the body; ``before`` and ``within`` are called before the
    head and after half of the body.
    """

    status: int | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    before: Callable[[], None] | None = None
    within: Callable[[], None] | None = None


def tarball(
    files: Mapping[str, bytes], *, top: str = "package", more: Callable[[tarfile.TarFile], None] | None = None
) -> bytes:
    """A package's ``.tgz``, the same bytes for the same files."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            add_file(tar, f"{top}/{name}", content)
        if more is not None:
            more(tar)
    return gzip.compress(plain.getvalue(), mtime=0)


def add_file(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """One regular member."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def integrity(content: bytes) -> str:
    """The sha512 as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode("ascii")


@dataclass
class Published:
    """One version of a package; ``promised`` is the integrity that the registry tells."""

    files: Mapping[str, bytes]
    tarball: bytes
    promised: str


class StandIn:
    """The server; ``seen`` has every request, ``sent_bytes`` what went out of bodies by path."""

    def __init__(self, port: int, scheme: str = "http") -> None:
        self.base = f"{scheme}://127.0.0.1:{port}"
        self.seen: list[Seen] = []
        self.sent_bytes: dict[str, int] = defaultdict(int)
        self.ranges = True
        self.validators = True
        self._packages: dict[str, dict[str, Published]] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._placed: dict[str, tuple[int, bytes, str]] = {}
        self._orders: dict[str, list[Sending]] = defaultdict(list)
        self._lock = threading.Lock()
        self.on_request: Callable[[int, str], Sending | None] = lambda count, path: None

    @property
    def registry(self) -> str:
        """The registry's address."""
        return f"{self.base}/registry/"

    @property
    def hosts(self) -> dict[str, str]:
        """``upstream: hosts:`` for the content delivery networks, and the hosts where something was placed."""
        placed = {name.partition("/")[0]: f"{self.base}/at/{name.partition('/')[0]}" for name in self._placed}
        return {"cdn.jsdelivr.net": self.base, "unpkg.com": f"{self.base}/unpkg", **placed}

    def settings(self, *extra: str, registry: bool = True, networks: bool = True) -> Settings:
        """Settings that lead here and nowhere else; a way that is switched off leads to a port where nobody listens."""
        nowhere = "http://127.0.0.1:9/"
        hosts = self.hosts if networks else dict.fromkeys(self.hosts, nowhere)
        return Settings(extra=extra, upstream=UpstreamSettings(self.registry if registry else nowhere, hosts))

    def publish(
        self,
        name: str,
        version: str,
        files: Mapping[str, bytes | str],
        *,
        manifest: Mapping[str, object] | None = None,
        content: bytes | None = None,
        promised: str | None = None,
        tag: str = "latest",
    ) -> Published:
        """Add a version and let the tag point to it; ``content`` and ``promised`` replace what would be right."""
        described = {"name": name, "version": version, **(manifest or {})}
        every = {"package.json": json.dumps(described).encode()}
        every.update({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})
        packed = tarball(every) if content is None else content
        one = Published(every, packed, integrity(packed) if promised is None else promised)
        self._packages.setdefault(name, {})[version] = one
        self._tags.setdefault(name, {})[tag] = version
        return one

    def place(self, url: str, content: bytes | str, kind: str = "") -> str:
        """Let this file lie at an address of another host; the path under which that is asked for here."""
        name = url.partition("://")[2]
        body = content.encode() if isinstance(content, str) else content
        self._placed[name] = (200, body, kind or guess_type(url)[0] or "application/octet-stream")
        return f"/at/{name}"

    def order(self, path: str, *sendings: Sending) -> None:
        """The next answers for ``path``, one each; after these the right one again."""
        self._orders[path].extend(sendings)

    def asked(self, part: str) -> int:
        """How many requests had ``part`` in their path."""
        return sum(part in seen.path for seen in self.seen)

    def tarball_path(self, name: str, version: str) -> str:
        """Where the registry has the tarball."""
        return f"/registry/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"

    def answer(self, path: str, headers: Mapping[str, str]) -> Sending:
        """What to send for a request, orders first."""
        with self._lock:
            self.seen.append(Seen(path, headers))
            count = len(self.seen)
            ordered = self._orders[path].pop(0) if self._orders[path] else None
        sending = ordered or self.on_request(count, path) or Sending()
        return sending if sending.body is not None else _filled(sending, self.right(path))

    def right(self, path: str) -> tuple[int, bytes, str]:
        """Status, body and content type where nothing else was ordered."""
        if path.startswith("/at/"):
            return self._placed.get(path.removeprefix("/at/"), (404, b"no such file", "text/plain"))
        plain = unquote(urlsplit(path).path)
        if plain.startswith("/registry/"):
            return self._registry(plain.removeprefix("/registry/"))
        for prefix in ("/npm/", "/unpkg/"):
            if plain.startswith(prefix):
                return self._network_file(plain.removeprefix(prefix))
        return 404, b"no such path", "text/plain"

    def _registry(self, path: str) -> tuple[int, bytes, str]:
        name, dash, file = path.partition("/-/")
        versions = self._packages.get(name)
        if versions is None:
            return 404, b'{"error":"not found"}', "application/json"
        if not dash:
            return 200, json.dumps(self._table(name, versions)).encode(), "application/json"
        for version, published in versions.items():
            if file == self.tarball_path(name, version).rpartition("/")[2]:
                return 200, published.tarball, "application/octet-stream"
        return 404, b"no such tarball", "text/plain"

    def _table(self, name: str, versions: Mapping[str, Published]) -> object:
        return {
            "name": name,
            "dist-tags": self._tags[name],
            "versions": {
                version: {
                    "name": name,
                    "version": version,
                    "dist": {
                        "tarball": self.base + self.tarball_path(name, version),
                        **({"integrity": published.promised} if published.promised else {}),
                    },
                }
                for version, published in versions.items()
            },
        }

    def _network_file(self, path: str) -> tuple[int, bytes, str]:
        match = re.fullmatch(r"((?:@[^/]+/)?[^/@]+)@([^/]+)/(.+)", path)
        versions = self._packages.get(match[1], {}) if match else {}
        version = self._network_version(match[1], match[2]) if match and versions else None
        content = versions[version].files.get(match[3]) if match and version else None
        if content is None:
            return 404, b"Couldn't find the requested file.", "text/plain"
        return 200, content, "text/javascript"

    def _network_version(self, name: str, asked: str) -> str | None:
        versions = self._packages[name]
        if asked in versions:
            return asked
        if asked in self._tags[name]:
            return self._tags[name][asked]
        fitting = [version for version in versions if version.startswith(asked.lstrip("^~") + ".")]
        return max(fitting, default=None)


def _filled(sending: Sending, right: tuple[int, bytes, str]) -> Sending:
    status, body, kind = right
    return Sending(
        sending.status or status,
        body if sending.status in (None, status) else b"",
        {"Content-Type": kind, **sending.headers},
        sending.cut_after,
        sending.before,
        sending.within,
    )


T = TypeVar("T", bound=StandIn)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: StandIn

    def do_GET(self) -> None:
        sending = self.stand_in.answer(self.path, {key.lower(): value for key, value in self.headers.items()})
        if sending.before is not None:
            sending.before()
        body = sending.body or b""
        status = sending.status or 200
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = dict(sending.headers)
        if status == 200 and self.stand_in.validators:
            headers["ETag"] = tag
        status, body, more = self._part(status, body, tag)
        self.send_response(status)
        for key, value in {**headers, **more, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        self._send(body, sending)

    def _part(self, status: int, body: bytes, tag: str) -> tuple[int, bytes, Mapping[str, str]]:
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if match is None or status != 200 or not self.stand_in.ranges:
            return status, body, {}
        if self.headers.get("If-Range", tag) != tag:
            return status, body, {}
        start = int(match[1])
        if start >= len(body):
            return 416, b"", {"Content-Range": f"bytes */{len(body)}"}
        return 206, body[start:], {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}

    def _send(self, body: bytes, sending: Sending) -> None:
        end = len(body) if sending.cut_after is None else min(sending.cut_after, len(body))
        try:
            half = end // 2 if sending.within is not None else 0
            self.wfile.write(body[:half])
            self.wfile.flush()
            if sending.within is not None:
                sending.within()
            self.wfile.write(body[half:end])
            self.wfile.flush()
            self.stand_in.sent_bytes[self.path] += end
        except (BrokenPipeError, ConnectionResetError):
            self.stand_in.sent_bytes[self.path] += end
            self.close_connection = True
        if sending.cut_after is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news here."""


@contextmanager
def running_stand_in(tls_folder: Path | None = None) -> Iterator[StandIn]:
    """The server for as long as the block lasts; with a folder given, under the made-up authority's certificate."""
    with serving(StandIn, tls_folder) as stand_in:
        yield stand_in


@contextmanager
def serving(kind: type[T], tls_folder: Path | None = None) -> Iterator[T]:
    """The same for a stand-in of another kind."""
    server = _QuietServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    if tls_folder is not None:
        serve_with_tls(server, tls_folder)
    stand_in = kind(int(server.server_address[1]), "http" if tls_folder is None else "https")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"stand_in": stand_in})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
