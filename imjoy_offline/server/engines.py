"""Other engines that the person has confirmed for this folder: the exact origins that the app's page may connect to.

Kept in the person's state directory, like the token: whom a page may talk to is the person's decision and must not come
along with a folder that was carried here. Only the app itself, with the token, adds to it (``server/api``).
"""

import json
import logging
import re
from pathlib import Path

from imjoy_offline.errors import InputError
from imjoy_offline.server.policy import APP_HOST, OTHER_NAMES, Rules
from imjoy_offline.server.tokens import state_name, write_private

MOST_ENGINES = 16
_LOG = logging.getLogger(__name__)
# What a content security policy can name: no address of IPv6, which its grammar does not have.
_ORIGIN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[1-9][0-9]{0,4})?"
)
_USUAL_PORTS = {"http": ":80", "https": ":443"}


def check_origin(text: object, rules: Rules) -> str:
    """The origin, where it is one that a page may be allowed to connect to; raises InputError."""
    if not isinstance(text, str) or len(text) > 300 or not _ORIGIN.fullmatch(text):
        raise InputError(
            "This is no address of an engine.",
            hint="It has scheme, name and port in small letters, such as http://127.0.0.1:9000, and nothing behind.",
        )
    scheme, _, host = text.partition("://")
    name, _, port = host.partition(":")
    if text.endswith(_USUAL_PORTS[scheme]) or int(port or 1) > 65535:
        raise InputError("This is no address of an engine: its port is not right.")
    if name in OTHER_NAMES:
        raise InputError(f"An engine of this computer is written with {APP_HOST}, not with {name}.")
    if text in (rules.app_origin, rules.sandbox_origin):
        raise InputError("This is an address of this server itself.")
    return text


class ConfirmedEngines:
    """The list of one folder; where it cannot be kept it holds for this run only."""

    def __init__(self, state: Path, folder: Path, rules: Rules) -> None:
        self._path = state / "engines" / f"{state_name(folder)}.json"
        self._rules = rules
        self.origins: tuple[str, ...] = self._read()

    def confirm(self, origin: object) -> bool:
        """Add an engine; whether that is kept for the next start. Raises InputError for what cannot be one."""
        checked = check_origin(origin, self._rules)
        others = tuple(one for one in self.origins if one != checked)
        if len(others) >= MOST_ENGINES:
            raise InputError(
                f"There are {len(others)} other engines already; more are not taken.", hint="Forget one of them first."
            )
        return self._keep((*others, checked))

    def forget(self, origin: object) -> bool:
        """Take an engine away; whether that is kept for the next start."""
        return self._keep(tuple(one for one in self.origins if one != origin))

    def _read(self) -> tuple[str, ...]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))["engines"]
            return tuple(dict.fromkeys(self._sound(found)))[:MOST_ENGINES]
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def _sound(self, found: object) -> list[str]:
        """What may stand in a policy; the ports of this start can be others than those of the last one."""
        sound = []
        for one in found if isinstance(found, list) else ():
            try:
                sound.append(check_origin(one, self._rules))
            except InputError as error:
                _LOG.info("An engine that was confirmed before is left out: %s", error)
        return sound

    def _keep(self, origins: tuple[str, ...]) -> bool:
        self.origins = origins
        try:
            write_private(self._path, {"version": 1, "engines": list(origins)})
        except OSError as error:
            _LOG.warning("The list of other engines could not be kept: %s", error)
            return False
        return True
