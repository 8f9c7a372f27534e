"""Another program takes the port first, and waits for somebody to bring it a token."""

import json
import socket
import threading
from pathlib import Path

from tests.helpers.served_site import build_served_site
from tests.helpers.server_process import server_process


def test_a_program_on_the_remembered_port_is_named_and_told_nothing(tmp_path: Path) -> None:
    folder = build_served_site(tmp_path / "folder").root
    state = tmp_path / "state"
    with server_process(folder, state, port=None, sandbox_port=None) as server:
        ready = server.ready()
        server.process.kill()
        server.end()
    token = ready["url"].partition("token=")[2]
    port = int(ready["origin"].rpartition(":")[2])
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", port)) as squatter:

        def listen() -> None:
            try:
                while True:
                    connection, _ = squatter.accept()
                    with connection:
                        heard.append(connection.recv(65536))
                        connection.sendall(
                            b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + json.dumps({"proof": "0" * 64}).encode()
                        )
            except OSError:
                return

        threading.Thread(target=listen, daemon=True).start()
        with server_process(folder, state, port=None, sandbox_port=None) as server:
            said = server.wait_for("error ")
            status, lines = server.end()
        squatter.shutdown(socket.SHUT_RDWR)
    assert said.startswith("PortBusyError")
    assert str(port) in said
    assert status == 3
    assert heard, "the program was never asked to prove itself, so this test shows nothing"
    secret = json.loads(next((state / "running").iterdir()).read_text())["secret"]
    for request in heard:
        assert token.encode() not in request
        assert secret.encode() not in request
    assert not [line for line in lines if token in line]


def test_the_ipv6_side_of_the_port_is_ours_too(tmp_path: Path) -> None:
    """A browser asks [::1] first for localhost: nobody else may answer there with our port."""
    folder = build_served_site(tmp_path / "folder").root
    with socket.socket(socket.AF_INET6) as squatter:
        squatter.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        squatter.bind(("::1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with server_process(folder, tmp_path / "state", port=port) as server:
            assert server.wait_for("error ").startswith("PortBusyError")
