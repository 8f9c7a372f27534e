"""imjoy_offline.server.running: the file and the proof."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from imjoy_offline.server.running import new_identity, read_running, remove_running, running_file, write_running


def test_what_was_written_is_read(tmp_path: Path) -> None:
    identity = new_identity(8080, 8081, token_kept=True)
    path = running_file(tmp_path, tmp_path)
    write_running(path, identity)
    assert read_running(path) == identity
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 or os.name == "nt"
    assert json.loads(path.read_text())["pid"] == os.getpid()


def test_the_proof_binds_number_port_and_start() -> None:
    identity = new_identity(8080, 8081, token_kept=True)
    proof = identity.proof("0" * 64)
    assert proof == identity.proof("0" * 64)
    others = [
        identity.proof("1" * 64),
        replace(identity, port=8082).proof("0" * 64),
        new_identity(8080, 8081, token_kept=True).proof("0" * 64),
    ]
    assert proof not in others
    assert identity.secret not in repr(identity)


@pytest.mark.parametrize(
    "change", [{"port": 0}, {"port": "8080"}, {"port": True}, {"secret": "short"}, {"sandbox_port": 70000}]
)
def test_a_file_that_makes_no_sense_tells_of_nobody(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "running.json"
    write_running(path, new_identity(8080, 8081, token_kept=True))
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert read_running(path) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", "null"])
def test_no_file_and_an_empty_one_tell_of_nobody(tmp_path: Path, content: str) -> None:
    assert read_running(tmp_path / "none.json") is None
    (tmp_path / "running.json").write_text(content)
    assert read_running(tmp_path / "running.json") is None


def test_only_ones_own_file_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "running.json"
    mine, other = new_identity(1, 2, token_kept=True), new_identity(3, 4, token_kept=True)
    write_running(path, other)
    remove_running(path, mine)
    assert read_running(path) == other
    remove_running(path, other)
    assert not path.exists()
    remove_running(path, other)
