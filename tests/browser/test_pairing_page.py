"""The page on disk that a browser is started with leads a real browser to the app, with the token in the fragment."""

from pathlib import Path

import pytest

from imjoy_offline.server import pairing
from tests.helpers.browser import open_browser
from tests.helpers.served_site import TOKEN, build_served_site, serving


def test_the_page_on_disk_leads_to_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "_CONFINED", ())
    with (
        serving(build_served_site(tmp_path / "folder"), tmp_path / "state") as server,
        open_browser(tmp_path / "profile") as browser,
    ):
        url = server.prepared.ready.url
        address = pairing.browser_address(url, tmp_path / "state", tmp_path / "folder")
        assert TOKEN not in address
        page = browser.open(address)
        page.wait_for_url(url)
        assert page.evaluate("location.hash") == f"#/app?token={TOKEN}"
        assert page.evaluate("document.referrer") == ""
        browser.assert_quiet()


def test_a_mirrored_page_opened_by_itself_has_no_origin(tmp_path: Path) -> None:
    with (
        serving(build_served_site(tmp_path / "folder"), tmp_path / "state") as server,
        open_browser(tmp_path / "profile") as browser,
    ):
        page = browser.open(f"http://127.0.0.1:{server.sandbox_port}/cdn/x/https/pages.example.org/app/index.html")
        assert page.evaluate("origin") == "null"
        assert page.evaluate("() => { try { return typeof localStorage } catch (error) { return error.name } }") == (
            "SecurityError"
        )
