"""The built site as a table: which address is which file, with digest and type.

Every answer is found by looking its address up here; no part of a request ever becomes part of a path. ``SiteSource``
follows the folder's pointer, so that a mirror run beside a running server is seen at the next page load.
"""

import hashlib
import json
import logging
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from imjoy_offline.cache.store import Store, is_digest
from imjoy_offline.errors import ImjoyError, NotMirroredError, SiteError
from imjoy_offline.mime import content_type
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.server.headers import is_script_hash

_LOG = logging.getLogger(__name__)
_SUM = re.compile(r"([0-9a-f]{64})  (\S.*)")
_AGAIN = "Run `python -m imjoy mirror`; it builds the site anew."
_DOCUMENTS = ("text/html", "image/svg+xml", "application/xhtml+xml", "application/xml", "text/xml")


@dataclass(frozen=True)
class Entry:
    """One file that may be served: where it lies, what it must contain, how a browser shall take it."""

    name: str
    path: Path
    digest: str
    type: str
    immutable: bool

    @property
    def is_html(self) -> bool:
        """Whether a browser would show it as a page."""
        return self.type.startswith(("text/html", "application/xhtml+xml"))

    @property
    def etag(self) -> str:
        """The strong tag of its content."""
        return f'"{self.digest[:32]}"'


class Site:
    """One built site; its tables never change."""

    def __init__(
        self,
        root: Path,
        files: Mapping[str, Entry],
        vendor: Mapping[str, Entry],
        urls: Mapping[str, Entry],
        script_hashes: tuple[str, ...],
    ) -> None:
        self.root = root
        self.files = files
        self.vendor = vendor
        self.script_hashes = script_hashes
        self._urls = urls

    def mirrored(self, url: str) -> Entry | None:
        """The object that answers an outside address; spellings that mean the same address are one."""
        return self._urls.get(url) or self._by_canonical_url.get(canonical_url(url))

    @cached_property
    def _by_canonical_url(self) -> Mapping[str, Entry]:
        return {canonical_url(url): entry for url, entry in self._urls.items()}


def canonical_url(url: str) -> str:
    """One spelling for addresses that differ only in case of the host, default port, fragment or percent signs."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    host = (parts.hostname or "").lower()
    if port is not None and (parts.scheme, port) not in {("https", 443), ("http", 80)}:
        host = f"{host}:{port}"
    path = urllib.parse.quote(urllib.parse.unquote_to_bytes(parts.path or "/"), safe="/:@!$&'()*+,;=~-._")
    query = urllib.parse.quote(urllib.parse.unquote_to_bytes(parts.query), safe="/?:@!$&'()*+,;=~-._[]|")
    return f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")


def read_site(root: Path, store: Store) -> Site:
    """The tables of the site that was built at ``root``; raises SiteError where they cannot be relied upon."""
    try:
        files = _read_sums(root)
        content = (root / "server.json").read_bytes()
        if hashlib.sha256(content).hexdigest() != files["server.json"].digest:
            raise ValueError("server.json is not as it was built")
        document = json.loads(content)
        if document["version"] != 1:
            raise SiteError(f"The site at {root.name} was built by another version of ImJoy Offline.", hint=_AGAIN)
        hashes = tuple(document["script_hashes"])
        if not all(is_script_hash(one) for one in hashes):
            raise ValueError("a script hash is malformed")
        vendor = _stored_entries(document["vendor"], store, immutable=True)
        urls = _stored_entries(document["urls"], store, immutable=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SiteError(f"The built site {root.name} cannot be read ({error!r}).", hint=_AGAIN) from error
    # Nothing of others that a browser shows as a document may come from the app's own port.
    vendor = {name: entry for name, entry in vendor.items() if not entry.type.startswith(_DOCUMENTS)}
    return Site(root, files, vendor, urls, hashes)


def _read_sums(root: Path) -> dict[str, Entry]:
    sums = (root / "SHA256SUMS").read_bytes()
    if hashlib.sha256(sums).hexdigest() != root.name:
        raise ValueError("SHA256SUMS is not as it was built")
    files = {}
    for line in sums.decode("utf-8").splitlines():
        match = _SUM.fullmatch(line)
        if match is None:
            raise ValueError(f"SHA256SUMS has the line {line!r}")
        digest, name = match.groups()
        # Resolving each of some hundred names on disk would be a quarter of the start-up time; digests bind the rest.
        if "\\" in name or ":" in name or not set(name.split("/")).isdisjoint(("", ".", "..")):
            raise ValueError(f"SHA256SUMS has the name {name!r}, which leads out of the site")
        files[name] = Entry(name, root / name, digest, content_type(name), immutable=False)
    return files


def _stored_entries(table: Mapping[str, Mapping[str, object]], store: Store, *, immutable: bool) -> dict[str, Entry]:
    entries = {}
    for name, value in table.items():
        digest, kind = value["sha256"], value["type"]
        if not isinstance(digest, str) or not is_digest(digest) or not isinstance(kind, str):
            raise ValueError(f"server.json has no digest and type for {name}")
        if not kind.isprintable() or not kind.isascii():
            raise ValueError(f"server.json has a type for {name} that no header can carry")
        lasting = immutable or value.get("immutable") is True
        entries[name] = Entry(name, store.path(digest), digest, kind, lasting)
    return entries


class SiteSource:
    """The site that the folder's pointer names, now."""

    def __init__(self, folder: WorkingFolder) -> None:
        self._folder = folder
        self._store = Store(folder.objects)
        self._seen = self._stamp()
        self.site = self._read()

    def refresh(self) -> Site:
        """The site to use for a page that is loaded now; a new one that cannot be read leaves the old one in place."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            try:
                self.site = self._read()
            except ImjoyError as error:
                _LOG.error("The site changed, but the new one cannot be used; the old one is still served. %s", error)
        return self.site

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            state = (self._folder.site / "current").stat()
        except OSError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino

    def _read(self) -> Site:
        root = self._folder.current_site()
        if root is None:
            raise NotMirroredError(
                "This folder holds no built site.",
                hint="Run `python -m imjoy --serve` here while the computer is connected.",
            )
        return read_site(root, self._store)
