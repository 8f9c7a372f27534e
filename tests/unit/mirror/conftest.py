"""A stand-in upstream for each test, and no proxies between it and the test."""

from collections.abc import Iterator

import pytest

from tests.helpers.upstream import StandIn, running_stand_in


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is not asked for through a proxy of this computer."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """Made-up packages on loopback."""
    with running_stand_in() as server:
        yield server
