"""imjoy_offline.server.pairing: the page that leads a browser to the app."""

import stat
import urllib.parse
from pathlib import Path

import pytest

from imjoy_offline.server import pairing
from imjoy_offline.server.pairing import browser_address

URL = "http://127.0.0.1:8080/#/app?token=secret&x=<y>"


@pytest.fixture(autouse=True)
def an_ordinary_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "_CONFINED", ())
    monkeypatch.setattr("platform.release", lambda: "6.1")


def test_the_address_holds_no_secret_and_the_page_leads_on(tmp_path: Path) -> None:
    address = browser_address(URL, tmp_path / "state", tmp_path)
    assert address.startswith("file://")
    assert "secret" not in address
    page = Path(urllib.parse.unquote(urllib.parse.urlsplit(address).path))
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "url=http://127.0.0.1:8080/#/app?token=secret&amp;x=&lt;y&gt;" in page.read_text()


def test_a_page_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    assert browser_address(URL, tmp_path / "state", tmp_path) == URL


def test_a_browser_that_sees_no_hidden_folders_gets_the_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "_CONFINED", (str(tmp_path),))
    assert browser_address(URL, tmp_path / "state", tmp_path) == URL
    assert not (tmp_path / "state").exists()


def test_a_browser_of_the_windows_around_gets_the_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.release", lambda: "5.15.90-microsoft-standard-WSL2")
    assert browser_address(URL, tmp_path / "state", tmp_path) == URL
