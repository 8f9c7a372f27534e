import asyncio
import hashlib
import ssl
from base64 import b64encode
from pathlib import Path

import pytest

from imjoy_offline.errors import FetchError, IntegrityError, OfflineError
from imjoy_offline.mirror.exchange import AbsentError
from imjoy_offline.mirror.fetch import Fetcher, FetchLimits
from imjoy_offline.mirror.npm import NpmConfiguration, Registry
from imjoy_offline.mirror.registry import PackageTable, RegistryReader, Release
from tests.helpers.upstream import Sending, StandIn, integrity, running_stand_in, tarball

FILES = {"a.js": b"a" * 30_000}


def read(
    folder: Path, registry: Registry | None, name: str, version: str = "", expected: str = ""
) -> tuple[PackageTable, bytes, str]:
    """The table, then the tarball's bytes and its integrity."""

    async def run() -> tuple[PackageTable, bytes, str]:
        limits = FetchLimits(backoff_seconds=0.01)
        async with Fetcher({}, folder / "partial", ssl.create_default_context(), limits) as fetcher:
            reader = RegistryReader(NpmConfiguration(registry), fetcher)
            table = await reader.table(name)
            part, found = await reader.tarball(name, version or table.choose(""), expected)
            return table, part.path.read_bytes(), found

    return asyncio.run(run())


def table_of(*versions: str, **tags: str) -> PackageTable:
    return PackageTable("vega", {version: Release(version, "", "") for version in versions}, tags)


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [("", "5.0.0"), ("latest", "5.0.0"), ("next", "6.0.0-rc.1"), ("5", "5.2.0"), ("^4.1", "4.9.0"), ("4.1.0", "4.1.0")],
)
def test_the_version_for_what_was_asked(asked: str, chosen: str) -> None:
    table = table_of("4.1.0", "4.9.0", "5.0.0", "5.2.0", "6.0.0-rc.1", latest="5.0.0", next="6.0.0-rc.1", gone="1.0.0")
    assert table.choose(asked) == chosen


@pytest.mark.parametrize("asked", ["7", "4.1.1", "beta", "gone", "what is this"])
def test_a_version_that_does_not_exist_is_named(asked: str) -> None:
    with pytest.raises(AbsentError, match=f"no version of vega that fits '{asked}'"):
        table_of("4.1.0", latest="4.1.0", gone="1.0.0").choose(asked)


def test_without_tags_the_newest_is_the_highest() -> None:
    assert table_of("1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1").choose("*") == "1.10.0"


def test_a_tarball_is_fetched_and_checked(stand_in: StandIn, tmp_path: Path) -> None:
    published = stand_in.publish("@lab/tool", "1.0.0", FILES)
    _, content, found = read(tmp_path, Registry(stand_in.registry, "secret"), "@lab/tool")
    assert (content, found) == (published.tarball, integrity(published.tarball))
    assert [seen.path for seen in stand_in.seen] == [
        "/registry/@lab%2Ftool",
        stand_in.tarball_path("@lab/tool", "1.0.0"),
    ]
    assert {seen.headers["authorization"] for seen in stand_in.seen} == {"Bearer secret"}
    assert "application/vnd.npm.install-v1+json" in stand_in.seen[0].headers["accept"]


def test_wrong_bytes_are_an_integrity_error_and_not_kept(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.publish("a", "1.0.0", FILES, promised=integrity(b"other"))
    with pytest.raises(IntegrityError, match=r"a@1\.0\.0 came with other bytes"):
        read(tmp_path, Registry(stand_in.registry), "a")
    assert list((tmp_path / "partial").glob("*")) == []


def test_the_registry_may_not_change_its_mind(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.publish("a", "1.0.0", FILES)
    with pytest.raises(IntegrityError, match=r"sha512 of a@1\.0\.0 is not the one recorded"):
        read(tmp_path, Registry(stand_in.registry), "a", expected=integrity(b"as it was"))
    assert stand_in.asked(".tgz") == 0


@pytest.mark.parametrize("kind", ["none", "sha1", "many"])
def test_weaker_promises_are_checked_as_they_are(stand_in: StandIn, tmp_path: Path, kind: str) -> None:
    content = tarball(FILES)
    shasum = hashlib.sha1(content, usedforsecurity=False)
    promised = {
        "none": "",
        "sha1": "sha1-" + b64encode(shasum.digest()).decode(),
        "many": f"sha1-AAAA {integrity(content)}?opt",
    }[kind]
    stand_in.publish("a", "1.0.0", FILES, content=content, promised=promised)
    assert read(tmp_path, Registry(stand_in.registry), "a")[2] == integrity(content)
    if kind == "sha1":
        stand_in.order(stand_in.tarball_path("a", "1.0.0"), Sending(200, tarball({"a.js": b"other"})))
        with pytest.raises(IntegrityError):
            read(tmp_path / "again", Registry(stand_in.registry), "a")


def test_a_spoilt_rest_of_an_earlier_run_is_fetched_anew(stand_in: StandIn, tmp_path: Path) -> None:
    published = stand_in.publish("a", "1.0.0", FILES)
    stand_in.validators = False
    path = stand_in.tarball_path("a", "1.0.0")
    stand_in.order(path, *[Sending(200, published.tarball, cut_after=60)] * 3)
    with pytest.raises(FetchError):
        read(tmp_path, Registry(stand_in.registry), "a")
    (part,) = (tmp_path / "partial").glob("*")
    part.write_bytes(b"?" * part.stat().st_size)
    assert read(tmp_path, Registry(stand_in.registry), "a")[1] == published.tarball


def test_a_tarball_left_whole_is_not_asked_for(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.publish("a", "1.0.0", FILES)
    for _ in range(2):
        read(tmp_path, Registry(stand_in.registry), "a")
    assert stand_in.asked(".tgz") == 1


def test_where_the_tables_address_is_out_of_reach_the_usual_one_is_asked(stand_in: StandIn, tmp_path: Path) -> None:
    """Registries that pass on others' tables often leave the others' addresses in them."""
    published = stand_in.publish("@lab/tool", "1.0.0", FILES)
    for address in ("http://127.0.0.1:9/x.tgz", f"{stand_in.base}/gone.tgz", "ftp://a.example/x.tgz"):
        table = {"versions": {"1.0.0": {"dist": {"tarball": address}}}, "dist-tags": {"latest": "1.0.0"}}
        stand_in.order("/registry/@lab%2Ftool", Sending(200, str(table).replace("'", '"').encode()))
        folder = tmp_path / address.replace("/", "").replace(":", "")
        assert read(folder, Registry(stand_in.registry), "@lab/tool")[1] == published.tarball


def test_a_token_is_not_sent_to_where_a_table_points(stand_in: StandIn, tmp_path: Path) -> None:
    with running_stand_in() as other:
        elsewhere = other.base.replace("127.0.0.1", "localhost")
        published = stand_in.publish("a", "1.0.0", FILES)
        table = {"versions": {"1.0.0": {"dist": {"tarball": f"{elsewhere}/a.tgz"}}}, "dist-tags": {"latest": "1.0.0"}}
        stand_in.order("/registry/a", Sending(200, str(table).replace("'", '"').encode()))
        with pytest.raises(FetchError, match="private address"):
            read(tmp_path, Registry(stand_in.registry, "secret"), "a")
        assert other.seen == [] and published.tarball


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"versions": []}', b"null"])
def test_a_table_that_lists_nothing_is_an_error(stand_in: StandIn, tmp_path: Path, body: bytes) -> None:
    stand_in.order("/registry/a", Sending(200, body))
    with pytest.raises(FetchError, match="lists no versions"):
        read(tmp_path, Registry(stand_in.registry), "a")


def test_unreadable_releases_are_left_out(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order(
        "/registry/a", Sending(200, b'{"versions": {"1.0.0": {}, "2.0.0": {"dist": {"tarball": 5}}, "3.0.0": 1}}')
    )
    with pytest.raises(AbsentError, match="no version"):
        read(tmp_path, Registry(stand_in.registry), "a")


def test_absent_packages_and_absent_registries(stand_in: StandIn, tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match="has no package nothing"):
        read(tmp_path, Registry(stand_in.registry), "nothing")
    with pytest.raises(OfflineError, match="No npm registry is known"):
        read(tmp_path, None, "nothing")
    with pytest.raises(AbsentError, match=r"no version 9\.9\.9 of a"):
        stand_in.publish("a", "1.0.0", FILES)
        read(tmp_path, Registry(stand_in.registry), "a", "9.9.9")
