"""Files of plain addresses: the one that is wanted, and what it refers to, down to what a browser would load with it.

A plugin file must be one, and a page is taken only where the address says that it is a page: a login page of the
network must never stand for a library.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from imjoy_offline.errors import FetchError, OfflineError, PluginFileError, SupplyError
from imjoy_offline.mirror.direct_closure import Referred, referred
from imjoy_offline.mirror.exchange import AbsentError, Request
from imjoy_offline.mirror.fetch import Fetcher
from imjoy_offline.mirror.jobs import in_parallel, telling
from imjoy_offline.mirror.parts import Part
from imjoy_offline.mirror.plan import DirectWant
from imjoy_offline.mirror.resolution import Answer, AnsweredUrl, DirectRecord, Miss
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.plugin.file import parse_plugin_file
from imjoy_offline.plugin.manifest import PLUGIN_ENDING
from imjoy_offline.progress import Progress, ProgressEvent

MOST_FILES = 400
MOST_BYTES = 512 << 20
MOST_REFERRED_BYTES = 64 << 20
_PAGES = (".html", ".htm", ".xhtml")


class DirectRun:
    """``answers`` are there afterwards; ``unreachable`` are wanted addresses for which nobody answered."""

    def __init__(self, wants: Iterable[DirectWant], shelf: Shelf, fetcher: Fetcher, progress: Progress) -> None:
        self.answers: dict[str, Answer] = {}
        self.unreachable: dict[str, OfflineError] = {}
        self._urls = sorted({want.source.url for want in wants})
        self._shelf = shelf
        self._carrier = _Carrier(shelf, fetcher)
        self._fetcher = fetcher
        self._progress = progress
        self._done = 0
        self._total = 0

    async def go(self, known: Mapping[str, Answer]) -> None:
        """Answer every wanted address; ``known`` are all answers so far. Raises IntegrityError."""
        self.answers.update({url: known[url] for url in self._urls if url in known})
        urls = [url for url in self._urls if url not in self.answers or self.answers[url].missing]
        if not urls:
            return
        elsewhere = {file.url for url, one in known.items() if url not in self._urls for file in one.files}
        self._total = len(urls)
        self._progress.emit(ProgressEvent("step", "Fetching files", total=self._total))
        async with telling(self._progress, self._word):
            await in_parallel(self._answer(url, elsewhere) for url in urls)

    def _word(self) -> ProgressEvent:
        text = ", ".join(sorted(self._carrier.under_way)) or "files"
        return ProgressEvent("working", text, self._done, self._total, self._fetcher.received)

    async def _answer(self, url: str, elsewhere: Collection[str]) -> None:
        try:
            self.answers[url] = await _Walk(self._carrier, elsewhere).go(url)
        except OfflineError as error:
            if url not in self.answers:  # what was answered before stays as it was
                self.unreachable[url] = error
        except SupplyError as error:
            self.answers[url] = Answer(missing=(_miss(url, error),))
        if url in self.answers and not self.answers[url].passing:
            self._shelf.resolution.answers[url] = self.answers[url]
            self._shelf.save()
        self._done += 1
        self._progress.emit(ProgressEvent("item", url, self._done, self._total, self._fetcher.received))

    def give_up(self) -> None:
        """Answer the addresses for which nobody answered: they are missing for now."""
        for url, error in self.unreachable.items():
            self.answers[url] = Answer(missing=(Miss(url, error.message, passing=True),))


class _Walk:
    """From one address to all that it loads, growing until nothing new is referred to or a limit is reached."""

    def __init__(self, carrier: "_Carrier", elsewhere: Collection[str]) -> None:
        self._carrier = carrier
        self._elsewhere = elsewhere  # addresses that other wants answer
        self._seen: set[str] = set()
        self._files: dict[str, AnsweredUrl] = {}
        self._misses: dict[str, Miss] = {}
        self._left: set[str] = set()  # beyond the limits
        self._bytes = 0
        self._next: dict[str, Referred] = {}

    async def go(self, url: str) -> Answer:
        """The answer to ``url``; raises what fetching it raises. What it only refers to and cannot be had is a miss."""
        self._seen.add(url)
        await self._take(url, MOST_BYTES)
        while self._next:
            wave, self._next = self._next, {}
            new = [one for one in wave.values() if one.url not in self._seen and one.url not in self._elsewhere]
            self._seen.update(one.url for one in new)
            room = max(MOST_FILES - len(self._files), 0)
            self._left.update(one.url for one in new[room:])
            await in_parallel(self._follow(one) for one in new[:room])
        if self._left:
            first = min(self._left)
            reason = f"{url} refers to too much: this and {len(self._left) - 1} more files were left out."
            self._misses[first] = Miss(first, reason)
        return Answer(
            tuple(self._files[one] for one in sorted(self._files)),
            tuple(self._misses[one] for one in sorted(self._misses)),
        )

    async def _follow(self, one: Referred) -> None:
        if self._bytes >= MOST_BYTES:
            self._left.add(one.url)
            return
        try:
            await self._take(one.url, MOST_REFERRED_BYTES)
        except AbsentError as error:
            if one.needed:  # what is not there on the network either is no loss, as long as things run without it
                self._misses[one.url] = _miss(one.url, error)
        except SupplyError as error:
            self._misses[one.url] = _miss(one.url, error)

    async def _take(self, url: str, most_bytes: int) -> None:
        record = await self._carrier.take(url, most_bytes)
        self._files[url] = AnsweredUrl(url, url)
        self._bytes += record.size
        for one in referred(url, record.type, lambda: self._carrier.read(record)):
            before = self._next.get(one.url)
            self._next[one.url] = one if before is None or one.needed else before


class _Carrier:
    """Brings files into the folder, each once, however many refer to it; ``under_way`` are those being fetched."""

    def __init__(self, shelf: Shelf, fetcher: Fetcher) -> None:
        self.under_way: set[str] = set()
        self._shelf = shelf
        self._fetcher = fetcher
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def read(self, record: DirectRecord) -> bytes:
        return self._shelf.direct.read(record)

    async def take(self, url: str, most_bytes: int) -> DirectRecord:
        """The file at ``url``, in the folder; raises what fetching it raises, and IntegrityError."""
        async with self._turns[url]:
            held = self._shelf.direct.held(url)
            if held is not None:
                return held
            self.under_way.add(url)
            try:
                part = await fetch_file(self._fetcher, url, most_bytes)
                record = self._shelf.direct.keep(url, part.path, self._fetcher.types.get(url, ""))
                part.discard()
            finally:
                self.under_way.discard(url)
            self._shelf.save()
            return record


async def fetch_file(fetcher: Fetcher, url: str, most_bytes: int) -> Part:
    """The file at ``url``; raises FetchError where it is a page that nobody asked for, or no plugin where one was."""
    path = urlsplit(url).path.lower()
    is_plugin = path.endswith(PLUGIN_ENDING)
    most = min(most_bytes, MOST_REFERRED_BYTES) if is_plugin else most_bytes
    part = await fetcher.file(
        Request(url=url, what=f"The file at {url}", web_page=path.endswith(_PAGES), most_bytes=most)
    )
    if is_plugin:
        try:
            check_plugin(url, part.path.read_bytes())
        except FetchError:
            part.discard()
            raise
    return part


def check_plugin(url: str, content: bytes) -> None:
    """Raises FetchError where the file has no config, as every plugin has; what is wrong in that is told when used."""
    try:
        blocks = parse_plugin_file(content.decode("utf-8", "replace")).blocks
    except PluginFileError:
        blocks = ()
    if not any(block.type == "config" for block in blocks):
        raise FetchError(
            f"The file at {url} is no plugin: it has no <config> block that ends. A page of the network's own (a login "
            "page, perhaps) may have come instead."
        )


def _miss(url: str, error: SupplyError) -> Miss:
    return Miss(url, error.message, passing=not isinstance(error, AbsentError))
