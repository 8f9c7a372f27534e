from pathlib import Path

import pytest

from imjoy_offline.cache.vendor import is_integrity, is_member_path, read_vendor
from imjoy_offline.errors import LockfileError

INTEGRITY = "sha512-" + "A" * 86 + "=="
SOUND = f"""
[[package]]
name = "@lit/reactive-element"
version = "2.1.1"
integrity = "{INTEGRITY}"
[package.files]
"reactive-element.js" = "{"a" * 64}"
"decorators/base.js" = "{"b" * 64}"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "vendor.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_packages_and_files_are_read(tmp_path: Path) -> None:
    vendor = read_vendor(write(tmp_path, SOUND))
    (package,) = vendor.packages
    assert (package.name, package.version, package.integrity) == ("@lit/reactive-element", "2.1.1", INTEGRITY)
    assert vendor.digests() == {
        "npm:@lit/reactive-element@2.1.1/decorators/base.js": "b" * 64,
        "npm:@lit/reactive-element@2.1.1/reactive-element.js": "a" * 64,
    }


def test_the_shipped_file_can_be_read() -> None:
    shipped = Path(__file__).parents[3] / "site_src/vendor.toml"
    assert read_vendor(shipped).packages


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[[package]]", "[package", "cannot be read"),
        ('"@lit/reactive-element"', '"../up"', "name is"),
        ('"2.1.1"', '"^2.1.1"', "must be exact"),
        ('"2.1.1"', "2.1", "must be exact"),
        (INTEGRITY, "sha1-abc", "integrity"),
        (INTEGRITY, "sha512-AAAA", "integrity"),
        ('"decorators/base.js"', '"../base.js"', "wrong line for the file '../base.js'"),
        ("b" * 64, "b" * 63, "wrong line"),
        (SOUND.partition("[package.files]")[2], "", "names no files"),
        ("[[package]]", "[package]", "no list of tables"),
        (SOUND, SOUND + SOUND, "twice"),
    ],
)
def test_a_wrong_file_is_an_error_in_words(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(LockfileError, match=words) as caught:
        read_vendor(write(tmp_path, SOUND.replace(old, new)))
    assert "vendor.toml" in caught.value.message and caught.value.hint


def test_an_absent_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LockfileError, match="is absent"):
        read_vendor(tmp_path / "vendor.toml")


@pytest.mark.parametrize("path", ["", "/a", "../a", "a/../b", "a//b", "./a", "a\\b", "a/"])
def test_ways_out_of_a_package_are_no_member_paths(path: str) -> None:
    assert not is_member_path(path)


def test_member_paths_and_integrities() -> None:
    assert is_member_path("dist/a b.min.js") and is_member_path("a")
    assert is_integrity(INTEGRITY)
    assert not is_integrity("sha512-%%%") and not is_integrity("")
