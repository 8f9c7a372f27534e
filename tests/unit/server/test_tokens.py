"""imjoy_offline.server.tokens: made once, kept for its owner alone, keyed by the folder's real path."""

import json
import os
import stat
from pathlib import Path

import pytest

from imjoy_offline.errors import UsageError
from imjoy_offline.server import tokens
from imjoy_offline.server.places import cache_folder, state_folder
from imjoy_offline.server.tokens import given_token, kept_token, rotate_token, state_name, token_file


def test_a_token_is_made_once_and_found_again(tmp_path: Path) -> None:
    first = kept_token(tmp_path / "state", tmp_path / "folder")
    assert first.kept
    assert len(first.text) >= 43
    assert kept_token(tmp_path / "state", tmp_path / "folder") == first
    assert kept_token(tmp_path / "state", tmp_path / "other").text != first.text


def test_rotation_ends_the_old_one(tmp_path: Path) -> None:
    first = kept_token(tmp_path, tmp_path)
    second = rotate_token(tmp_path, tmp_path)
    assert second.text != first.text
    assert kept_token(tmp_path, tmp_path) == second


def test_another_name_of_the_folder_has_the_same_state(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert (
        state_name(tmp_path / "real") == state_name(tmp_path / "link") == state_name(tmp_path / "real" / ".." / "real")
    )


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept_token(tmp_path / "state", tmp_path)
    finally:
        os.umask(before)
    path = token_file(tmp_path / "state", tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_token_that_others_could_read_is_not_used_again(tmp_path: Path) -> None:
    first = kept_token(tmp_path, tmp_path)
    path = token_file(tmp_path, tmp_path)
    path.chmod(0o644)
    second = kept_token(tmp_path, tmp_path)
    assert second.text != first.text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"token": 5}', '{"token": "short"}', '{"token": "with space in it"}']
)
def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path, content: str) -> None:
    path = token_file(tmp_path, tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(content)
    path.chmod(0o600)
    assert kept_token(tmp_path, tmp_path).kept
    assert json.loads(path.read_text())["token"] == kept_token(tmp_path, tmp_path).text


def test_where_it_cannot_be_kept_it_is_for_this_run(tmp_path: Path) -> None:
    blocked = tmp_path / "state"
    blocked.write_text("a file where a folder should be")
    token = kept_token(blocked, tmp_path)
    assert not token.kept
    assert "this run only" in token.note
    assert len(token.text) >= 43


@pytest.mark.parametrize(
    "text", ["", "short12", "x" * 257, "with space", "slash/in/it", "new\nline12", "ümlaut-token", "a&b=c#d%20"]
)
def test_a_given_token_must_be_usable_in_a_link(text: str) -> None:
    with pytest.raises(UsageError, match="--token"):
        given_token(text)


def test_a_given_token_is_taken_as_it_is_and_not_kept() -> None:
    token = given_token("Given.token~1")
    assert (token.text, token.kept) == ("Given.token~1", False)
    assert "Given" not in repr(token)


def test_the_state_lies_in_the_persons_own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for place in (state_folder(), cache_folder()):
        assert "imjoy-offline" in place.parts
        if os.name == "posix":
            assert place.is_relative_to(tmp_path)
    assert state_folder() != cache_folder()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    tokens.write_private_bytes(path, b"old")

    def fail(self: Path, target: Path) -> Path:
        raise OSError("no")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no"):
        tokens.write_private_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
