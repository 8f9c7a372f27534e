"""A real browser with an empty profile, and everything that it complains about.

Which browser: ``installed_browser``. Nothing here hides what a page asks for: Chromium's own errands are switched off
one by one, names are never mapped to nowhere.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError, expect, sync_playwright

from tests.helpers.installed_browser import NOT_FOUND, find_browser

# The updater of components, the sign-in service and the form filler have addresses of their own and ask them whatever
# else is switched off.
_ERRANDS_OFF = (
    "--component-updater=url-source=http://127.0.0.1:9/",
    "--gaia-url=http://127.0.0.1:9/",
    "--autofill-server-url=http://127.0.0.1:9/",
    "--disable-quic",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
    "--no-pings",
)
ACTION_SECONDS = 20.0


@dataclass
class Browser:
    """One browser with one profile; its complaints are collected from every page, frame and worker."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(ACTION_SECONDS * 1000)
        self.context.on("console", self._on_console)
        self.context.on("weberror", self._on_error)
        self.context.on("requestfailed", self._on_failed_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location
            self.complaints.append(f"console: {message.text} ({where.get('url', '')}:{where.get('lineNumber', '')})")

    def _on_error(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")

    def _on_failed_request(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page that goes away takes its open requests along
            self.complaints.append(f"request: {request.method} {request.url}: {request.failure}")

    def open(self, url: str) -> Page:
        """A new tab at this address, loaded."""
        page = self.context.new_page()
        page.goto(url)
        return page

    def take_complaints(self) -> list[str]:
        """What was complained about since the last time; a test that provokes complaints takes and judges them."""
        taken, self.complaints[:] = list(self.complaints), []
        return taken

    def assert_quiet(self) -> None:
        """Fail with every console error, uncaught error and failed request so far."""
        assert not self.complaints, "The browser complained:\n  " + "\n  ".join(self.complaints)


@contextlib.contextmanager
def open_browser(
    profile: Path,
    *,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    dark: bool = False,
    width: int = 1280,
    height: int = 800,
) -> Iterator[Browser]:
    """A headless browser that keeps everything in ``profile``; it ends with the block.

    Driver and browser start in the caller's thread, so they share its network namespace.
    """
    program = find_browser()
    if program is None:
        raise AssertionError(NOT_FOUND)
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    variables: dict[str, str | float | bool] = {**os.environ, "HOME": str(profile), **(environment or {})}
    expect.set_options(timeout=ACTION_SECONDS * 1000)
    with sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            profile,
            executable_path=program,
            headless=True,
            args=[*_ERRANDS_OFF, *arguments],
            chromium_sandbox=not as_root,
            env=variables,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        try:
            yield Browser(context)
        finally:
            context.close()
