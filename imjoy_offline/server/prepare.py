"""Puts a server together: site, ports, token, rules and application, everything but the event loop.

``server/launch`` runs what comes out; nothing answers yet when this returns, though the ports are taken.
"""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imjoy_offline.server.api import Api
from imjoy_offline.server.app import Application
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.engines import ConfirmedEngines
from imjoy_offline.server.middleware import Gate
from imjoy_offline.server.mirror_runs import MirrorRuns, StartChild
from imjoy_offline.server.places import cache_folder, state_folder
from imjoy_offline.server.policy import Rules, tokens_equal
from imjoy_offline.server.ports import BoundPorts, Ports, bind_ports
from imjoy_offline.server.running import Identity, new_identity, remove_running, running_file, write_running
from imjoy_offline.server.site import SiteSource
from imjoy_offline.server.tokens import Token, given_token, kept_token, rotate_token
from imjoy_offline.server.websocket import EngineSocket, Sessions

if TYPE_CHECKING:
    from imjoy_offline.engine.router import Router
    from imjoy_offline.engine.supervisor import Supervisor

_LOG = logging.getLogger(__name__)
# Of the time that a quit may take, what is left for killing what does not end by itself.
_QUIT_MARGIN = 1.5


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
    runs: MirrorRuns

    @property
    def ready(self) -> Ready:
        """What to tell the person."""
        return Ready(pairing_url(self.rules.app_origin, self.token), self.rules.app_origin, self.rules.sandbox_origin)

    def close(self) -> None:
        """Give the ports back and say that nobody runs here any more."""
        self.runs.kill()
        self.ports.close()
        remove_running(self.running, self.identity)


def prepare(config: ServerConfig, start_mirror: StartChild | None = None) -> Prepared:
    """Read the site, bind the ports and put the application together; raises ImjoyError.

    ``start_mirror`` starts a mirror run, for the session of a ``--serve``; in any other it is not used.
    """
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
        routers = engine_routers(config, state) if config.engine else None
        engine = EngineSocket(lambda text: tokens_equal(text, rules.token), sessions, make_router=routers)
        runs = MirrorRuns(root, start_mirror if config.mirrors else None)
        api = Api(rules, source, sessions, identity, ConfirmedEngines(state, root, rules), runs)
        gate = Gate(Application(rules, source, api), engine, sessions)
    except BaseException:
        ports.close()
        raise
    return Prepared(config, ports, rules, token, identity, running, gate, runs)


def engine_routers(config: ServerConfig, state: Path) -> Callable[[], "Router"]:
    """Makes the router of each page that connects; nothing of the engine is loaded before the first."""

    @functools.cache
    def supervisor() -> "Supervisor":
        from imjoy_offline.engine.plugin_environments import PluginEnvironments
        from imjoy_offline.engine.running import STOP_SECONDS
        from imjoy_offline.engine.runtime_zip import runtime_zip
        from imjoy_offline.engine.supervisor import Supervisor

        folder = config.folder
        return Supervisor(
            PluginEnvironments(folder, config.cache or cache_folder(), freeze=config.freeze),
            config.workspace or folder.root / "workspace",
            # A folder that cannot be written to, as on a disc, is no reason not to run plugins.
            lambda: runtime_zip((folder.cache / "runtime", state / "runtime")),
            patience=max(0.2, min(STOP_SECONDS, config.force_quit_seconds - _QUIT_MARGIN)),
        )

    def router() -> "Router":
        from imjoy_offline.engine.router import Router

        return Router(supervisor())

    return router


def pairing_url(origin: str, token: Token | None) -> str:
    """The link that opens the app and, where the token is known, pairs it."""
    return f"{origin}/#/app?token={token.text}" if token else f"{origin}/#/app"
