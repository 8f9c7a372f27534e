"""One npm package at one exact version, while a run takes files from it: out of the checked tarball, else file by file.

The tarball comes from the registry; where that has it not or is out of reach, single files come from the content
delivery networks. Callers see no difference but this: a network's package cannot be searched.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import TypeVar

from imjoy_offline.cache.archive import TarArchive
from imjoy_offline.cache.lockfile import How
from imjoy_offline.errors import ArchiveError, FetchError, IntegrityError, OfflineError, SupplyError
from imjoy_offline.mirror.exchange import AbsentError, Request
from imjoy_offline.mirror.fetch import Fetcher
from imjoy_offline.mirror.files import by_base_name, exact_candidates, sibling
from imjoy_offline.mirror.parts import Part
from imjoy_offline.mirror.registry import RegistryReader
from imjoy_offline.mirror.resolution import PackageRecord, Taken
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.sources import JSDELIVR, UNPKG, Rule

_BASES: dict[Rule, tuple[str, str]] = {"jsdelivr": (JSDELIVR, UNPKG), "unpkg": (UNPKG, JSDELIVR)}
_PAGES = (".html", ".htm", ".xhtml")
_T = TypeVar("_T")


class PackageFiles:
    """A context manager; nothing is asked before something is needed that the folder does not hold."""

    def __init__(
        self, name: str, version: str, shelf: Shelf, registry: RegistryReader, network: "NetworkReader", rule: Rule
    ) -> None:
        self.name = name
        self.version = version
        self._shelf = shelf
        self._registry = registry
        self._network = network
        self._rule = rule
        self._stack = ExitStack()
        self._archive: TarArchive | None = None
        self._part: Part | None = None
        self._hindrance: SupplyError | None = None
        self._fetched: dict[str, bytes | None] = {}

    def __enter__(self) -> "PackageFiles":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def finish(self, *, complete: bool) -> None:
        """Let go of the tarball; where nothing wanted of it was missing, its list of names is needed no more either."""
        self._stack.close()
        self._archive = None
        if self._part is not None:
            self._part.discard()
        if complete:
            self._record.names = None
            self._record.refused.clear()
            self._shelf.save()

    @property
    def label(self) -> str:
        """How errors call the package."""
        return f"{self.name}@{self.version}"

    @property
    def _record(self) -> PackageRecord:
        return self._shelf.resolution.package(self.name, self.version)

    async def find(self, path: str, *, search: bool = True) -> tuple[str, How] | None:
        """The file that ``path`` means and how it was matched; without ``search`` only exact matches count.

        Raises ArchiveError where it is something that must not be taken, and what fetching raises.
        """
        candidates = exact_candidates(path)
        if await self._by_single_files(path) and "." not in path.rpartition("/")[2]:
            # A network answers the name of a folder with something, so what it may stand for is tried first.
            candidates = (*candidates[1:], candidates[0])
        for candidate in candidates:
            if await self._has(candidate):
                return candidate, "exact"
        if not search:
            return None
        beside = sibling(path)
        if beside is not None and await self._has(beside):
            return beside, "sibling"
        named = by_base_name(path, self._record.names or ())
        return None if named is None else (named, "basename")

    def absence(self, path: str) -> str:
        """Why there is no such file, in words."""
        if isinstance(self._hindrance, AbsentError):
            return f"{self._hindrance.message} No content delivery network has its file {path} either."
        return f"The npm package {self.label} holds no file {path}."

    async def manifest(self) -> object:
        """The package's ``package.json``; None where it is unreadable."""
        if not await self._has("package.json"):
            return None
        try:
            return json.loads((await self._contents(["package.json"]))["package.json"])
        except (ValueError, RecursionError):
            return None

    async def take(self, paths: Sequence[str]) -> dict[str, Taken]:
        """Put these files into the store; each must exist. Raises what fetching raises, and IntegrityError."""
        taken = {path: self._shelf.held(self.name, self.version, path) for path in paths}
        lacking = [path for path, held in taken.items() if held is None]
        if lacking:
            for path, content in (await self._contents(lacking)).items():
                taken[path] = self._shelf.keep(self.name, self.version, path, content)
            self._shelf.save()
        return {path: held for path, held in taken.items() if held is not None}

    async def _has(self, path: str) -> bool:
        if self._shelf.held(self.name, self.version, path) is not None:
            return True
        if await self._by_single_files(path):
            return await self._from_network(path) is not None
        record = self._record
        if path in record.refused:
            raise ArchiveError(f"{path} of {self.label} {record.refused[path]}.", hint="It was not taken.")
        return path in (record.names or ())

    async def _by_single_files(self, path: str) -> bool:
        """Whether the package's tarball cannot be had, so that single files are asked for; asks nothing twice."""
        if self._record.names is not None or self._shelf.held(self.name, self.version, path) is not None:
            return False
        return await self._open() is None

    async def _contents(self, paths: Iterable[str]) -> dict[str, bytes]:
        wanted = sorted(paths)
        archive = await self._open()
        if archive is not None:
            return await _in_thread(lambda: dict(archive.read(wanted)))
        contents: dict[str, bytes] = {}
        for path in wanted:
            content = await self._from_network(path)
            if content is None:
                raise AbsentError(f"{self.label} holds no file {path}.")
            contents[path] = content
        return contents

    async def _open(self) -> TarArchive | None:
        """The tarball; None where the registry cannot give it."""
        if self._archive is None and self._hindrance is None:
            expected = self._shelf.integrity(self.name, self.version)
            try:
                self._part, integrity = await self._registry.tarball(self.name, self.version, expected)
            except (FetchError, OfflineError) as error:
                self._hindrance = error
                return None
            archive = TarArchive(self._part.path, f"The npm package {self.label}")
            try:
                self._archive = await _in_thread(lambda: self._stack.enter_context(archive))
            except ArchiveError:
                self._part.discard()
                raise
            record = self._record
            record.integrity, record.names = integrity, self._archive.names
            record.refused = dict(self._archive.refused)
            self._shelf.save()
        return self._archive

    async def _from_network(self, path: str) -> bytes | None:
        """The file from a content delivery network; None where there is no such file."""
        if path not in self._fetched:
            try:
                self._fetched[path] = await self._network.file(self.name, self.version, path, self._rule)
            except OfflineError:
                # What the registry said tells more than a network out of reach.
                raise self._hindrance or OfflineError(f"Nothing answers that could have {self.label}.") from None
        return self._fetched[path]


async def _in_thread(work: Callable[[], _T]) -> _T:
    """Do the work beside the event loop; who is cancelled meanwhile waits until the work has let go of its file."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        if not working.cancelled():
            working.exception()  # looked at, since nobody else will
        raise


class NetworkReader:
    """Single files of npm packages from the content delivery networks, the one that was asked for first."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def version(self, name: str, asked: str, rule: Rule) -> str:
        """The version that ``asked`` (a range or tag; empty for the newest) means there.

        Raises AbsentError where there is none, OfflineError where no network answers.
        """
        content = await self.file(name, asked or "latest", "package.json", rule)
        try:
            manifest = json.loads(content or b"null")
        except (ValueError, RecursionError):
            manifest = None
        version = manifest.get("version") if isinstance(manifest, dict) else None
        if not isinstance(version, str):
            raise AbsentError(
                f"The content delivery network knows no version of {name} that fits {asked or 'latest'!r}."
            )
        return version

    async def file(self, name: str, version: str, path: str, rule: Rule) -> bytes | None:
        """The file's bytes; None where the network says that there is no such file."""
        hindrance: SupplyError | None = None
        for base in _BASES[rule]:
            request = Request(
                url=f"{base}{name}@{version}/{path}",
                what=f"The file {path} of {name}@{version}",
                web_page=path.lower().endswith(_PAGES),
            )
            try:
                part = await self._fetcher.file(request)
            except AbsentError:
                return None
            except (FetchError, OfflineError) as error:
                hindrance = hindrance if isinstance(hindrance, FetchError) else error
                continue
            content = part.path.read_bytes()
            part.discard()
            return content
        raise hindrance or IntegrityError("No content delivery network is known.")
