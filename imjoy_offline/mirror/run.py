"""One run over the network: versions first, then package by package, several at a time.

Made by ``sync`` when the folder lacks something. Everything found out is recorded at once, so that a run that is cut
off goes on from there.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Mapping

from imjoy_offline.cache.lockfile import Pin
from imjoy_offline.cache.vendor import VendorPackage
from imjoy_offline.errors import FetchError, OfflineError, SupplyError
from imjoy_offline.mirror.closure import answer
from imjoy_offline.mirror.exchange import AbsentError
from imjoy_offline.mirror.fetch import Fetcher
from imjoy_offline.mirror.npm import npm_configuration
from imjoy_offline.mirror.packages import NetworkReader, PackageFiles
from imjoy_offline.mirror.plan import Plan
from imjoy_offline.mirror.registry import RegistryReader
from imjoy_offline.mirror.resolution import Answer, Miss
from imjoy_offline.mirror.settings import Settings
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.sources import NpmFile
from imjoy_offline.mirror.trust import tls_context
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.progress import Progress, ProgressEvent

_ANY = frozenset(("", "*", "x", "X", "latest"))
_AT_ONCE = 8


class Run:
    """``asked`` and ``received`` say afterwards how much went over the network."""

    def __init__(
        self,
        folder: WorkingFolder,
        plan: Plan,
        settings: Settings,
        shelf: Shelf,
        progress: Progress,
        environ: Mapping[str, str],
    ) -> None:
        self.asked = 0
        self.received = 0
        self._folder = folder
        self._plan = plan
        self._settings = settings
        self._shelf = shelf
        self._progress = progress
        self._environ = environ
        self._answers: dict[str, Answer] = {}
        self._unreachable: dict[str, OfflineError] = {}  # wanted addresses
        self._lacking: dict[str, OfflineError] = {}  # the app's own packages
        self._done = 0
        self._total = 0

    async def go(self, known: Mapping[str, Answer]) -> dict[str, Answer]:
        """The answers to all wants. Raises what ``sync`` says."""
        self._answers.update(known)
        npm = npm_configuration(self._folder.root, self._settings.upstream.npm, self._environ)
        tls, faults = tls_context(self._environ, npm.cafile)
        for sentence in faults:
            self._progress.emit(ProgressEvent("warning", sentence))
        async with Fetcher(self._settings.upstream.hosts, self._folder.cache / "partial", tls) as fetcher:
            self._fetcher = fetcher
            self._registry = RegistryReader(npm, fetcher)
            self._network = NetworkReader(fetcher)
            try:
                await self._everything()
            finally:
                self.asked, self.received = fetcher.asked, fetcher.received
        return self._answers

    async def _everything(self) -> None:
        sources = {
            want.source.url: want.source
            for want in self._plan.wants
            if want.source.url not in self._answers or self._answers[want.source.url].missing
        }
        self._progress.emit(ProgressEvent("step", "Looking up versions", total=len(sources)))
        wanted: dict[tuple[str, str], list[NpmFile]] = defaultdict(list)
        await in_parallel(self._version_of(source, wanted) for _, source in sorted(sources.items()))
        vendor = {
            (package.name, package.version): package
            for package in self._plan.vendor.packages
            if any(self._shelf.held(package.name, package.version, path) is None for path in package.files)
        }
        keys = sorted({*vendor, *wanted})
        self._total = len(keys)
        self._progress.emit(ProgressEvent("step", "Fetching packages", total=self._total))
        await in_parallel(self._package(key, vendor.get(key), wanted.get(key, [])) for key in keys)
        self._judge_unreachable()

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
                    self._lacking[f"{name}@{version} (a part of the app itself)"] = error
            for source in sources:
                try:
                    self._answers[source.url] = await answer(source, package, self._shelf.store)
                except SupplyError as error:
                    self._note_failure(source, error)
                else:
                    self._record(source.url)
            package.finish(complete=all(self._answered(source) for source in sources))
        self._done += 1
        self._progress.emit(ProgressEvent("item", f"{name}@{version}", self._done, self._total, self._fetcher.received))

    def _answered(self, source: NpmFile) -> bool:
        return source.url in self._answers and not self._answers[source.url].missing

    def _record(self, url: str) -> None:
        self._shelf.resolution.answers[url] = self._answers[url]
        self._shelf.save()

    def _note_failure(self, source: NpmFile, error: SupplyError) -> None:
        if isinstance(error, OfflineError):
            if source.url not in self._answers:  # what was answered before stays as it was
                self._unreachable[source.url] = error
            return
        passing = not isinstance(error, AbsentError)
        self._answers[source.url] = Answer(missing=(Miss(source.url, error.message, passing),))
        if not passing:
            self._record(source.url)

    def _judge_unreachable(self) -> None:
        """Nothing answered at all: an error. Else single things are out of reach, and said to be so."""
        if self._lacking or (self._unreachable and not self._fetcher.reached):
            everything = {**self._lacking, **self._unreachable}
            names, first = list(everything), next(iter(everything.values()))
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            raise OfflineError(
                f"This folder lacks {'; '.join(names[:3])}{more}, and nothing answers that has it. {first.message}",
                hint=f"Run `python -m imjoy mirror` where there is a network, then carry the folder back. {first.hint}",
            )
        for url, error in self._unreachable.items():
            self._answers[url] = Answer(missing=(Miss(url, error.message, passing=True),))


async def in_parallel(jobs: Iterable[Coroutine[object, object, None]]) -> None:
    """Run the jobs, a few at a time; the first error stops the others and is raised."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(job: Coroutine[object, object, None]) -> None:
        async with turns:
            await job

    tasks = [asyncio.ensure_future(one(job)) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
