"""From one wanted address to everything that it takes: the file, and the files of its package that it refers to.

Only relative references are followed, only within the package. A script that a browser loads from an address resolves
them against that address, so every file gets the addresses under which it will be asked for.
"""

import posixpath
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from imjoy_offline.cache.lockfile import LockedArtifact, MissingItem
from imjoy_offline.cache.store import Store
from imjoy_offline.cache.vendor import npm_source
from imjoy_offline.errors import ArchiveError
from imjoy_offline.links import Kind, Reference, find_references
from imjoy_offline.mirror.files import default_file
from imjoy_offline.mirror.resolution import Answer, AnsweredUrl, Miss
from imjoy_offline.mirror.sources import NpmFile

if TYPE_CHECKING:  # the client behind it is slow to import, and reading the lock needs none
    from imjoy_offline.mirror.packages import PackageFiles

_PLUGIN_FILE = ".imjoy.html"  # looks like a page, but is none
_KINDS: Mapping[str, Kind] = {".js": "js", ".mjs": "js", ".css": "css", ".html": "html", ".htm": "html"}


async def answer(source: NpmFile, package: "PackageFiles", store: Store) -> Answer:
    """What answers ``source``; a file that is not there or may not be taken is a miss. Raises what fetching raises."""
    path = source.path or default_file(await package.manifest(), source.rule)
    try:
        found = await package.find(path)
    except ArchiveError as error:
        return Answer(missing=(Miss(source.url, error.message),))
    if found is None:
        return Answer(missing=(Miss(source.url, package.absence(path)),))
    file, how = found
    walk = _Walk(package, store)
    await walk.go([(file, url) for url in _addresses(source, package.version, file)])
    files = [AnsweredUrl(url, npm_source(package.name, package.version, name)) for name, url in walk.pairs]
    files = [
        AnsweredUrl(item.url, item.source, how if source.path else "exact") if item.url == source.url else item
        for item in files
    ]
    return Answer(tuple(sorted(files, key=lambda item: item.url)), tuple(walk.misses.values()))


def _addresses(source: NpmFile, version: str, file: str) -> list[str]:
    """Where the file will be asked for: as wanted, and at its own place too where that is in another folder."""
    aligned = bool(source.path) and posixpath.dirname(source.path) == posixpath.dirname(file)
    return [source.url] if aligned else [source.url, source.address(version, file)]


class _Walk:
    """Files and the addresses under which each is loaded, growing until nothing new is referred to."""

    def __init__(self, package: "PackageFiles", store: Store) -> None:
        self._package = package
        self._store = store
        self._references: dict[str, tuple[Reference, ...]] = {}
        self.pairs: dict[tuple[str, str], None] = {}
        self.misses: dict[str, Miss] = {}

    async def go(self, pending: list[tuple[str, str]]) -> None:
        while pending:
            new = [pair for pair in dict.fromkeys(pending) if pair not in self.pairs]
            await self._read({file for file, _ in new if file not in self._references})
            pending = []
            for pair in new:
                self.pairs[pair] = None
                pending += await self._referred(*pair)

    async def _read(self, files: Iterable[str]) -> None:
        for file, taken in (await self._package.take(sorted(files))).items():
            self._references[file] = references_in(file, self._store.read(taken.sha256))

    async def _referred(self, file: str, url: str) -> list[tuple[str, str]]:
        found = []
        for reference in self._references[file]:
            target = _member(file, reference.url)
            address = urldefrag(urljoin(url, reference.url)).url
            reason = f"{file}, line {reference.line}, imports it, but {self._package.label} holds no such file."
            try:
                match = await self._package.find(target, search=False) if target else None
            except ArchiveError as error:
                match, reason = None, error.message
            if match is not None:
                found.append((match[0], address))
            elif reference.use == "import":
                self.misses[address] = Miss(address, reason)
        return found


def references_in(path: str, content: bytes) -> tuple[Reference, ...]:
    """The relative references in a file, if it is of a kind that has any."""
    kind = _KINDS.get(posixpath.splitext(path)[1].lower())
    if kind is None or path.endswith(_PLUGIN_FILE):
        return ()
    found = find_references(content.decode("utf-8", "replace"), kind)
    return tuple(reference for reference in found if _is_relative(reference))


def _is_relative(reference: Reference) -> bool:
    url = reference.url
    if reference.syntax == "js" and reference.use in ("import", "dynamic-import"):
        return url.startswith(("./", "../"))
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc and bool(parts.path) and not parts.path.startswith("/")


def _member(file: str, reference: str) -> str | None:
    """The path in the package that ``reference`` in ``file`` leads to; None for every way out of the package."""
    path = unquote(urlsplit(reference).path)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    return None if target.startswith(("../", "/")) or target in ("..", ".") or "\\" in target else target


def answer_from_lock(
    source: NpmFile, by_url: Mapping[str, LockedArtifact], missing: Mapping[str, MissingItem], store: Store
) -> Answer | None:
    """What the lock alone says of ``source``: everything that its files refer to and the lock knows; None if nothing.

    What the lock has not was found to be nothing when it was made.
    """
    start = by_url.get(source.url)
    prefix = f"npm:{source.name}@"
    if start is None or not start.source.startswith(prefix):
        return None
    version, _, file = start.source.removeprefix(prefix).partition("/")
    found: dict[str, LockedArtifact] = {}
    misses: dict[str, Miss] = {}
    pending = [url for url in _addresses(source, version, file) if by_url.get(url) == start]
    while pending:
        found.update((url, by_url[url]) for url in pending)
        referred = {
            urldefrag(urljoin(url, reference.url)).url
            for url in pending
            for reference in references_in(by_url[url].source, store.read(by_url[url].sha256))
        }
        pending = sorted(url for url in referred if url in by_url and url not in found)
        misses.update((url, Miss(url, missing[url].reason, missing[url].passing)) for url in referred if url in missing)
    files = (
        AnsweredUrl(url, artifact.source, artifact.how if url == source.url else "exact")
        for url, artifact in sorted(found.items())
    )
    return Answer(tuple(files), tuple(misses[url] for url in sorted(misses)))
