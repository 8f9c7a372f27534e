"""Manifests, and the plugins that a folder holds."""

import hashlib
import json
from pathlib import Path

import pytest

from imjoy_offline.errors import ManifestError
from imjoy_offline.plugin.manifest import (
    RepositoryEntry,
    manifest_of,
    read_manifest,
    scan_repository,
    write_manifest,
)


def plugin(name: str) -> str:
    config = json.dumps({"name": name, "type": "window", "version": "0.1.0"})
    return f'<config lang="json">{config}</config><script lang="javascript">x</script>'


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def manifest(folder: Path, *plugins: dict[str, object], **more: object) -> None:
    write(folder / "manifest.imjoy.json", json.dumps({"name": "R", "plugins": plugins, **more}))


def names(entries: tuple[RepositoryEntry, ...]) -> list[str]:
    return [entry.name for entry in entries]


def problems(entries: tuple[RepositoryEntry, ...]) -> dict[str, str | None]:
    return {entry.name: entry.problem for entry in entries if entry.config is None}


def test_read() -> None:
    found = read_manifest(
        json.dumps(
            {
                "name": "R",
                "description": "d",
                "version": "0.2.0",
                "uri_root": "plugins",
                "plugins": [{"name": "A", "uri": "a b.html"}, {"name": "B", "disabled": True}, "C", {"uri": "d"}],
                "collections": [{"name": "all", "plugins": ["A"]}],
            }
        ),
        "m.json",
    )
    assert (found.name, found.description, found.version, found.uri_root) == ("R", "d", "0.2.0", "plugins")
    assert [(entry.name, entry.uri, entry.disabled) for entry in found.plugins] == [
        ("A", "a b.html", False),
        ("B", "B.imjoy.html", True),
    ]
    assert found.collections == ({"name": "all", "plugins": ["A"]},)
    assert found.notes == (
        "Entry 3 of the manifest m.json has no name, so it is left out.",
        "Entry 4 of the manifest m.json has no name, so it is left out.",
    )


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "The manifest m.json is empty."),
        ('{"name": "R",\n"plugins": [\n{"name": "A"},\n]}', 3, "there is a comma after the last entry"),
        ("[]", 1, "it holds a list"),
        ('{"name": "R"}', 1, 'has no list "plugins"'),
        ('{"plugins": {}}', 1, 'has no list "plugins"'),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ManifestError) as raised:
        read_manifest(text, "m.json")
    assert words in raised.value.message
    assert raised.value.line == line
    assert raised.value.hint


def test_writing_and_reading_give_the_same() -> None:
    text = json.dumps(
        {
            "name": "R é",
            "description": "",
            "version": "1",
            "uri_root": "",
            "plugins": [
                {"name": "A", "uri": "x/a.imjoy.html", "tags": ["t"]},
                {"name": "B"},
                {"name": "C", "disabled": True},
            ],
            "collections": [{"name": "c"}],
        }
    )
    once = read_manifest(text, "m")
    assert read_manifest(write_manifest(once), "m") == once
    assert "é" in write_manifest(once)


def test_a_folder_without_manifest(tmp_path: Path) -> None:
    write(tmp_path / "b.imjoy.html", plugin("B"))
    write(tmp_path / "sub" / "a b.imjoy.html", "\ufeff" + plugin("A B").replace("><", ">\r\n<"))
    write(tmp_path / ".git" / "c.imjoy.html", plugin("hidden"))
    write(tmp_path / "node_modules" / "d.imjoy.html", plugin("foreign"))
    write(tmp_path / "page.html", plugin("no plugin"))
    entries = scan_repository(tmp_path)
    assert names(entries) == ["B", "A B"]
    assert problems(entries) == {}
    for entry in entries:
        assert hashlib.sha256(entry.text.encode()).digest() == hashlib.sha256(entry.path.read_bytes()).digest()


def test_the_manifest_gives_order_and_hides_what_it_disables(tmp_path: Path) -> None:
    for name in ("A", "B", "C", "D"):
        write(tmp_path / "plugins" / f"{name}.imjoy.html", plugin(name))
    manifest(
        tmp_path,
        {"name": "C"},
        {"name": "A", "uri": "A.imjoy.html"},
        {"name": "B", "disabled": True},
        uri_root="plugins/",
    )
    assert names(scan_repository(tmp_path)) == ["C", "A", "D"]


def test_places_that_a_manifest_may_name(tmp_path: Path) -> None:
    write(tmp_path / "sub dir" / "3D Plot.imjoy.html", plugin("3D Plot"))
    write(tmp_path / "Old.html", plugin("Old"))
    write(tmp_path / "Far.imjoy.html", plugin("Far"))
    manifest(
        tmp_path,
        {"name": "3D Plot", "uri": "sub%20dir/3D Plot.imjoy.html"},
        {"name": "Old"},
        {"name": "Far", "uri": "https://pages.example/r/Far.imjoy.html"},
        uri_root="https://pages.example/r/",
    )
    entries = scan_repository(tmp_path)
    assert names(entries) == ["3D Plot", "Old", "Far"]
    assert problems(entries) == {}


def test_what_a_manifest_lists_and_the_folder_lacks_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    write(tmp_path / "outside.imjoy.html", plugin("Outside"))
    write(folder / "good.imjoy.html", plugin("Good"))
    manifest(
        folder,
        {"name": "Gone"},
        {"name": "Outside", "uri": "../outside.imjoy.html"},
        {"name": "Rooted", "uri": str(tmp_path / "outside.imjoy.html")},
        {"name": "Remote", "uri": "https://pages.example/x.imjoy.html"},
    )
    entries = scan_repository(folder)
    assert names(entries) == ["Gone", "Outside", "Rooted", "Remote", "Good"]
    assert set(problems(entries)) == {"Gone", "Outside", "Rooted", "Remote"}
    assert problems(entries)["Gone"] == (
        'The manifest lists "Gone" at Gone.imjoy.html, but this folder has no such file.'
    )
    assert all(entry.text == "" for entry in entries if entry.config is None)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    outside = write(tmp_path / "outside" / "x.imjoy.html", plugin("Outside"))
    folder.mkdir()
    (folder / "linked").symlink_to(outside.parent)
    (folder / "y.imjoy.html").symlink_to(outside)
    manifest(folder, {"name": "Outside", "uri": "linked/x.imjoy.html"})
    assert set(problems(scan_repository(folder))) == {"Outside"}


def test_one_broken_plugin_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path / "good.imjoy.html", plugin("Good"))
    write(tmp_path / "json.imjoy.html", '<config lang="json">\n{"name": }\n</config>')
    write(tmp_path / "none.imjoy.html", "<p>hi</p>")
    (tmp_path / "latin.imjoy.html").write_bytes(b"<docs>caf\xe9</docs>")
    entries = scan_repository(tmp_path)
    assert [entry.name for entry in entries if entry.config] == ["Good"]
    found = problems(entries)
    assert found["latin"] == "The file latin.imjoy.html cannot be read: it is not UTF-8 text (byte 9)."
    assert "json.imjoy.html: The config block is not valid JSON at line 2" in (found["json"] or "")
    assert (found["none"] or "").startswith("none.imjoy.html: This is not a plugin file")


@pytest.mark.parametrize("text", ['{"plugins": [}', "[]"])
def test_a_broken_manifest_does_not_hide_the_plugins(tmp_path: Path, text: str) -> None:
    write(tmp_path / "good.imjoy.html", plugin("Good"))
    path = write(tmp_path / "manifest.imjoy.json", text)
    entries = scan_repository(tmp_path)
    assert names(entries) == ["manifest.imjoy.json", "Good"]
    assert entries[0].path == path
    assert "The manifest manifest.imjoy.json" in (entries[0].problem or "")


def test_two_plugins_of_one_name(tmp_path: Path) -> None:
    write(tmp_path / "a.imjoy.html", plugin("Same"))
    write(tmp_path / "b.imjoy.html", plugin("Same"))
    first, second = scan_repository(tmp_path)
    assert first.config is not None
    assert (second.config, second.problem) == (
        None,
        'b.imjoy.html: a.imjoy.html holds a plugin named "Same" too. Give one another name.',
    )


def test_the_manifest_of_a_scanned_folder_lists_it(tmp_path: Path) -> None:
    write(tmp_path / "x" / "a.imjoy.html", plugin("A"))
    write(tmp_path / "broken.imjoy.html", "")
    made = manifest_of(tmp_path, scan_repository(tmp_path), name="Lab", description="ours")
    write(tmp_path / "manifest.imjoy.json", write_manifest(made))
    assert read_manifest((tmp_path / "manifest.imjoy.json").read_text(encoding="utf-8"), "m") == made
    assert made.plugins[0].fields["version"] == "0.1.0"
    assert names(scan_repository(tmp_path)) == ["A", "broken"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        scan_repository(tmp_path / "nowhere")
