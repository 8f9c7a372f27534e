"""Every option of serving arrives at the server."""

from collections.abc import Callable
from pathlib import Path

import pytest

from imjoy_offline.cli.main import entry
from imjoy_offline.cli.parser import build_parser
from imjoy_offline.server.config import ServerConfig
from tests.helpers.served_site import build_served_site

OPTIONS: tuple[tuple[tuple[str, ...], str, object], ...] = (
    (("--host", "localhost"), "host", "localhost"),
    (("--port", "8123"), "port", 8123),
    (("--sandbox-port", "8124"), "sandbox_port", 8124),
    (("--token", "a-token-of-this-run"), "token", "a-token-of-this-run"),
    (("--rotate-token",), "rotate_token", True),
    (("--workspace", "work"), "workspace", Path("work")),
    (
        ("--allow-origin", "https://a.io", "--allow-origin", "http://b.io"),
        "allow_origins",
        ("https://a.io", "http://b.io"),
    ),
    (("--no-open",), "open_browser", False),
    (("--no-engine",), "engine", False),
    (("--freeze",), "freeze", True),
    (("--force-quit-timeout", "2.5"), "force_quit_seconds", 2.5),
    (("--debug",), "debug", True),
)


@pytest.fixture
def started_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ServerConfig]:
    """What a start with these arguments tells the server, which itself does not start here."""
    configs: list[ServerConfig] = []
    build_served_site(tmp_path)
    monkeypatch.chdir(tmp_path)

    def serve(config: ServerConfig, *_: object) -> int:
        configs.append(config)
        return 0

    monkeypatch.setattr("imjoy_offline.server.launch.serve", serve)

    def start(*arguments: str) -> ServerConfig:
        assert entry(arguments) == 0
        return configs.pop()

    return start


@pytest.mark.parametrize(("arguments", "name", "value"), OPTIONS, ids=lambda one: str(one))
def test_an_option_arrives(
    started_with: Callable[..., ServerConfig], arguments: tuple[str, ...], name: str, value: object
) -> None:
    plain = getattr(started_with(), name)
    assert getattr(started_with(*arguments), name) == value != plain


def test_no_option_is_left_out() -> None:
    every = {option for action in build_parser()._actions for option in action.option_strings}
    own = {option for option in every if option.startswith("--") and "_" not in option}
    assert own - {"--help", "--version", "--serve", "--strict"} == {arguments[0] for arguments, _, _ in OPTIONS}
