"""One visit of the app with one browser, and what a step of it is."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.listening_server import ListeningServer
from tests.helpers.netcut import NetworkCut
from tests.other_browsers.app import AppPage
from tests.other_browsers.driving import Browser


@dataclass
class Visit:
    """One browser, and what it visits."""

    name: str
    browser: Browser
    link: str
    page: AppPage
    cut: NetworkCut
    listener: ListeningServer
    chance: random.Random
    screenshots: Path | None

    @property
    def address(self) -> str:
        """The app's plain address."""
        return self.link.split("#")[0]

    def photograph(self, what: str) -> None:
        """Keep what is seen now, where pictures are wanted."""
        if self.screenshots is not None:
            self.page.tab.save_screenshot(self.screenshots / f"{self.name}-{what}.png")


Step = Callable[[Visit], str]
"""Done as a person does it; returns what is worth knowing, raises AssertionError with what went wrong."""
