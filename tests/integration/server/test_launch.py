"""Starting and stopping the server as a process: its link, signals, a second start, busy ports, the browser."""

import json
import os
import signal
import socket
import stat
import sys
import time
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.engine_client import HELLO, engine_socket, exchange
from tests.helpers.served_site import TOKEN, build_served_site, read_answer
from tests.helpers.server_process import ServerProcess, server_process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build_served_site(tmp_path / "folder").root


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def get(port: int, target: str = "/") -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        return read_answer(connection).status


def port_of(url: str) -> int:
    port = urllib.parse.urlsplit(url).port
    assert port
    return port


def interrupt(server: ServerProcess, sign: signal.Signals = signal.SIGINT) -> None:
    server.process.send_signal(sign)


def test_the_link_pairs_and_the_server_answers(folder: Path, state: Path) -> None:
    with server_process(folder, state) as server:
        ready = server.ready()
        address, _, token = ready["url"].partition("/#/app?token=")
        assert address == ready["origin"]
        assert len(token) >= 43
        assert get(port_of(address)) == 200
        assert get(port_of(ready["sandbox_origin"]), "/sandbox/frame.html") == 200
        assert ready["already"] is False


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_it_in_good_order(folder: Path, state: Path, sign: signal.Signals) -> None:
    with server_process(folder, state) as server:
        port = port_of(server.ready()["url"])
        # An idle connection does not hold the end up.
        with socket.create_connection(("127.0.0.1", port)):
            before = time.monotonic()
            interrupt(server, sign)
            status, lines = server.end()
        assert status == 0
        assert time.monotonic() - before < 3
        assert not [line for line in lines if "Traceback" in line or "Error" in line]
        assert not list((state / "running").iterdir())
    with socket.socket() as one:
        assert one.connect_ex(("127.0.0.1", port)) != 0


ENDLESS_URL = "https://cdn.example.org/endless.bin"


def hold_it_up(ready: dict[str, Any]) -> socket.socket:
    """A client that asks for more than the system takes in advance, and then reads no further."""
    port = port_of(ready["sandbox_origin"])
    reader = socket.create_connection(("127.0.0.1", port))
    target = ENDLESS_URL.replace("://", "/")
    reader.sendall(f"GET /cdn/x/{target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    assert reader.recv(1000).startswith(b"HTTP/1.1 200")
    return reader


def test_a_client_that_never_finishes_holds_it_up_for_the_quit_timeout_and_no_longer(
    tmp_path: Path, state: Path
) -> None:
    folder = build_served_site(tmp_path / "folder", urls={ENDLESS_URL: bytes(40_000_000)}).root
    for seconds in (0, 2):
        with server_process(folder, state, force_quit_seconds=seconds) as server, hold_it_up(server.ready()):
            before = time.monotonic()
            interrupt(server)
            assert server.end()[0] == 0
            assert seconds <= time.monotonic() - before < seconds + 2


def test_a_second_signal_ends_it_at_once(tmp_path: Path, state: Path) -> None:
    folder = build_served_site(tmp_path / "folder", urls={ENDLESS_URL: bytes(40_000_000)}).root
    with server_process(folder, state, force_quit_seconds=60) as server, hold_it_up(server.ready()):
        before = time.monotonic()
        while server.process.poll() is None and time.monotonic() - before < 20:
            interrupt(server)
            time.sleep(0.2)
        assert server.process.poll() == 130
        assert time.monotonic() - before < 3


def browser_that_writes(path: Path) -> dict[str, str]:
    """An environment whose browser is a program that writes its argument, and that program's parent command line."""
    program = path / "browser.py"
    program.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        f"target = pathlib.Path({str(path / 'opened.txt')!r})\n"
        "with target.open('a') as stream: stream.write(sys.argv[1] + '\\n')\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return {"BROWSER": f"{program} %s"}


def opened_addresses(path: Path, count: int) -> list[str]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        lines = (path / "opened.txt").read_text().splitlines() if (path / "opened.txt").exists() else []
        if len(lines) >= count:
            return lines
        time.sleep(0.05)
    raise AssertionError("the browser was not opened")


def test_the_browser_is_opened_without_the_token_on_its_command_line(folder: Path, state: Path, tmp_path: Path) -> None:
    with server_process(folder, state, browser_that_writes(tmp_path), open_browser=True) as server:
        ready = server.ready()
        (address,) = opened_addresses(tmp_path, 1)
        token = ready["url"].partition("token=")[2]
        assert token not in address
        page = Path(urllib.parse.unquote(urllib.parse.urlsplit(address).path))
        assert ready["url"] in page.read_text(encoding="utf-8")
        if os.name != "nt":
            assert stat.S_IMODE(page.stat().st_mode) == 0o600
            assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700


def test_no_browser_is_no_failure(folder: Path, state: Path) -> None:
    environment = {"BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    with server_process(folder, state, environment, open_browser=True) as server:
        ready = server.ready()
        assert "open the link yourself" in server.wait_for("note ")
        assert get(port_of(ready["url"])) == 200


def test_a_second_start_opens_the_browser_on_the_first(folder: Path, state: Path, tmp_path: Path) -> None:
    with server_process(folder, state) as first:
        ready = first.ready()
        with server_process(folder, state, browser_that_writes(tmp_path), open_browser=True) as second:
            again = second.ready()
            assert again == {**ready, "already": True}
            assert second.end()[0] == 0
        (address,) = opened_addresses(tmp_path, 1)
        page = Path(urllib.parse.unquote(urllib.parse.urlsplit(address).path))
        assert ready["url"] in page.read_text(encoding="utf-8")
        assert first.process.poll() is None
        assert get(port_of(ready["url"])) == 200


def test_a_second_start_by_another_name_of_the_folder_is_one_too(folder: Path, state: Path, tmp_path: Path) -> None:
    other_name = tmp_path / "link"
    other_name.symlink_to(folder, target_is_directory=True)
    with server_process(folder, state) as first:
        ready = first.ready()
        with server_process(other_name, state) as second:
            assert second.ready()["origin"] == ready["origin"]


def test_a_token_of_the_first_start_alone_is_not_known_to_the_second(folder: Path, state: Path) -> None:
    with server_process(folder, state, token="only-for-this-run") as first:
        ready = first.ready()
        assert ready["url"].endswith("token=only-for-this-run")
        with server_process(folder, state) as second:
            assert second.ready()["url"] == ready["origin"] + "/#/app"
    kept = [path.read_text(encoding="utf-8") for path in state.rglob("*") if path.is_file()]
    assert "only-for-this-run" not in "".join(kept)


def test_the_token_is_not_rotated_below_a_running_server(folder: Path, state: Path) -> None:
    with server_process(folder, state) as first:
        first.ready()
        with server_process(folder, state, rotate_token=True) as second:
            assert "StartError" in second.wait_for("error ")
            assert second.end()[0] == 3


def test_tokens_and_ports_last_until_rotated(folder: Path, state: Path) -> None:
    urls = []
    for rotate in (False, False, True, False):
        with server_process(folder, state, port=None, sandbox_port=None, rotate_token=rotate) as server:
            urls.append(server.ready()["url"])
            interrupt(server)
            server.end()
    assert urls[0] == urls[1] != urls[2] == urls[3]
    assert len({port_of(url) for url in urls}) == 1
    remembered = json.loads((folder / "cache/ports.json").read_text())
    assert remembered["app"] == port_of(urls[0])
    assert urls[0].partition("token=")[2] not in "".join(
        path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()
    )


def test_a_folder_that_died_hard_starts_again(folder: Path, state: Path) -> None:
    with server_process(folder, state, port=None, sandbox_port=None) as server:
        first = server.ready()
        server.process.kill()
        server.end()
    assert list((state / "running").iterdir())
    with server_process(folder, state, port=None, sandbox_port=None) as server:
        assert server.ready() == first


def test_a_busy_port_is_named_with_its_holder(folder: Path, state: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with server_process(folder, state, port=port) as server:
            said = server.wait_for("error ")
            assert said.startswith("PortBusyError")
            assert f"Port {port} is held by" in said
            if sys.platform == "linux":
                assert f"(process {os.getpid()})" in said
            assert "--port" in said
            assert server.end()[0] == 3


def test_two_starts_at_one_moment_are_one_server(folder: Path, state: Path) -> None:
    (folder / "cache/ports.json").write_text(json.dumps({"version": 1, **free_ports()}))
    with (
        server_process(folder, state, port=None, sandbox_port=None) as one,
        server_process(folder, state, port=None, sandbox_port=None) as other,
    ):
        both = [one.ready(), other.ready()]
        assert sorted(ready["already"] for ready in both) == [False, True]
        assert both[0]["url"] == both[1]["url"]


def free_ports() -> dict[str, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return {"app": one.getsockname()[1], "sandbox": other.getsockname()[1]}


def test_a_folder_that_was_never_mirrored_says_so(tmp_path: Path, state: Path) -> None:
    with server_process(tmp_path / "empty", state) as server:
        said = server.wait_for("error ")
        assert said.startswith("NotMirroredError")
        assert "python -m imjoy --serve" in said
        assert server.end()[0] == 4
    assert not (tmp_path / "empty").exists()


def test_a_first_message_reaches_the_engine_before_the_library_was_loaded(folder: Path, state: Path) -> None:
    with server_process(folder, state, token=TOKEN) as server:
        port = port_of(server.ready()["url"])
        with engine_socket(port) as connection:
            assert exchange(connection, HELLO)["type"] == "welcome"
