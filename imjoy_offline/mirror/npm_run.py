"""The npm part of a run: versions first, then package by package, several at a time.

Everything found out is recorded at once, so that a run that is cut off goes on from there.
"""

from collections import defaultdict
from collections.abc import Mapping

from imjoy_offline.cache.lockfile import Pin
from imjoy_offline.cache.vendor import VendorPackage
from imjoy_offline.errors import FetchError, OfflineError, SupplyError
from imjoy_offline.mirror.closure import answer
from imjoy_offline.mirror.exchange import AbsentError
from imjoy_offline.mirror.fetch import Fetcher
from imjoy_offline.mirror.jobs import in_parallel
from imjoy_offline.mirror.npm import NpmConfiguration
from imjoy_offline.mirror.packages import NetworkReader, PackageFiles
from imjoy_offline.mirror.plan import Plan
from imjoy_offline.mirror.registry import RegistryReader
from imjoy_offline.mirror.resolution import Answer, Miss
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.sources import NpmFile
from imjoy_offline.progress import Progress, ProgressEvent

_ANY = frozenset(("", "*", "x", "X", "latest"))


class NpmRun:
    """``answers`` are there afterwards; ``unreachable`` are wanted addresses for which nobody answered, and ``lacking``
    packages of the app itself.
    """

    def __init__(self, plan: Plan, shelf: Shelf, npm: NpmConfiguration, fetcher: Fetcher, progress: Progress) -> None:
        self.answers: dict[str, Answer] = {}
        self.unreachable: dict[str, OfflineError] = {}
        self.lacking: dict[str, OfflineError] = {}
        self._plan = plan
        self._shelf = shelf
        self._fetcher = fetcher
        self._registry = RegistryReader(npm, fetcher)
        self._network = NetworkReader(fetcher)
        self._progress = progress
        self._done = 0
        self._total = 0

    async def go(self, known: Mapping[str, Answer]) -> None:
        """Answer every wanted address and bring the app's own files; raises IntegrityError, and FetchError or
        ArchiveError where these cannot be had.
        """
        self.answers.update(known)
        sources = {
            want.source.url: want.source
            for want in self._plan.wants
            if want.source.url not in self.answers or self.answers[want.source.url].missing
        }
        vendor = {
            (package.name, package.version): package
            for package in self._plan.vendor.packages
            if any(self._shelf.held(package.name, package.version, path) is None for path in package.files)
        }
        if not sources and not vendor:
            return
        self._progress.emit(ProgressEvent("step", "Looking up versions", total=len(sources)))
        wanted: dict[tuple[str, str], list[NpmFile]] = defaultdict(list)
        await in_parallel(self._version_of(source, wanted) for _, source in sorted(sources.items()))
        keys = sorted({*vendor, *wanted})
        self._total = len(keys)
        self._progress.emit(ProgressEvent("step", "Fetching packages", total=self._total))
        await in_parallel(self._package(key, vendor.get(key), wanted.get(key, [])) for key in keys)

    async def _version_of(self, source: NpmFile, wanted: dict[tuple[str, str], list[NpmFile]]) -> None:
        try:
            wanted[source.name, await self._choose_version(source)].append(source)
        except SupplyError as error:
            self._note_failure(source, error)

    async def _choose_version(self, source: NpmFile) -> str:
        if source.exact:
            return source.range
        pin = self._shelf.pin(source.asked)
        if pin is None:
            version = await self._ask_version(source)
            pin = Pin(source.asked, version, guess=source.range in _ANY)
            self._shelf.resolution.pins[source.asked] = pin
            self._shelf.save()
        return pin.version

    async def _ask_version(self, source: NpmFile) -> str:
        try:
            return (await self._registry.table(source.name)).choose(source.range)
        except (FetchError, OfflineError) as hindrance:
            try:
                return await self._network.version(source.name, source.range, source.rule)
            except OfflineError:
                raise hindrance from None

    async def _package(self, key: tuple[str, str], vendor: VendorPackage | None, sources: list[NpmFile]) -> None:
        name, version = key
        rule = sources[0].rule if sources else "jsdelivr"
        with PackageFiles(name, version, self._shelf, self._registry, self._network, rule) as package:
            if vendor is not None:
                try:
                    await package.take(list(vendor.files))
                except OfflineError as error:
                    self.lacking[f"{name}@{version} (a part of the app itself)"] = error
            for source in sources:
                try:
                    self.answers[source.url] = await answer(source, package, self._shelf.store)
                except SupplyError as error:
                    self._note_failure(source, error)
                else:
                    self._record(source.url)
            package.finish(complete=all(self._answered(source) for source in sources))
        self._done += 1
        self._progress.emit(ProgressEvent("item", f"{name}@{version}", self._done, self._total, self._fetcher.received))

    def _answered(self, source: NpmFile) -> bool:
        return source.url in self.answers and not self.answers[source.url].missing

    def _record(self, url: str) -> None:
        self._shelf.resolution.answers[url] = self.answers[url]
        self._shelf.save()

    def _note_failure(self, source: NpmFile, error: SupplyError) -> None:
        if isinstance(error, OfflineError):
            if source.url not in self.answers:  # what was answered before stays as it was
                self.unreachable[source.url] = error
            return
        passing = not isinstance(error, AbsentError)
        self.answers[source.url] = Answer(missing=(Miss(source.url, error.message, passing),))
        if not passing:
            self._record(source.url)

    def give_up(self) -> None:
        """Answer the addresses for which nobody answered: they are missing for now."""
        for url, error in self.unreachable.items():
            self.answers[url] = Answer(missing=(Miss(url, error.message, passing=True),))
