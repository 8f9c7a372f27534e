import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from imjoy_offline.cache.archive import TarArchive
from imjoy_offline.cache.vendor import Vendor
from imjoy_offline.errors import OfflineError
from imjoy_offline.mirror.exchange import AbsentError
from imjoy_offline.mirror.fetch import Fetcher, FetchLimits
from imjoy_offline.mirror.npm import NpmConfiguration, Registry
from imjoy_offline.mirror.packages import NetworkReader, PackageFiles
from imjoy_offline.mirror.registry import RegistryReader
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.paths import WorkingFolder
from tests.helpers.upstream import StandIn

T = TypeVar("T")
FILES = {"lib/index.js": "index", "lib": "not a folder", "dist/a.js": "a", "noext": "plain", "noext.js": "script"}


def use(
    stand_in: StandIn,
    folder: Path,
    work: Callable[[PackageFiles], Awaitable[T]],
    *,
    registry: bool = True,
    networks: bool = True,
) -> T:
    """Whatever ``work`` does with version 1.0.0 of the package."""
    upstream = stand_in.settings(registry=registry, networks=networks).upstream

    async def run() -> T:
        shelf = Shelf(WorkingFolder(folder), Vendor())
        limits = FetchLimits(backoff_seconds=0.01)
        async with Fetcher(upstream.hosts, folder / "partial", ssl.create_default_context(), limits) as fetcher:
            reader = RegistryReader(NpmConfiguration(Registry(upstream.npm or "")), fetcher)
            with PackageFiles("tool", "1.0.0", shelf, reader, NetworkReader(fetcher), "jsdelivr") as package:
                return await work(package)

    return asyncio.run(run())


@pytest.fixture
def published(stand_in: StandIn) -> StandIn:
    stand_in.publish("tool", "1.0.0", {path: text for path, text in FILES.items() if path != "lib"})
    return stand_in


@pytest.mark.parametrize("registry", [True, False], ids=["tarball", "single files"])
@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("dist/a.js", ("dist/a.js", "exact")),
        ("dist/a", ("dist/a.js", "exact")),
        ("lib", ("lib/index.js", "exact")),
        ("dist/a.min.js", ("dist/a.js", "sibling")),
        ("dist/none.js", None),
    ],
)
def test_finding_a_file(
    published: StandIn, tmp_path: Path, registry: bool, path: str, found: tuple[str, str] | None
) -> None:
    assert use(published, tmp_path, lambda package: package.find(path), registry=registry) == found


def test_a_file_without_an_ending_in_a_tarball_is_what_it_says(published: StandIn, tmp_path: Path) -> None:
    assert use(published, tmp_path, lambda package: package.find("noext")) == ("noext", "exact")


def test_nothing_is_asked_twice(published: StandIn, tmp_path: Path) -> None:
    async def work(package: PackageFiles) -> None:
        for _ in range(3):
            assert await package.find("dist/a.js") and await package.find("dist/none.js", search=False) is None
            assert await package.manifest() == {"name": "tool", "version": "1.0.0"}
            await package.take(["dist/a.js", "lib/index.js"])

    use(published, tmp_path, work)
    assert len(published.seen) == 2
    use(published, tmp_path, lambda package: package.take(["dist/a.js"]))
    assert len(published.seen) == 2
    use(published, tmp_path / "other", work, registry=False)
    single = [seen.path for seen in published.seen[2:]]
    assert len(single) == len(set(single))


def test_the_tarball_is_let_go_of(published: StandIn, tmp_path: Path) -> None:
    async def work(package: PackageFiles) -> None:
        await package.take(["dist/a.js"])
        assert list((tmp_path / "partial").iterdir())
        package.finish(complete=True)

    use(published, tmp_path, work)
    assert list((tmp_path / "partial").iterdir()) == []


def test_a_tarball_that_is_being_read_when_the_run_is_called_off_is_let_go_of(
    published: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, may_go_on = threading.Event(), threading.Event()
    archives: list[TarArchive] = []
    enter = TarArchive.__enter__

    def slow_enter(archive: TarArchive) -> TarArchive:
        archives.append(enter(archive))
        opened.set()
        assert may_go_on.wait(10)
        return archive

    async def work(package: PackageFiles) -> None:
        finding = asyncio.ensure_future(package.find("dist/a.js"))
        assert await asyncio.to_thread(opened.wait, 10)
        finding.cancel()
        asyncio.get_running_loop().call_later(0.05, may_go_on.set)
        with pytest.raises(asyncio.CancelledError):
            await finding

    monkeypatch.setattr(TarArchive, "__enter__", slow_enter)
    use(published, tmp_path, work)
    assert [archive.closed for archive in archives] == [True]


def test_what_is_taken_must_exist(published: StandIn, tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match=r"tool@1\.0\.0 holds no file none\.js"):
        use(published, tmp_path, lambda package: package.take(["none.js"]), registry=False)


def test_nothing_answers(published: StandIn, tmp_path: Path) -> None:
    with pytest.raises(OfflineError, match="tool"):
        use(published, tmp_path, lambda package: package.find("dist/a.js"), registry=False, networks=False)


def test_an_unreadable_manifest_says_nothing(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.publish("tool", "1.0.0", {"package.json": "{broken", "index.js": "x"})
    assert use(stand_in, tmp_path, lambda package: package.manifest()) is None
