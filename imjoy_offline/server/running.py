"""How a second start in the same folder finds the first: a file in the person's state directory, and a proof.

The file names port and process and holds a secret made at each start; whoever answers on that port must prove, over a
number just thrown, that it knows the secret *and* serves that very port, before anybody believes that it is ours. The
access token takes no part, so nothing is ever sent to, or learnt from, a stranger who took the port.
"""

import hashlib
import hmac
import json
import logging
import os
import secrets
from dataclasses import dataclass, field, fields
from pathlib import Path

from imjoy_offline.server.tokens import state_name, write_private

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """One start of the server: its ports, the secret that proves it, and whether it uses the token that is kept."""

    port: int
    sandbox_port: int
    token_kept: bool
    secret: str = field(repr=False)

    def proof(self, nonce: str) -> str:
        """What only this start of the server can answer to ``nonce``."""
        message = f"imjoy-offline hello 1\n{self.port}\n{nonce}".encode()
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()


def new_identity(port: int, sandbox_port: int, *, token_kept: bool) -> Identity:
    """The identity of a server that starts now."""
    return Identity(port, sandbox_port, token_kept, secrets.token_hex(32))


def running_file(state: Path, folder: Path) -> Path:
    """Where the server of ``folder`` says that it runs."""
    return state / "running" / f"{state_name(folder)}.json"


def read_running(path: Path) -> Identity | None:
    """The server that the file tells of, which need not live any more; None where there is no readable file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = Identity(**{one.name: document[one.name] for one in fields(Identity)})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    ports_are_ports = all(type(one) is int and 0 < one < 65536 for one in (found.port, found.sandbox_port))
    return found if ports_are_ports and len(str(found.secret)) >= 32 else None


def write_running(path: Path, identity: Identity) -> None:
    """Say that this process serves; raises OSError where the file cannot be written."""
    write_private(path, {"version": 1, "pid": os.getpid(), **vars(identity)})


def remove_running(path: Path, identity: Identity) -> None:
    """Take the file away, unless another server has written its own meanwhile."""
    if read_running(path) != identity:
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _LOG.warning("The file %s could not be removed: %s", path, error)
