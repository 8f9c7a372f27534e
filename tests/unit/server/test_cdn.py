"""imjoy_offline.server.cdn: from the local address to the outside one, and what to say when it is missing."""

import pytest

from imjoy_offline.server.cdn import MISSING_HEADER, missing_answer, outside_url


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/cdn/x/https/cdn.example.org/npm/x@1/y.js", "https://cdn.example.org/npm/x@1/y.js"),
        ("/cdn/x/http/host:8000/a?b=c", "http://host:8000/a?b=c"),
        ("/cdn/x/https/host", "https://host/"),
        ("/cdn/x/https/host/", "https://host/"),
        ("/cdn/x/https/host?q", "https://host/?q"),
        ("/cdn/x/https/[::1]:80/a", "https://[::1]:80/a"),
        ("/cdn/x/https/host/a//b/../c", "https://host/a//b/../c"),
    ],
)
def test_outside_addresses(target: str, url: str) -> None:
    assert outside_url(target) == url


@pytest.mark.parametrize(
    "target",
    [
        "/cdn/x/",
        "/cdn/x/https",
        "/cdn/x/https/",
        "/cdn/x/file/host/x",
        "/cdn/x/HTTPS/host",
        "/cdn/x/https/a@b/",
        "/other",
    ],
)
def test_what_is_no_address(target: str) -> None:
    assert outside_url(target) is None


def test_a_very_long_address_still_makes_a_header() -> None:
    answer = missing_answer("https://host/" + "x" * 100_000)
    assert answer.status == 404
    assert len(dict(answer.headers)[MISSING_HEADER]) < 5000
