"""The Python part of the mirror with the real uv, against a package index on loopback that has faults on order."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import LockedEnvironment, MissingItem, read_lockfile, write_lockfile
from imjoy_offline.cache.wheelhouse import Target
from imjoy_offline.errors import ConfigError, FetchError, IntegrityError, OfflineError
from imjoy_offline.mirror import pypi
from imjoy_offline.mirror import sync as sync_module
from imjoy_offline.mirror.settings import Settings, UpstreamSettings
from tests.helpers.made_up_authority import CERTIFICATE
from tests.helpers.mirrored import MirroredFolder
from tests.helpers.package_index import PackageIndex, made_wheel, names, running_index, somewhere
from tests.helpers.upstream import Sending

HERE = Target.here()
NUMPYISH = made_wheel("numpyish", "2.0", more=os.urandom(50_000))
IMAGES = made_wheel("lab-images", "1.4.0", "numpyish>=1", "tiny; python_version < '3'")
SMALL = made_wheel("small", "0.1")
BIG = made_wheel("big", "3.0", more=os.urandom(400_000))


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    with running_index() as server:
        server.offer(NUMPYISH, IMAGES, SMALL, BIG, made_wheel("numpyish", "1.0"))
        yield server


@pytest.fixture
def mirrored(index: PackageIndex, tmp_path: Path) -> MirroredFolder:
    """A folder of a person whose pip asks the stand-in."""
    folder = MirroredFolder(tmp_path / "folder")
    folder.environ = index.environ(tmp_path / "home")
    return folder


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The processes that the mirror starts from now on for Python packages."""
    started: list[str] = []
    run = pypi.Resolver._run

    async def counted(self: pypi.Resolver, *arguments: object) -> object:
        started.append(str(arguments))
        return await run(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pypi.Resolver, "_run", counted)
    return started


def missing(mirrored: MirroredFolder) -> dict[tuple[str, str, int], MissingItem]:
    items = read_lockfile(mirrored.folder.lock_file).missing
    return {(item.asked, item.plugin, item.line): item for item in items}


def test_wheels_of_plugins_and_of_what_they_need_are_carried_and_listed(
    index: PackageIndex, mirrored: MirroredFolder
) -> None:
    mirrored.python_plugin("Filters", "pip: Lab_Images>=1", "imjoy-rpc")
    mirrored.python_plugin("Smooth", "lab-images>=1")
    mirrored.python_plugin("Nothing")
    report = mirrored.run(Settings())
    assert report.missing == () and report.downloaded_files == 2
    (environment,) = report.lock.environments
    assert environment == LockedEnvironment(
        ("lab-images>=1",), HERE.platform, HERE.python, tuple(names([IMAGES, NUMPYISH]))
    )
    assert {artifact.source: (artifact.sha256, artifact.size) for artifact in report.lock.artifacts} == {
        f"pypi:{wheel.name}": (wheel.sha256, len(wheel.content)) for wheel in (IMAGES, NUMPYISH)
    }
    assert mirrored.house.files() == names([IMAGES, NUMPYISH])
    assert mirrored.house.path(IMAGES.name).read_bytes() == IMAGES.content
    (listed,) = mirrored.house.pylocks()
    assert listed == mirrored.house.pylock(("lab-images>=1",), HERE)
    assert mirrored.every_file().keys() == {
        "imjoy.lock",
        "cache/mirror.turn",
        "cache/resolution.json",
        f"cache/{listed.name}",
        *(f"cache/wheels/{wheel.name}" for wheel in (IMAGES, NUMPYISH)),
        *(f"plugin_repository/{name}.imjoy.html" for name in ("Filters", "Smooth", "Nothing")),
    }
    for name, content in mirrored.every_file().items():
        assert b"127.0.0.1" not in content, name


def test_a_second_run_asks_nothing_and_starts_no_process(
    index: PackageIndex, mirrored: MirroredFolder, no_process: list[str]
) -> None:
    mirrored.python_plugin("Filters", "lab-images", "nowhere-to-be-found")
    mirrored.python_plugin("Other", "small")
    first = mirrored.run(Settings())
    assert no_process and len(first.missing) == 1
    no_process.clear()
    before, times = mirrored.every_file(), len(index.seen)
    stamps = {path: path.stat().st_mtime_ns for path in mirrored.folder.root.rglob("*")}
    second = mirrored.run(Settings())
    assert (second.changed, second.asked, second.lock) == (False, 0, first.lock)
    assert mirrored.told("done") == ["Everything is here; nothing was asked for."]
    assert (no_process, len(index.seen), mirrored.every_file()) == ([], times, before)
    assert {path: path.stat().st_mtime_ns for path in mirrored.folder.root.rglob("*")} == stamps


def test_what_was_chosen_stays_chosen(index: PackageIndex, mirrored: MirroredFolder) -> None:
    mirrored.python_plugin("Other", "small")
    first = mirrored.run(Settings())
    index.offer(made_wheel("small", "0.2"))
    mirrored.python_plugin("Filters", "lab-images")
    second = mirrored.run(Settings())
    assert set(first.lock.environments) < set(second.lock.environments)
    assert index.fetched() == [SMALL.name, *sorted([IMAGES.name, NUMPYISH.name], key=index.fetched().index)]
    mirrored.python_plugin("Other", "small", "numpyish")
    assert f"pypi:{made_wheel('small', '0.2').name}" in mirrored.run(Settings()).lock.by_source()


@pytest.mark.parametrize("lost", ["cache/resolution.json", "the lists"])
def test_record_and_lists_are_made_again_without_asking(
    index: PackageIndex, mirrored: MirroredFolder, no_process: list[str], lost: str
) -> None:
    mirrored.python_plugin("Filters", "lab-images", "nowhere-to-be-found")
    mirrored.python_plugin("Other", "pip: small numpyish", "small")
    first = mirrored.run(Settings())
    before, times = mirrored.every_file(), len(index.seen)
    no_process.clear()
    if lost == "the lists":
        (listed,) = mirrored.house.pylocks()
        listed.unlink()
        stale = mirrored.folder.cache / f"pylock.{'0' * 32}.toml"
        stale.write_text("old")
    else:
        (mirrored.folder.root / lost).unlink()
    second = mirrored.run(Settings())
    assert (second.lock, second.asked, no_process, len(index.seen)) == (first.lock, 0, [], times)
    assert mirrored.every_file() == before
    assert mirrored.run(Settings()).changed is False and mirrored.every_file() == before


def test_impossible_requirements_are_named_one_by_one_and_the_others_go_on(
    index: PackageIndex, mirrored: MirroredFolder
) -> None:
    index.offer(made_wheel("alien", "1.0", tag="cp27-cp27m-win32"), made_wheel("needy", "1.0", "not-there"))
    mirrored.python_plugin(
        "Filters", "lab-images", "pip:No_Such_Thing", "small==9", "alien", "needy", "conda: fiji", "cmd: make"
    )
    mirrored.python_plugin("Other", "small")
    report = mirrored.run(Settings())
    assert [environment.packages for environment in report.lock.environments] == [("small",)]
    assert mirrored.house.files() == [SMALL.name]
    found = missing(mirrored)
    assert {key: item.passing for key, item in found.items()} == {
        ("pip:No_Such_Thing", "Filters", 9): False,
        ("small==9", "Filters", 10): False,
        ("alien", "Filters", 11): False,
        ("needy", "Filters", 12): False,
        ("conda: fiji", "Filters", 13): False,
        ("cmd: make", "Filters", 14): False,
    }
    reasons = {asked: item.reason for (asked, _, _), item in found.items()}
    for asked, words in {
        "pip:No_Such_Thing": "no-such-thing was not found",
        "small==9": "there is no version of small==9",
        "alien": "no wheels with a matching",
        "needy": "not-there was not found",
    }.items():
        assert reasons[asked].startswith(f"Nothing fits {HERE}: ") and words in reasons[asked], reasons[asked]
    assert not any("127.0.0.1" in reason or "://" in reason for reason in reasons.values())


def test_what_cannot_be_had_together_is_told_so(index: PackageIndex, mirrored: MirroredFolder) -> None:
    index.offer(made_wheel("old", "1.0", "numpyish<2"))
    mirrored.python_plugin("Filters", "small", "pip:numpyish>=2", "old")
    mirrored.run(Settings())
    found = missing(mirrored)
    assert found.keys() == {("pip:numpyish>=2", "Filters", 9), ("old", "Filters", 10)}
    (reason,) = {item.reason for item in found.values()}
    assert reason.startswith("Each of these requirements can be had alone, but not all together.")
    assert "numpyish<2" in reason and "numpyish>=2" in reason
    index.offer(made_wheel("old", "2.0"))
    assert mirrored.run(Settings()).asked == 0
    assert mirrored.run(Settings(), retry_missing=True).missing == ()


def test_each_tag_has_its_environment(index: PackageIndex, mirrored: MirroredFolder) -> None:
    mirrored.python_plugin("Filters", tags={"CPU": ["small"], "GPU": ["small", "cuda-things"]})
    report = mirrored.run(Settings())
    assert [environment.packages for environment in report.lock.environments] == [("small",)]
    assert [(item.asked, item.line) for item in report.missing] == [("cuda-things", 17)]


def test_requirements_that_need_nothing_here_make_an_empty_environment(mirrored: MirroredFolder) -> None:
    mirrored.python_plugin("Filters", "tiny; python_version < '3'")
    (environment,) = mirrored.run(Settings()).lock.environments
    assert environment.wheels == () and environment.packages == ('tiny; python_version < "3"',)
    assert mirrored.house.pylocks() == [mirrored.house.pylock(environment.packages, HERE)]


def test_what_is_wanted_no_more_leaves_lock_and_lists_and_its_wheels_are_told(mirrored: MirroredFolder) -> None:
    mirrored.python_plugin("Filters", "lab-images")
    mirrored.python_plugin("Other", "small")
    mirrored.run(Settings())
    (mirrored.folder.own_repository / "Filters.imjoy.html").unlink()
    report = mirrored.run(Settings())
    assert [environment.packages for environment in report.lock.environments] == [("small",)]
    assert list(report.lock.by_source()) == [f"pypi:{SMALL.name}"]
    assert mirrored.house.pylocks() == [mirrored.house.pylock(("small",), HERE)]
    (note,) = mirrored.told("note")
    assert IMAGES.name in note and NUMPYISH.name in note and "2 wheels" in note
    mirrored.python_plugin("Filters", "lab-images")
    assert mirrored.run(Settings()).downloaded_files == 0
    assert mirrored.told("note") == []


# Out of reach, refused, slow


def test_an_index_out_of_reach_is_offline_where_nothing_else_answers(
    index: PackageIndex, mirrored: MirroredFolder, tmp_path: Path
) -> None:
    mirrored.python_plugin("Filters", "small")
    mirrored.environ = somewhere(tmp_path / "home", "http://127.0.0.1:9/simple/")
    with pytest.raises(OfflineError, match=r"Python packages \(small\)") as caught:
        mirrored.run(Settings())
    assert not mirrored.folder.lock_file.exists() and "127.0.0.1:9" in caught.value.hint
    mirrored.environ = index.environ(tmp_path / "home")
    before = mirrored.run(Settings()).lock
    mirrored.python_plugin("More", "lab-images")
    mirrored.environ = somewhere(tmp_path / "home", "http://127.0.0.1:9/simple/")
    with pytest.raises(OfflineError, match="lab-images"):
        mirrored.run(Settings())
    assert read_lockfile(mirrored.folder.lock_file) == before


def test_an_index_out_of_reach_passes_where_others_answer(
    mirrored: MirroredFolder, index: PackageIndex, tmp_path: Path
) -> None:
    index.order("/npm/a@1.0.0/b.js", Sending(200, b"let b"))
    extra = Settings(
        extra=("https://cdn.jsdelivr.net/npm/a@1.0.0/b.js",),
        upstream=UpstreamSettings("http://127.0.0.1:9/", {"cdn.jsdelivr.net": index.base, "unpkg.com": index.base}),
    )
    mirrored.python_plugin("Filters", "small", "lab-images")
    right, mirrored.environ = mirrored.environ, somewhere(tmp_path / "home", "http://127.0.0.1:9/simple/")
    report = mirrored.run(extra)
    assert {(item.asked, item.reason, item.passing) for item in report.missing} == {
        (asked, "A package index does not answer.", True) for asked in ("small", "lab-images")
    }
    assert "127.0.0.1:9" in " ".join(mirrored.told("warning"))
    mirrored.environ = right
    assert mirrored.run(extra).missing == ()


@pytest.mark.parametrize(("status", "words"), [(503, "status 503"), (403, "refuses to answer (403 Forbidden)")])
def test_an_index_that_fails_is_asked_again_by_the_next_run(
    index: PackageIndex, mirrored: MirroredFolder, status: int, words: str
) -> None:
    mirrored.python_plugin("Filters", "small")
    index.on_request = lambda count, path: Sending(status, b"")
    (item,) = mirrored.run(Settings()).missing
    assert item.passing
    assert words in item.reason
    index.on_request = lambda count, path: None
    assert mirrored.run(Settings()).missing == ()


def test_a_wheel_that_does_not_come_is_missing_for_now_and_what_came_is_kept(
    index: PackageIndex, mirrored: MirroredFolder
) -> None:
    mirrored.python_plugin("Filters", "big", "small")
    index.offer(made_wheel("big", "3.0", more=BIG.content[2000:300_000] * 8))
    big = index.wheels[BIG.name]
    index.order(index.path(big), *[Sending(cut_after=300_000), *[Sending(cut_after=0)] * 10])
    (item,) = mirrored.run(Settings()).missing
    assert (item.asked, item.passing) == ("big", True) and "big-3.0" in item.reason
    assert read_lockfile(mirrored.folder.lock_file).environments == ()
    index._orders.clear()
    index.offer(made_wheel("big", "4.0"))
    index.seen.clear()
    report = mirrored.run(Settings())
    assert report.missing == () and f"pypi:{big.name}" in report.lock.by_source()
    (again,) = [seen for seen in index.seen if seen.path == index.path(big)]
    assert again.headers["range"] == "bytes=300000-"
    assert index.fetched() == [big.name]  # the small one was there
    assert not (mirrored.folder.cache / "partial").exists()


def test_nothing_of_the_person_beside_pips_settings_reaches_uv(index: PackageIndex, mirrored: MirroredFolder) -> None:
    """Settings and interpreters of projects and people around must not change what is chosen."""
    home = Path(mirrored.environ["HOME"])
    for name in ("uv.toml", ".config/uv/uv.toml"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("no such thing = [\n")
    mirrored.environ |= {"UV_OFFLINE": "1", "UV_PYTHON": "2.7", "UV_CONFIG_FILE": str(home / "uv.toml")}
    mirrored.python_plugin("Filters", "small")
    assert mirrored.run(Settings()).missing == ()


# Damage and contradictions


@pytest.mark.parametrize("harm", ["damaged", "cut short", "gone"])
def test_a_wheel_that_is_not_right_is_brought_again(index: PackageIndex, mirrored: MirroredFolder, harm: str) -> None:
    mirrored.python_plugin("Filters", "lab-images")
    first = mirrored.run(Settings())
    index.offer(made_wheel("lab-images", "2.0"), made_wheel("numpyish", "3.0"))
    index.seen.clear()
    path = mirrored.house.path(NUMPYISH.name)
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(NUMPYISH.content[::-1] if harm == "damaged" else NUMPYISH.content[:-1])
    report = mirrored.run(Settings())
    assert (report.lock, report.repaired) == (first.lock, (f"pypi:{NUMPYISH.name}",))
    assert path.read_bytes() == NUMPYISH.content and index.fetched() == [NUMPYISH.name]
    assert mirrored.run(Settings()).changed is False


def test_a_wheel_that_looks_untouched_is_believed_unless_every_byte_is_wanted(
    index: PackageIndex, mirrored: MirroredFolder
) -> None:
    mirrored.python_plugin("Filters", "small")
    mirrored.run(Settings())
    path = mirrored.house.path(SMALL.name)
    stamp = path.stat()
    path.write_bytes(SMALL.content[::-1])
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert mirrored.run(Settings()).changed is False
    report = mirrored.run(Settings(), thorough=True)
    assert report.repaired == (f"pypi:{SMALL.name}",) and path.read_bytes() == SMALL.content


def test_a_copied_folder_is_read_once_and_then_believed(
    index: PackageIndex, mirrored: MirroredFolder, tmp_path: Path, no_process: list[str]
) -> None:
    mirrored.python_plugin("Filters", "small")
    mirrored.run(Settings())
    no_process.clear()
    copied = MirroredFolder(Path(shutil.copytree(mirrored.folder.root, tmp_path / "copied", copy_function=shutil.copy)))
    copied.environ = somewhere(tmp_path / "home", "http://127.0.0.1:9/simple/")
    record = copied.every_file()["cache/resolution.json"]
    assert copied.run(Settings()).lock == read_lockfile(mirrored.folder.lock_file)
    assert copied.every_file()["cache/resolution.json"] != record
    before = copied.every_file()
    assert copied.told("done") and copied.run(Settings()).changed is False
    assert copied.told("done") == ["Everything is here; nothing was asked for."]
    assert (copied.every_file(), no_process) == (before, [])


def test_a_copied_folder_that_cannot_be_written_is_as_good(
    index: PackageIndex, mirrored: MirroredFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrored.python_plugin("Filters", "small")
    first = mirrored.run(Settings())
    os.utime(mirrored.house.path(SMALL.name), ns=(1, 1))
    before = mirrored.every_file()

    def refuse(cache: Path) -> None:
        raise PermissionError(13, "Read-only file system")

    monkeypatch.setattr(sync_module, "one_run", refuse)
    assert mirrored.run(Settings()).lock == first.lock
    assert "Read-only" in mirrored.told("note")[0] and mirrored.told("done")
    assert mirrored.every_file() == before


def test_the_lock_alone_brings_the_same_wheels(index: PackageIndex, mirrored: MirroredFolder) -> None:
    mirrored.python_plugin("Filters", "lab-images")
    first = mirrored.run(Settings())
    index.offer(made_wheel("lab-images", "2.0"), made_wheel("numpyish", "3.0"))
    shutil.rmtree(mirrored.folder.cache)
    report = mirrored.run(Settings())
    assert (report.lock, report.repaired, report.downloaded_files) == (first.lock, (), 2)


@pytest.mark.parametrize("held", [True, False], ids=["wheel here", "wheel gone"])
def test_an_index_that_serves_other_bytes_under_a_locked_name_is_found(
    index: PackageIndex, mirrored: MirroredFolder, held: bool
) -> None:
    mirrored.python_plugin("Filters", "numpyish")
    mirrored.run(Settings())
    before = mirrored.lock_bytes
    other = made_wheel("numpyish", "2.0", more=b"other")
    index.offer(other)
    if held:
        mirrored.python_plugin("Images", "lab-images")
    else:
        mirrored.house.path(NUMPYISH.name).unlink()
    with pytest.raises(IntegrityError, match=r"offers numpyish-2.0.*imjoy\.lock has it with") as caught:
        mirrored.run(Settings())
    assert other.sha256 in caught.value.message and "resolution.json" in caught.value.hint
    assert mirrored.lock_bytes == before and "127.0.0.1" not in str(caught.value)


def test_bytes_that_are_not_the_promised_ones_are_never_kept(index: PackageIndex, mirrored: MirroredFolder) -> None:
    mirrored.python_plugin("Filters", "small")
    index.order(index.path(SMALL), Sending(200, SMALL.content[::-1]))
    with pytest.raises(IntegrityError, match=r"small-0.1.*SHA-256"):
        mirrored.run(Settings())
    assert mirrored.house.files() == [] and not mirrored.folder.lock_file.exists()
    assert mirrored.run(Settings()).missing == ()


def test_a_locked_digest_that_was_edited_is_found(index: PackageIndex, mirrored: MirroredFolder) -> None:
    mirrored.python_plugin("Filters", "small")
    mirrored.run(Settings())
    document = json.loads(mirrored.lock_bytes)
    document["artifacts"][0]["sha256"] = "0" * 64
    mirrored.folder.lock_file.write_text(json.dumps(document))
    with pytest.raises(IntegrityError, match=r"pypi:small-0\.1.*0000"):
        mirrored.run(Settings())
    (mirrored.folder.cache / "resolution.json").unlink()
    with pytest.raises(IntegrityError, match=r"offers small-0\.1.*0000"):
        mirrored.run(Settings())


def test_a_locked_version_that_no_index_has_any_more_is_chosen_anew_once_its_wheel_is_gone(
    index: PackageIndex, mirrored: MirroredFolder
) -> None:
    mirrored.python_plugin("Filters", "numpyish")
    first = mirrored.run(Settings())
    index.withdraw(NUMPYISH)
    assert mirrored.run(Settings()).lock == first.lock
    mirrored.house.path(NUMPYISH.name).unlink()
    report = mirrored.run(Settings())
    assert list(report.lock.by_source()) == ["pypi:numpyish-1.0-py3-none-any.whl"]
    assert any(NUMPYISH.name in text for text in mirrored.told("warning"))


def test_a_locked_environment_stays_locked_while_its_index_is_out_of_reach(
    index: PackageIndex, mirrored: MirroredFolder, tmp_path: Path
) -> None:
    mirrored.python_plugin("Filters", "numpyish", "small")
    first = mirrored.run(Settings())
    mirrored.house.path(NUMPYISH.name).unlink()
    index.on_request = lambda count, path: Sending(503, b"") if "/simple/" in path else None
    report = mirrored.run(Settings())
    assert (report.lock.environments, report.lock.artifacts) == (first.lock.environments, first.lock.artifacts)
    assert {(item.asked, item.passing) for item in report.missing} == {("numpyish", True), ("small", True)}
    index.on_request = lambda count, path: None
    assert mirrored.run(Settings()).lock == first.lock


def test_environments_for_other_targets_stay_while_they_are_wanted(
    index: PackageIndex, mirrored: MirroredFolder
) -> None:
    mirrored.python_plugin("Filters", "small")
    lock = mirrored.run(Settings()).lock
    other = LockedEnvironment(("small",), "x86_64-pc-windows-msvc", "3.12", (SMALL.name,))
    idle = LockedEnvironment(("idle",), "x86_64-pc-windows-msvc", "3.12", (SMALL.name,))
    environments = (*lock.environments, other, idle)
    write_lockfile(mirrored.folder.lock_file, type(lock).of(lock.artifacts, [], [], [], [], environments))
    report = mirrored.run(Settings())
    assert set(report.lock.environments) == {*lock.environments, other}
    assert len(mirrored.house.pylocks()) == 2
    mirrored.house.path(SMALL.name).unlink()
    assert mirrored.run(Settings()).lock == report.lock
    assert mirrored.house.files() == [SMALL.name]


# pip's settings


def test_an_index_behind_a_login_gets_it_and_nobody_else_sees_it(index: PackageIndex, mirrored: MirroredFolder) -> None:
    index.login = "Basic bWU6cyNjcmV0"
    mirrored.python_plugin("Filters", "lab-images", "nowhere")
    with_login = index.address.replace("://", "://me:s%23cret@")
    mirrored.environ["PIP_INDEX_URL"] = with_login
    report = mirrored.run(Settings())
    assert [item.asked for item in report.missing] == ["nowhere"]
    (mirrored.folder.own_repository / "Filters.imjoy.html").unlink()
    mirrored.python_plugin("Images", "lab-images")
    report = mirrored.run(Settings())
    assert report.missing == () and mirrored.house.files() == names([IMAGES, NUMPYISH])
    index.login = "Basic changed"
    mirrored.python_plugin("More", "small")
    (item,) = mirrored.run(Settings()).missing
    assert item.passing and "401 Unauthorized" in item.reason
    everything = b"".join(mirrored.every_file().values()) + repr(mirrored.progress.events).encode()
    assert not any(secret in everything for secret in (b"cret", b"me:s", b"bWU6"))


def test_one_index_of_two_that_refuses_is_told(index: PackageIndex, mirrored: MirroredFolder, tmp_path: Path) -> None:
    own = made_wheel("own", "1.0")
    with running_index() as other:
        other.offer(own)
        other.login = "Basic bWU6c2VjcmV0"
        mirrored.environ["PIP_EXTRA_INDEX_URL"] = other.address
        mirrored.python_plugin("Filters", "own", "small")
        missed = mirrored.run(Settings()).missing
        assert [(item.asked, item.passing) for item in missed] == [("own", True), ("small", True)]
        assert all("401 Unauthorized" in item.reason for item in missed)
        mirrored.environ["PIP_EXTRA_INDEX_URL"] = other.address.replace("://", "://me:secret@")
        assert mirrored.run(Settings()).missing == ()


def test_a_login_from_netrc(index: PackageIndex, mirrored: MirroredFolder, tmp_path: Path) -> None:
    index.login = "Basic bWU6c2VjcmV0"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / "home" / ".netrc").chmod(0o600)
    mirrored.python_plugin("Filters", "small")
    assert mirrored.run(Settings()).missing == ()


def test_folders_of_wheels_are_links_too_and_are_copied(
    index: PackageIndex, mirrored: MirroredFolder, tmp_path: Path
) -> None:
    own = made_wheel("own", "1.0", "small")
    links = tmp_path / "our wheels, all"
    links.mkdir()
    (links / own.name).write_bytes(own.content)
    # pip parts its settings at blanks, so the address is written as one.
    mirrored.environ["PIP_FIND_LINKS"] = f"{links.as_uri()} {tmp_path / 'absent'}"
    mirrored.python_plugin("Filters", "own")
    report = mirrored.run(Settings())
    assert mirrored.house.files() == names([own, SMALL]) and report.missing == ()
    assert any("absent" in text and "not there" in text for text in mirrored.told("warning"))
    assert str(tmp_path).encode() not in mirrored.lock_bytes
    (links / own.name).unlink()
    mirrored.house.path(own.name).unlink()
    (item,) = mirrored.run(Settings()).missing
    assert (item.asked, item.passing) == ("own", False) and str(tmp_path) not in item.reason


def test_a_folder_relative_to_the_working_folder_and_no_index(mirrored: MirroredFolder, index: PackageIndex) -> None:
    (mirrored.folder.root / "wheels here").mkdir()
    (mirrored.folder.root / "here").mkdir()
    (mirrored.folder.root / "here" / SMALL.name).write_bytes(SMALL.content)
    mirrored.environ |= {"PIP_FIND_LINKS": "here", "PIP_NO_INDEX": "1"}
    mirrored.python_plugin("Filters", "small")
    mirrored.python_plugin("Images", "lab-images")
    assert [item.asked for item in mirrored.run(Settings()).missing] == ["lab-images"]
    assert index.seen == [] and mirrored.house.files() == [SMALL.name]


def test_versions_are_taken_from_all_indexes_as_pip_does(
    index: PackageIndex, mirrored: MirroredFolder, tmp_path: Path
) -> None:
    newer = made_wheel("small", "0.9")
    with running_index() as other:
        other.offer(newer, made_wheel("numpyish", "1.5"))
        mirrored.environ["PIP_EXTRA_INDEX_URL"] = other.address
        mirrored.python_plugin("Filters", "small", "numpyish")
        mirrored.run(Settings())
    assert mirrored.house.files() == names([newer, NUMPYISH])


def test_constraints_are_kept_and_told_where_they_are_in_the_way(mirrored: MirroredFolder, tmp_path: Path) -> None:
    (tmp_path / "caps.txt").write_text("numpyish<2\n")
    mirrored.environ["PIP_CONSTRAINT"] = str(tmp_path / "caps.txt")
    mirrored.python_plugin("Filters", "numpyish")
    mirrored.python_plugin("New", "numpyish>=2")
    report = mirrored.run(Settings())
    assert mirrored.house.files() == ["numpyish-1.0-py3-none-any.whl"]
    (item,) = report.missing
    assert item.plugin == "New" and "numpyish<2" in item.reason
    mirrored.environ["PIP_CONSTRAINT"] = str(tmp_path / "absent.txt")
    mirrored.python_plugin("More", "small")
    (item,) = [item for item in mirrored.run(Settings()).missing if item.plugin == "More"]
    assert item.passing and str(tmp_path) not in item.reason
    assert any("absent.txt" in text for text in mirrored.told("warning"))


def test_an_index_that_tells_no_digests_is_believed_once(index: PackageIndex, mirrored: MirroredFolder) -> None:
    index.hashes = False
    mirrored.python_plugin("Filters", "small")
    first = mirrored.run(Settings())
    assert first.lock.artifacts[0].sha256 == SMALL.sha256
    mirrored.house.path(SMALL.name).unlink()
    index.offer(made_wheel("small", "0.1", more=b"other"))
    with pytest.raises(IntegrityError, match=r"small-0\.1"):
        mirrored.run(Settings())
    index.offer(SMALL)
    assert mirrored.run(Settings()).lock == first.lock


def test_an_address_that_is_none(mirrored: MirroredFolder) -> None:
    mirrored.python_plugin("Filters", "small")
    mirrored.environ["PIP_INDEX_URL"] = "ftp://example.org/simple"
    with pytest.raises(ConfigError, match="neither http nor https"):
        mirrored.run(Settings())


def test_a_host_may_be_asked_elsewhere(index: PackageIndex, mirrored: MirroredFolder) -> None:
    mirrored.environ["PIP_INDEX_URL"] = "https://packages.example/simple/"
    mirrored.python_plugin("Filters", "small")
    settings = Settings(upstream=UpstreamSettings(hosts={"packages.example": index.base}))
    assert mirrored.run(settings).missing == ()


def test_the_authority_of_a_lab_and_a_host_that_need_not_be_verified(mirrored: MirroredFolder, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "lab.pem").write_text(CERTIFICATE)
    with running_index(tmp_path / "server") as server:
        server.offer(SMALL, NUMPYISH)
        mirrored.environ = server.environ(tmp_path / "home")
        mirrored.python_plugin("Filters", "small")
        (item,) = mirrored.run(Settings()).missing
        assert item.passing and "certificate is not trusted" in item.reason
        mirrored.environ = server.environ(tmp_path / "home", PIP_CERT=str(tmp_path / "lab.pem"))
        assert mirrored.run(Settings()).missing == ()
        mirrored.python_plugin("More", "numpyish")
        mirrored.environ = server.environ(tmp_path / "home", PIP_TRUSTED_HOST="127.0.0.1")
        assert mirrored.run(Settings()).missing == ()


def test_fetching_is_told_as_it_goes(index: PackageIndex, mirrored: MirroredFolder) -> None:
    mirrored.python_plugin("Filters", "lab-images", "small")
    mirrored.run(Settings())
    events = [event for event in mirrored.progress.events if event.kind in ("step", "item")]
    assert next(event.text for event in events if event.kind == "step") == "Looking up Python packages"
    assert (events[1].text, events[1].done, events[1].total) == ("lab-images, small", 1, 1)
    wheels = events[3:]
    assert {event.text for event in wheels} == {"lab-images 1.4.0", "numpyish 2.0", "small 0.1"}
    assert [(event.done, event.total) for event in wheels] == [(1, 3), (2, 3), (3, 3)]
    total = sum(len(wheel.content) for wheel in (IMAGES, NUMPYISH, SMALL))
    assert wheels[-1].done_bytes == total


def test_uv_that_is_not_there_is_told(mirrored: MirroredFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise FetchError("The program uv, which chooses Python wheels, is not in this installation.")

    monkeypatch.setattr(pypi, "_uv", gone)
    mirrored.python_plugin("Filters", "small")
    (item,) = mirrored.run(Settings()).missing
    assert item.passing and "uv" in item.reason
