"""imjoy_offline.server.site: the tables of a built site, and following the pointer."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imjoy_offline.cache.store import Store
from imjoy_offline.errors import NotMirroredError, SiteError
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.server.site import SiteSource, canonical_url, read_site
from tests.helpers.served_site import MOVING_URL, SCRIPT_HASH, SMALL_URL, build_served_site


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    return build_served_site(tmp_path)


def built(folder: WorkingFolder) -> Path:
    root = folder.current_site()
    assert root is not None
    return root


def test_every_file_has_digest_and_type(folder: WorkingFolder) -> None:
    site = read_site(built(folder), Store(folder.objects))
    for name, entry in site.files.items():
        assert hashlib.sha256(entry.path.read_bytes()).hexdigest() == entry.digest, name
    assert site.files["app/js/main.js"].type == "text/javascript; charset=utf-8"
    assert site.script_hashes == (SCRIPT_HASH,)


def test_documents_of_others_are_not_among_the_vendors_files(folder: WorkingFolder) -> None:
    site = read_site(built(folder), Store(folder.objects))
    assert list(site.vendor) == ["/cdn/npm/lit@3.0.0/index.js"]


def test_only_exact_versions_last(folder: WorkingFolder) -> None:
    site = read_site(built(folder), Store(folder.objects))
    assert [site.mirrored(url).immutable for url in (SMALL_URL, MOVING_URL)] == [True, False]  # type: ignore[union-attr]


def rewrite(folder: WorkingFolder, change: Callable[[dict[str, Any]], object]) -> Path:
    """A copy of the site whose server.json is changed, with sums and name that agree with it."""
    root = built(folder)
    document = json.loads((root / "server.json").read_text())
    change(document)
    content = json.dumps(document).encode()
    lines = (root / "SHA256SUMS").read_text().splitlines()
    digest = hashlib.sha256(content).hexdigest()
    sums = "".join(f"{digest}  server.json\n" if line.endswith("  server.json") else f"{line}\n" for line in lines)
    (root / "server.json").write_bytes(content)
    (root / "SHA256SUMS").write_text(sums)
    return root.rename(root.with_name(hashlib.sha256(sums.encode()).hexdigest()))


def test_a_changed_site_with_sums_that_agree_is_read(folder: WorkingFolder) -> None:
    root = rewrite(folder, lambda document: document["urls"].clear())
    assert read_site(root, Store(folder.objects)).mirrored(SMALL_URL) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("urls"),
        lambda document: document.update(version=2),
        lambda document: document.update(script_hashes=["sha256-x'; script-src *"]),
        lambda document: document["urls"].update({"https://x/": {"sha256": "../../etc/passwd", "type": "text/plain"}}),
        lambda document: document["urls"].update({"https://x/": {"sha256": "a" * 64, "type": "text/plain\r\nX: y"}}),
        lambda document: document["urls"].update({"https://x/": {"sha256": "a" * 64}}),
        lambda document: document["urls"].update({"https://x/": []}),
        lambda document: document.update(vendor=[]),
    ],
)
def test_a_table_that_cannot_be_relied_upon_is_refused(
    folder: WorkingFolder, change: Callable[[dict[str, Any]], object]
) -> None:
    root = rewrite(folder, change)
    with pytest.raises(SiteError, match="python -m imjoy mirror"):
        read_site(root, Store(folder.objects))


@pytest.mark.parametrize("name", ["server.json", "SHA256SUMS"])
def test_a_table_that_is_not_as_it_was_built_is_refused(folder: WorkingFolder, name: str) -> None:
    path = built(folder) / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(SiteError):
        read_site(built(folder), Store(folder.objects))


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "a//b", "a/./b", "C:/x", "a\\..\\b", ".."])
def test_a_name_that_leads_out_of_the_site_is_refused(folder: WorkingFolder, name: str) -> None:
    root = built(folder)
    sums = (root / "SHA256SUMS").read_text() + f"{'a' * 64}  {name}\n"
    (root / "SHA256SUMS").write_text(sums)
    root = root.rename(root.with_name(hashlib.sha256(sums.encode()).hexdigest()))
    with pytest.raises(SiteError):
        read_site(root, Store(folder.objects))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Host.Example/a", "https://host.example/a"),
        ("https://host.example:443/a", "https://host.example/a"),
        ("http://host.example:80/a", "http://host.example/a"),
        ("https://host.example", "https://host.example/"),
        ("https://host.example/a#part", "https://host.example/a"),
        ("https://host.example/a%7Eb", "https://host.example/a~b"),
        ("https://host.example/%40scope/x", "https://host.example/@scope/x"),
        ("https://host.example/a?x=A%7CB", "https://host.example/a?x=A|B"),
    ],
)
def test_spellings_of_one_address(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://host.example/a", "http://host.example/a"),
        ("https://host.example/A", "https://host.example/a"),
        ("https://host.example:444/a", "https://host.example/a"),
        ("https://host.example/a?x", "https://host.example/a"),
        ("https://host.example/a/", "https://host.example/a"),
    ],
)
def test_addresses_that_are_two(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("url", ["https://host:port/", "https://[::1/", ""])
def test_what_is_no_address_has_a_spelling_too(url: str) -> None:
    assert isinstance(canonical_url(url), str)


def test_the_pointer_is_followed(folder: WorkingFolder) -> None:
    source = SiteSource(folder)
    assert source.refresh() is source.site
    first = source.site
    build_served_site(folder.root, {"app/js/main.js": b"export const app = 2;\n"})
    assert source.site is first
    assert source.refresh() is not first
    assert source.site.root == built(folder)


def test_a_pointer_that_goes_leaves_the_site_in_place(folder: WorkingFolder) -> None:
    source = SiteSource(folder)
    first = source.site
    (folder.site / "current").unlink()
    assert source.refresh() is first


def test_no_site_is_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(NotMirroredError, match="python -m imjoy --serve"):
        SiteSource(WorkingFolder(tmp_path))
