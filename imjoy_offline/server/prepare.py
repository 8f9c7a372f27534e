"""Puts a server together: site, ports, token, rules and application, everything but the event loop.

``server/launch`` runs what comes out; nothing answers yet when this returns, though the ports are taken.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from imjoy_offline.server.app import Application
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.middleware import Gate
from imjoy_offline.server.policy import Rules, tokens_equal
from imjoy_offline.server.ports import BoundPorts, Ports, bind_ports
from imjoy_offline.server.running import Identity, new_identity, remove_running, running_file, write_running
from imjoy_offline.server.site import SiteSource
from imjoy_offline.server.tokens import Token, given_token, kept_token, rotate_token, state_folder
from imjoy_offline.server.websocket import EngineSocket, Sessions

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ready:
    """The server answers. ``url`` pairs the browser; ``already`` when it was running before this start."""

    url: str
    origin: str
    sandbox_origin: str
    already: bool = False


@dataclass
class Prepared:
    """Everything but the event loop: bound sockets, the application, and what to take away at the end."""

    config: ServerConfig
    ports: BoundPorts
    rules: Rules
    token: Token
    identity: Identity
    running: Path
    gate: Gate

    @property
    def ready(self) -> Ready:
        """What to tell the person."""
        return Ready(pairing_url(self.rules.app_origin, self.token), self.rules.app_origin, self.rules.sandbox_origin)

    def close(self) -> None:
        """Give the ports back and say that nobody runs here any more."""
        self.ports.close()
        remove_running(self.running, self.identity)


def prepare(config: ServerConfig) -> Prepared:
    """Read the site, bind the ports and put the application together; raises ImjoyError."""
    state = config.state or state_folder()
    given = given_token(config.token) if config.token is not None else None
    source = SiteSource(config.folder)
    ports = bind_ports(Ports(config.port, config.sandbox_port), config.folder.ports_file)
    try:
        root = config.folder.root
        token = given or (rotate_token(state, root) if config.rotate_token else kept_token(state, root))
        rules = Rules(ports.app, ports.sandbox, token.text, frozenset(config.allow_origins), config.engine)
        identity = new_identity(ports.app, ports.sandbox, token_kept=token.kept)
        running = running_file(state, root)
        try:
            write_running(running, identity)
        except OSError as error:
            _LOG.info("A second start will not find this server: %s", error)
        sessions = Sessions()
        engine = EngineSocket(lambda text: tokens_equal(text, rules.token), sessions)
        gate = Gate(Application(rules, source, sessions, identity), engine, sessions)
    except BaseException:
        ports.close()
        raise
    return Prepared(config, ports, rules, token, identity, running, gate)


def pairing_url(origin: str, token: Token | None) -> str:
    """The link that opens the app and, where the token is known, pairs it."""
    return f"{origin}/#/app?token={token.text}" if token else f"{origin}/#/app"
