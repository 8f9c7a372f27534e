import asyncio
import socket

import pytest

from imjoy_offline.errors import FetchError, OfflineError
from imjoy_offline.mirror.addresses import Route, check_address, goes_by_proxy, is_public, routed

HOSTS = {"cdn.jsdelivr.net": "http://127.0.0.1:9000/jsdelivr/", "files.example:8443": "https://mirror.example"}


@pytest.mark.parametrize(
    ("url", "there", "trusted"),
    [
        ("https://cdn.jsdelivr.net/npm/a@1/b.js?v=1", "http://127.0.0.1:9000/jsdelivr/npm/a@1/b.js?v=1", True),
        ("https://CDN.jsdelivr.net", "http://127.0.0.1:9000/jsdelivr/", True),
        ("https://files.example:8443/a", "https://mirror.example/a", True),
        ("https://files.example/a", "https://files.example/a", False),
        ("https://unpkg.com/a", "https://unpkg.com/a", False),
    ],
)
def test_hosts_lead_to_a_labs_own_mirror(url: str, there: str, trusted: bool) -> None:
    assert routed(url, HOSTS, trusted=False) == Route(there, trusted)


def test_the_origin_of_a_route() -> None:
    assert Route("https://A.example/x", False).origin == ("https", "a.example", 443)
    assert Route("http://a.example:8080/x", False).origin == ("http", "a.example", 8080)


@pytest.mark.parametrize("url", ["ftp://a.example/x", "file:///etc/passwd", "https://", "http://a:b:c/", "x"])
def test_only_http_addresses_are_asked(url: str) -> None:
    with pytest.raises(FetchError, match="neither http nor https"):
        routed(url, {}, trusted=True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("151.101.1.229", True),
        ("2a04:4e42::485", True),
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:151.101.1.229", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("not an address", False),
    ],
)
def test_which_addresses_are_of_the_open_internet(address: str, public: bool) -> None:
    assert is_public(address) is public


def answer_with(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["151.101.1.229", "192.168.0.9"], ["::ffff:10.0.0.1"]])
def test_a_name_with_any_private_address_is_refused(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    answer_with(monkeypatch, *found)
    with pytest.raises(FetchError, match="private address") as caught:
        asyncio.run(check_address(Route("https://rebound.example/a.js", trusted=False), "The file a.js"))
    assert "The file a.js" in caught.value.message
    assert "rebound.example" not in caught.value.message and "upstream: hosts" in caught.value.hint


def test_what_the_person_configured_may_be_private(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, "127.0.0.1")
    asyncio.run(check_address(Route("http://lab.example/a.js", trusted=True), "The file a.js"))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "localhost"])
def test_numbers_and_localhost_are_refused(host: str) -> None:
    with pytest.raises(FetchError, match="private address"):
        asyncio.run(check_address(Route(f"http://{host}:8080/a.js", trusted=False), "x"))


def test_an_unknown_name_is_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(OfflineError, match="no name server"):
        asyncio.run(check_address(Route("https://nowhere.example/", trusted=False), "x"))


def test_behind_a_proxy_only_numbers_can_be_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:3128")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:3128")
    assert goes_by_proxy("https://a.example/x")
    assert not goes_by_proxy("https://127.0.0.1/x")
    monkeypatch.setenv("no_proxy", "nothing.example")
    asyncio.run(check_address(Route("https://a.example/x", trusted=False), "x"))
    for host in ("10.0.0.1", "[::1]", "0x7f000001", "2130706433", "localhost"):
        with pytest.raises(FetchError, match="private address"):
            asyncio.run(check_address(Route(f"http://{host}/x", trusted=False), "x"))
