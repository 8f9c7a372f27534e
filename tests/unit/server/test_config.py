"""imjoy_offline.server.config: what cannot be allowed is refused before anything happens."""

from pathlib import Path
from typing import Any

import pytest

from imjoy_offline.errors import UsageError
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.server.config import ServerConfig


def config(**options: Any) -> ServerConfig:
    return ServerConfig(WorkingFolder(Path("folder")), **options)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_is_where_it_serves(host: str) -> None:
    assert config(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.2", ""])
def test_any_other_host_needs_tls(host: str) -> None:
    with pytest.raises(UsageError, match="TLS") as caught:
        config(host=host)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("origin", ["https://imjoy.io", "http://192.168.1.5:8000", "http://[fe80::1]:80"])
def test_origins_that_may_be_allowed(origin: str) -> None:
    assert config(allow_origins=(origin,)).allow_origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "",
        "imjoy.io",
        "https://imjoy.io/",
        "https://*.imjoy.io",
        "HTTPS://imjoy.io",
        "ftp://x",
        "https://a b",
    ],
)
def test_origins_that_never_may(origin: str) -> None:
    with pytest.raises(UsageError, match="origin"):
        config(allow_origins=("https://imjoy.io", origin))


def test_app_and_sandbox_never_share_a_port() -> None:
    with pytest.raises(UsageError, match="8080"):
        config(port=8080, sandbox_port=8080)
    assert config(port=0, sandbox_port=0).port == 0


def test_the_token_is_in_no_representation() -> None:
    assert "very-secret" not in repr(config(token="very-secret"))
