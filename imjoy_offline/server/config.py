"""What the command line tells the server, once, as a value; checked here so that nothing below need doubt it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from imjoy_offline.errors import UsageError
from imjoy_offline.paths import WorkingFolder

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_ORIGIN = re.compile(r"https?://(?:\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class ServerConfig:
    """One start of the server; raises UsageError for a host or an origin that cannot be allowed.

    ``state`` and ``cache`` are the person's directories, None for the usual ones; port 0 is any free one. ``mirrors``
    is true in the session of a ``--serve``, in which the app may ask for mirror runs.
    """

    folder: WorkingFolder
    host: str = "127.0.0.1"
    port: int | None = None
    sandbox_port: int | None = None
    token: str | None = field(default=None, repr=False)
    rotate_token: bool = False
    allow_origins: tuple[str, ...] = ()
    engine: bool = True
    mirrors: bool = False
    freeze: bool = False
    debug: bool = False
    open_browser: bool = True
    force_quit_seconds: float = 5.0
    workspace: Path | None = None
    state: Path | None = None
    cache: Path | None = None
    http: Literal["httptools", "h11"] = "httptools"

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK:
            raise UsageError(
                f"The app can be served to this computer only, not at the address {self.host}.",
                hint="Use from other computers needs an encrypted connection (TLS), which this version does not offer.",
            )
        for origin in self.allow_origins:
            if not _ORIGIN.fullmatch(origin):
                raise UsageError(
                    f"{origin!r} is not an origin that can be allowed.",
                    hint="Write scheme, name and port in small letters, such as https://imjoy.io, with no path behind.",
                )
        if self.port is not None and self.port == self.sandbox_port and self.port != 0:
            raise UsageError(
                f"App and sandbox cannot share port {self.port}: plugins would have the app's origin.",
                hint="Give --port and --sandbox-port different numbers, or leave one away.",
            )
