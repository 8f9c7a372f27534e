"""Who must not learn the token: other users of the computer, whoever gets a copy of the folder, and the log."""

import logging
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from imjoy.rpc.wire import encode_frame
from tests.helpers.engine_client import HELLO, closed_with, engine_socket
from tests.helpers.served_site import TOKEN, build_served_site, serving
from tests.helpers.server_process import server_process


def test_it_is_in_its_owners_state_alone_and_not_in_the_folder(tmp_path: Path) -> None:
    folder = build_served_site(tmp_path / "folder").root
    with server_process(folder, tmp_path / "state") as server:
        token = server.ready()["url"].partition("token=")[2]
        inside = [path for path in folder.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
        assert not inside
        holding = [path for path in (tmp_path / "state").rglob("*") if path.is_file() and token in path.read_text()]
        assert [path.parent.name for path in holding] == ["tokens"]
        if os.name != "nt":
            for path in (tmp_path / "state").rglob("*"):
                assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("debug", [False, True])
def test_it_is_on_no_line_but_the_link(tmp_path: Path, debug: bool) -> None:
    folder = build_served_site(tmp_path / "folder").root
    with server_process(folder, tmp_path / "state", token=TOKEN, debug=debug) as server:
        port = int(server.ready()["origin"].rpartition(":")[2])
        with engine_socket(port) as connection:
            connection.send(encode_frame(HELLO))
            connection.recv(timeout=10)
        with engine_socket(port) as connection:
            connection.send(encode_frame({**HELLO, "token": TOKEN[:-1]}))
            assert closed_with(connection)[0] == 4401
        with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor:
            # A link in its query form: the page takes the token out of the address, but the request has it.
            visitor.sendall(f"GET /?token={TOKEN} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert visitor.recv(100).startswith(b"HTTP/1.1 200")
        command = Path(f"/proc/{server.process.pid}/environ")
        assert not command.exists() or TOKEN.encode() not in command.read_bytes()
        server.process.terminate()
        _, lines = server.end()
    assert not [line for line in lines if TOKEN[:-1] in line and not line.startswith("ready ")]


def test_a_refusal_tells_nothing_of_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        serving(build_served_site(tmp_path / "folder"), tmp_path / "state") as server,
    ):
        texts = [
            server.get("/api/status", ("Authorization", f"Bearer {TOKEN[:-1]}x")).text,
            server.get(f"/api/status?token={TOKEN}").text,
            server.get(f"/{TOKEN}", ("Authorization", f"Bearer {TOKEN}"), host="evil.example").text,
        ]
        with engine_socket(server) as connection:
            connection.send(encode_frame({**HELLO, "token": TOKEN + "x"}))
            with pytest.raises(ConnectionClosed) as closed:
                connection.recv(timeout=10)
            texts.append(str(closed.value))
    assert not [text for text in texts if TOKEN[:8] in text]


def test_a_stranger_who_asks_for_proofs_learns_nothing_about_it(tmp_path: Path) -> None:
    """The proof of a second start is made with a secret of the start, so it cannot be used to try out tokens."""
    folder = build_served_site(tmp_path / "folder")
    target = "/api/hello?nonce=" + "0" * 64
    answers = set()
    for _ in range(2):
        with serving(folder, tmp_path / "state", token=TOKEN) as server:
            answers.add(server.get(target).text)
    assert len(answers) == 2, "the same token gave the same proof at another start"


def test_a_browser_is_started_without_it(tmp_path: Path) -> None:
    """Everybody on a computer can read everybody's command lines."""
    folder = build_served_site(tmp_path / "folder").root
    program = tmp_path / "browser.py"
    program.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        f"pathlib.Path({str(tmp_path / 'seen')!r}).write_text(' '.join(sys.argv))\n"
    )
    program.chmod(0o755)
    with server_process(folder, tmp_path / "state", {"BROWSER": f"{program} %s"}, open_browser=True) as server:
        token = server.ready()["url"].partition("token=")[2]
        listed = ""
        while not (tmp_path / "seen").exists():
            listed += subprocess.run(["ps", "-ef"], capture_output=True, text=True, check=False).stdout
            assert server.process.poll() is None
        assert token not in listed
        assert token not in (tmp_path / "seen").read_text()
