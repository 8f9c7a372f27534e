"""imjoy_offline.server.prepare: everything is there before anything answers, or nothing is left behind."""

import socket
from pathlib import Path

import pytest

from imjoy_offline.errors import NotMirroredError, UsageError
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.prepare import pairing_url, prepare
from imjoy_offline.server.running import read_running
from tests.helpers.served_site import build_served_site


def test_what_was_asked_for_reaches_the_rules(tmp_path: Path) -> None:
    folder = build_served_site(tmp_path / "folder")
    config = ServerConfig(
        folder,
        port=0,
        sandbox_port=0,
        token="given-token",
        allow_origins=("https://imjoy.io",),
        engine=False,
        state=tmp_path,
    )
    prepared = prepare(config)
    try:
        assert prepared.rules.token == "given-token"
        assert prepared.rules.allow_origins == {"https://imjoy.io"}
        assert not prepared.rules.engine
        assert prepared.ready.url == f"http://127.0.0.1:{prepared.ports.app}/#/app?token=given-token"
        assert read_running(prepared.running) == prepared.identity
    finally:
        prepared.close()
    assert read_running(prepared.running) is None
    with socket.socket() as one:
        assert one.connect_ex(("127.0.0.1", prepared.ports.app)) != 0


def test_a_token_that_cannot_be_used_is_refused_before_anything_happens(tmp_path: Path) -> None:
    folder = build_served_site(tmp_path / "folder")
    with pytest.raises(UsageError):
        prepare(ServerConfig(folder, token="short", state=tmp_path / "state"))
    assert not (tmp_path / "state").exists()
    assert not folder.ports_file.exists()


def test_a_folder_without_a_site_takes_no_port(tmp_path: Path) -> None:
    with pytest.raises(NotMirroredError):
        prepare(ServerConfig(WorkingFolder(tmp_path), state=tmp_path / "state"))
    assert not (tmp_path / "cache").exists()


def test_a_state_directory_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    prepared = prepare(
        ServerConfig(build_served_site(tmp_path / "folder"), port=0, sandbox_port=0, state=tmp_path / "state")
    )
    prepared.close()
    assert "this run only" in prepared.token.note


def test_a_link_without_a_token_only_opens_the_app() -> None:
    assert pairing_url("http://127.0.0.1:8080", None) == "http://127.0.0.1:8080/#/app"
