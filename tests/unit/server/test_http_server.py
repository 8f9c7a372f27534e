"""imjoy_offline.server.http_server: what its log must not say. Limits and signals: integration/server, security."""

import logging

import pytest

from imjoy_offline.server.http_server import without_token


@pytest.mark.parametrize(
    ("target", "logged"),
    [
        ("/?token=secret-token", "/?token=..."),
        ("/?w=lab&token=secret-token&plugin=x", "/?w=lab&token=...&plugin=x"),
        ("/?token=secret-token HTTP/1.1", "/?token=... HTTP/1.1"),
        ("/?mytoken=public", "/?mytoken=public"),
        ("/app/js/main.js", "/app/js/main.js"),
    ],
)
def test_no_token_is_logged(target: str, logged: str) -> None:
    record = logging.LogRecord(
        "uvicorn.access", logging.INFO, "", 0, '%s - "%s %s" %d', ("a", "GET", target, 200), None
    )
    assert without_token(record)
    assert record.getMessage() == f'a - "GET {logged}" 200'
