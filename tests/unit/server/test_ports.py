"""imjoy_offline.server.ports: option, memory, next free one; and never another port in silence."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from imjoy_offline.errors import PortBusyError, StartError
from imjoy_offline.server import ports
from imjoy_offline.server.ports import Ports, bind_ports, read_ports


@contextmanager
def listener(address: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as one:
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((address, port))
        one.listen()
        yield one.getsockname()[1]


def free_port() -> int:
    with listener() as port:
        return port


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ports file in a folder of its own, and a first port that other programs of this computer leave alone."""
    monkeypatch.setattr(ports, "FIRST_PORT", 20_000 + os.getpid() % 20_000)
    return tmp_path / "cache" / "ports.json"


def remember(file: Path, **document: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"version": 1, **document}))


def test_the_first_start_takes_the_first_free_ones_and_remembers_both(file: Path) -> None:
    with closing(bind_ports(Ports(), file)) as bound:
        assert ports.FIRST_PORT <= bound.app < bound.sandbox <= ports.FIRST_PORT + ports.TRIED_PORTS
        assert json.loads(file.read_text()) == {"version": 1, "app": bound.app, "sandbox": bound.sandbox}
        assert bound.note == ""
    with closing(bind_ports(Ports(), file)) as again:
        assert (again.app, again.sandbox) == (bound.app, bound.sandbox)


def test_a_busy_first_port_is_passed_over(file: Path) -> None:
    with listener(port=ports.FIRST_PORT), closing(bind_ports(Ports(), file)) as bound:
        assert bound.app > ports.FIRST_PORT


def test_sockets_listen_on_every_loopback_address(file: Path) -> None:
    with closing(bind_ports(Ports(), file)) as bound:
        assert {one.getsockname()[0] for one in bound.sockets} <= {"127.0.0.1", "::1"}
        for one in bound.sockets:
            with socket.create_connection(one.getsockname()[:2], timeout=5):
                pass


def test_a_remembered_port_that_is_busy_is_an_error_that_names_it(file: Path) -> None:
    with listener() as port:
        remember(file, app=port, sandbox=free_port())
        with pytest.raises(PortBusyError, match=f"Port {port} is held by this very program") as caught:
            bind_ports(Ports(), file)
        assert "--port" in caught.value.hint
        assert "has used that port before" in caught.value.hint
        remember(file, app=free_port(), sandbox=port)
        with pytest.raises(PortBusyError, match=f"Port {port} .*") as caught:
            bind_ports(Ports(), file)
        assert "--sandbox-port" in caught.value.hint


def test_a_port_that_is_busy_on_ipv6_alone_is_busy(file: Path) -> None:
    with listener("::1") as port, pytest.raises(PortBusyError):
        bind_ports(Ports(app=port), file)


def test_an_option_comes_first_and_is_not_remembered(file: Path) -> None:
    kept, option = free_port(), free_port()
    remember(file, app=kept, sandbox=free_port())
    before = file.read_text()
    with closing(bind_ports(Ports(app=option), file)) as bound:
        assert bound.app == option
    assert file.read_text() == before
    with listener() as busy, pytest.raises(PortBusyError, match=str(busy)):
        bind_ports(Ports(app=busy), file)


def test_one_option_leaves_the_other_port_to_be_chosen_and_remembered(file: Path) -> None:
    option = free_port()
    with closing(bind_ports(Ports(app=option), file)) as bound:
        assert json.loads(file.read_text()) == {"version": 1, "sandbox": bound.sandbox}


def test_an_option_that_is_the_remembered_sandbox_moves_the_sandbox(file: Path) -> None:
    port = free_port()
    remember(file, app=free_port(), sandbox=port)
    with closing(bind_ports(Ports(app=port), file)) as bound:
        assert bound.app == port
        assert bound.sandbox != port


def test_a_failure_gives_everything_back(file: Path) -> None:
    app = free_port()
    with listener() as busy:
        for _ in range(3):
            with pytest.raises(PortBusyError, match=str(busy)):
                bind_ports(Ports(app, busy), file)
    assert not file.exists()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", Ports()),
        ("[]", Ports()),
        ("{", Ports()),
        ('{"app": "8080", "sandbox": true}', Ports()),
        ('{"app": 0, "sandbox": 65536}', Ports()),
        ('{"app": 8080}', Ports(8080, None)),
        ('{"app": 8080, "sandbox": 8080}', Ports(8080, None)),
        ('{"app": 8080, "sandbox": 8081}', Ports(8080, 8081)),
    ],
)
def test_a_file_that_makes_no_sense_counts_as_none(tmp_path: Path, content: str, expected: Ports) -> None:
    (tmp_path / "ports.json").write_text(content)
    assert read_ports(tmp_path / "ports.json") == expected


def test_a_folder_that_cannot_be_written_is_served_with_a_note(tmp_path: Path, file: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    with closing(bind_ports(Ports(), blocked / "ports.json")) as bound:
        assert "not remembered" in bound.note
        assert bound.app


def test_no_port_at_all_is_said_with_the_way_out(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "TRIED_PORTS", 1)
    with listener(port=ports.FIRST_PORT), pytest.raises(StartError, match="--port"):
        bind_ports(Ports(), file)


def test_a_port_of_the_system_is_said_to_be_one() -> None:
    error = ports._busy(80, "--port", PermissionError(13, "Permission denied"), remembered=False)
    assert "reserved for the system" in str(error)
