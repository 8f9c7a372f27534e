"""The watch on the cut network itself: it is silent while nothing leaves, and catches all that tries."""

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tests.helpers.browser import open_browser
from tests.helpers.dns_recorder import DnsRecorder
from tests.helpers.netcut import NAMESPACE, cut_by_proxy, cut_network, describe_packet
from tests.helpers.positive_control import assert_leaks_are_caught

QUESTION = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x00\x00\x1c\x00\x01"
ASK = """\
import socket, sys
try:
    socket.getaddrinfo("asked-by-a-child.example", 80)
except OSError as error:
    print("refused")
"""


def test_the_best_cut_catches_names_numbers_and_workers(tmp_path: Path, say: Callable[[str], None]) -> None:
    with cut_network() as cut:
        say(cut.how)
        arguments, environment = cut.browser_arguments, cut.environment
        with open_browser(tmp_path, arguments=arguments, environment=environment) as browser:
            assert_leaks_are_caught(cut, browser)


def test_the_fallback_catches_names_numbers_and_workers(tmp_path: Path) -> None:
    with cut_by_proxy() as cut:
        arguments, environment = cut.browser_arguments, cut.environment
        with open_browser(tmp_path, arguments=arguments, environment=environment) as browser:
            assert_leaks_are_caught(cut, browser)


def test_children_share_the_cut_loopback_works_and_everything_is_as_before_afterwards() -> None:
    here = Path.cwd()
    before = Path("/etc/resolv.conf").read_bytes() if Path("/etc/resolv.conf").exists() else b""
    listener = socket.create_server(("127.0.0.1", 0))
    with cut_network() as cut:
        inside = socket.create_server(("127.0.0.1", 0))
        socket.create_connection(inside.getsockname(), timeout=5).close()
        inside.close()
        assert cut.leaks() == []
        if cut.how == NAMESPACE:
            asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, timeout=60, check=True)
            assert asked.stdout.strip() == "refused"
            assert "name asked-by-a-child.example" in cut.leaks()
            # A thread that still runs shares our working directory; leaving must work all the same.
            threading.Thread(target=threading.Event().wait, args=(5,), daemon=True).start()
    socket.create_connection(listener.getsockname(), timeout=5).close()
    listener.close()
    assert Path.cwd() == here
    assert (Path("/etc/resolv.conf").read_bytes() if os.path.exists("/etc/resolv.conf") else b"") == before  # noqa: PTH110


def test_the_recorder_answers_no_such_name_over_udp_and_tcp() -> None:
    with DnsRecorder(port=0).running() as recorder:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(5)
            udp.sendto(QUESTION, ("127.0.0.1", recorder.udp_port))
            answer = udp.recv(4096)
        with socket.create_connection(("127.0.0.1", recorder.tcp_port), timeout=5) as tcp:
            tcp.sendall(struct.pack(">H", len(QUESTION)) + QUESTION)
            framed = tcp.makefile("rb").read(2 + len(answer))
        assert answer[:2] == QUESTION[:2]
        assert answer[3] & 15 == 3
        assert answer[12:] == QUESTION[12:]
        assert framed[2:] == answer
        assert recorder.names == ["www.example", "www.example"]


def test_packets_are_told_in_words_and_the_kernels_own_are_left_out() -> None:
    ethernet = b"\0" * 12
    ipv4 = b"\x45" + b"\0" * 8 + b"\x06" + b"\0" * 6 + socket.inet_aton("198.51.100.7") + struct.pack(">HH", 4000, 443)
    assert describe_packet(ethernet + b"\x08\x00" + ipv4) == "tcp packet to 198.51.100.7 port 443"
    target = socket.inet_pton(socket.AF_INET6, "2001:db8::9")
    udp = b"\x60" + b"\0" * 5 + b"\x11" + b"\0" * 17 + target + struct.pack(">HH", 4000, 53)
    assert describe_packet(ethernet + b"\x86\xdd" + udp) == "udp packet to 2001:db8::9 port 53"
    solicitation = b"\x60" + b"\0" * 5 + b"\x3a" + b"\0" * 17 + target + b"\x87\0\0\0"
    assert describe_packet(ethernet + b"\x86\xdd" + solicitation) is None
    echo = b"\x60" + b"\0" * 5 + b"\x3a" + b"\0" * 17 + target + b"\x80\0\0\0"
    assert describe_packet(ethernet + b"\x86\xdd" + echo) == "icmpv6 packet to 2001:db8::9"
