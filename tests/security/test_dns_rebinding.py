"""A page of evil.example makes its name point at 127.0.0.1, so that the browser takes our server for evil.example.

The browser then sends the foreign name as Host, and no Origin (or the foreign one): the name alone gives it away.
"""

from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from tests.helpers.engine_client import HELLO, engine_socket, exchange
from tests.helpers.served_site import TOKEN, Served, build_served_site, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served")
    with serving(build_served_site(root / "folder"), root / "state") as served:
        yield served


TARGETS = ["/", "/catalogue.json", "/app/js/main.js", "/api/status", "/api/hello?nonce=" + "0" * 64, "/engine", "/no"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("sandbox", [False, True])
def test_no_address_answers_to_a_foreign_name(server: Served, target: str, sandbox: bool) -> None:
    port = server.sandbox_port if sandbox else server.port
    answer = server.get(
        target,
        ("Authorization", f"Bearer {TOKEN}"),
        ("Sec-Fetch-Site", "same-origin"),
        host=f"evil.example:{port}",
        sandbox=sandbox,
    )
    assert answer.status == 421
    assert "another's name" in answer.text
    assert answer.header("Access-Control-Allow-Origin") in (None, "*")
    assert TOKEN not in answer.text


def test_the_engine_does_not_answer_to_a_foreign_name(server: Served) -> None:
    for host in (f"evil.example:{server.port}", f"localhost:{server.port}", "evil.example"):
        with pytest.raises(InvalidStatus) as refused, engine_socket(server, additional_headers={"Host": host}):
            pass
        # Two Host headers came, the library's own being the first: that is refused as such.
        assert refused.value.response.status_code in (400, 403, 421)


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host"])
def test_no_other_header_speaks_for_the_host(server: Served, header: str) -> None:
    own = f"127.0.0.1:{server.port}"
    assert server.get("/", (header, own), host="evil.example").status == 421
    assert server.get("/", (header, "evil.example")).status == 200


def test_the_right_name_does_all_that_was_refused(server: Served) -> None:
    assert server.get("/api/status", ("Authorization", f"Bearer {TOKEN}")).status == 200
    with engine_socket(server) as connection:
        assert exchange(connection, HELLO)["type"] == "welcome"
