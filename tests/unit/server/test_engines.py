"""imjoy_offline.server.engines: which origins a person can let the app's page connect to, and where that is kept."""

import json
import os
import stat
from pathlib import Path

import pytest

from imjoy_offline.errors import InputError
from imjoy_offline.server.engines import MOST_ENGINES, ConfirmedEngines, check_origin
from imjoy_offline.server.headers import app_headers
from imjoy_offline.server.policy import Rules

RULES = Rules(8080, 8081, "token")
GOOD = ("http://127.0.0.1:9000", "https://engine.lab.example", "https://engine.lab.example:8443", "http://microscope:1")


def engines_of(tmp_path: Path, rules: Rules = RULES, folder: str = "folder") -> ConfirmedEngines:
    return ConfirmedEngines(tmp_path / "state", tmp_path / folder, rules)


@pytest.mark.parametrize("origin", GOOD)
def test_exact_origins_are_taken(origin: str) -> None:
    assert check_origin(origin, RULES) == origin


@pytest.mark.parametrize(
    "origin",
    [
        "",
        None,
        7,
        ["http://127.0.0.1:9000"],
        "*",
        "http://*",
        "http://*.lab.example",
        "http:",
        "http://",
        "null",
        "127.0.0.1:9000",
        "ws://127.0.0.1:9000",
        "ftp://127.0.0.1",
        "http://127.0.0.1:9000/",
        "http://127.0.0.1:9000/engine",
        "http://127.0.0.1:9000?x",
        "http://127.0.0.1:9000#x",
        "http://user@127.0.0.1:9000",
        "http://127.0.0.1:9000 http://evil.example",
        "http://127.0.0.1:9000; script-src *",
        "http://127.0.0.1:9000\n",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:090",
        "http://127.0.0.1:80",
        "https://engine.lab.example:443",
        "HTTP://127.0.0.1:9000",
        "http://Engine.lab.example",
        "http://m\xfcller.example",
        "http://-x.example",
        "http://x..example",
        "http://[::1]:9000",
        "http://localhost:9000",
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8081",
        f"http://{'a' * 300}.example",
    ],
)
def test_nothing_else_reaches_the_policy(origin: object, tmp_path: Path) -> None:
    engines = engines_of(tmp_path)
    with pytest.raises(InputError):
        engines.confirm(origin)
    assert engines.origins == ()
    assert not (tmp_path / "state").exists()


def test_what_is_confirmed_is_kept_by_folder_readable_by_its_owner_alone(tmp_path: Path) -> None:
    engines = engines_of(tmp_path)
    assert engines.confirm(GOOD[0]) and engines.confirm(GOOD[1]) and engines.confirm(GOOD[0])
    assert engines.origins == (GOOD[1], GOOD[0])
    assert engines_of(tmp_path).origins == (GOOD[1], GOOD[0])
    assert engines_of(tmp_path, folder="other").origins == ()
    (file,) = (tmp_path / "state" / "engines").iterdir()
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert engines.forget(GOOD[1])
    assert engines_of(tmp_path).origins == (GOOD[0],)


def test_a_file_that_somebody_edited_lets_nothing_through(tmp_path: Path) -> None:
    engines_of(tmp_path).confirm(GOOD[0])
    (file,) = (tmp_path / "state" / "engines").iterdir()
    evil = ["http://127.0.0.1:9000; script-src *", "*", 7, GOOD[1], "http://127.0.0.1:8080"]
    file.write_text(json.dumps({"version": 1, "engines": evil}), encoding="utf-8")
    assert engines_of(tmp_path).origins == (GOOD[1],)
    for content in ("", "[]", "{}", '{"engines": {"a": 1}}', "\udcff"):
        file.write_text(content, encoding="utf-8", errors="surrogateescape")
        assert engines_of(tmp_path).origins == ()


def test_where_nothing_can_be_kept_it_holds_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    engines = engines_of(tmp_path)
    assert engines.confirm(GOOD[0]) is False
    assert engines.origins == (GOOD[0],)


def test_the_list_has_an_end(tmp_path: Path) -> None:
    engines = engines_of(tmp_path)
    for number in range(MOST_ENGINES):
        engines.confirm(f"http://127.0.0.1:{9000 + number}")
    with pytest.raises(InputError, match="Forget one"):
        engines.confirm("http://127.0.0.1:8999")
    assert engines.confirm("http://127.0.0.1:9003")
    assert len(engines.origins) == MOST_ENGINES


def test_the_page_may_connect_to_exactly_the_confirmed_origins() -> None:
    def connect_src(*engines: str) -> list[str]:
        policy = dict(app_headers(RULES, (), "", engines))["Content-Security-Policy"]
        return next(part.split()[1:] for part in policy.split("; ") if part.startswith("connect-src"))

    own = ["'self'", "data:", "ws://127.0.0.1:8080"]
    assert connect_src() == own
    assert connect_src(GOOD[0]) == [*own, "http://127.0.0.1:9000", "ws://127.0.0.1:9000"]
    assert connect_src(GOOD[2]) == [*own, "https://engine.lab.example:8443", "wss://engine.lab.example:8443"]
    with_engine, without = (dict(app_headers(RULES, (), "", one)) for one in ((GOOD[0],), ()))
    changed = [name for name in without if without[name] != with_engine[name]]
    assert changed == ["Content-Security-Policy"]
    rest = "; ".join(
        part for part in with_engine["Content-Security-Policy"].split("; ") if not part.startswith("connect-src")
    )
    assert "9000" not in rest
