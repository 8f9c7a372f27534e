"""The first frame on the channel: which plugin this process is to be, checked member by member."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from imjoy.rpc.errors import ProtocolError

KIND = "handover"


class Script(NamedTuple):
    """A script block; ``line`` is that of the plugin file at which ``content`` begins."""

    content: str
    line: int = 1
    lang: str = ""
    src: str = ""


class Handover(NamedTuple):
    """A plugin, as the engine hands it over; ``api`` is the host's encoded interface where it is known already.

    ``notes`` are sentences of the engine for the plugin's log.
    """

    name: str
    id: str
    config: Mapping[str, Any]
    scripts: tuple[Script, ...]
    workspace: Optional[str] = None
    tag: Optional[str] = None
    api: Any = None
    notes: tuple[str, ...] = ()


def read_handover(message: Mapping[str, Any]) -> Handover:
    """Raises ProtocolError for another kind of message, and for a member that is missing or of a wrong type."""
    if message.get("type") != KIND:
        raise ProtocolError(f"The first message must be a {KIND!r}, not a {message.get('type')!r}.")
    plugin = message.get("plugin")
    if not isinstance(plugin, dict):
        raise _wrong("plugin", "an object")
    scripts = plugin.get("scripts", [])
    if not isinstance(scripts, list):
        raise _wrong("plugin.scripts", "a list")
    config = plugin.get("config", {})
    if not isinstance(config, dict):
        raise _wrong("plugin.config", "an object")
    return Handover(
        name=_text(plugin, "name"),
        id=_text(plugin, "id", ""),
        config=config,
        scripts=tuple(_script(script) for script in scripts),
        workspace=_optional_text(plugin, "workspace"),
        tag=_optional_text(plugin, "tag"),
        api=message.get("api"),
        notes=_notes(message),
    )


def _notes(message: Mapping[str, Any]) -> tuple[str, ...]:
    notes = message.get("notes", [])
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        raise _wrong("notes", "a list of texts")
    return tuple(notes)


def _script(script: Any) -> Script:
    if not isinstance(script, dict):
        raise _wrong("a script", "an object")
    line = script.get("line", 1)
    if type(line) is not int or not 1 <= line < 10**7:
        raise _wrong("the line of a script", "a number of a line")
    attrs = script.get("attrs") or {}
    if not isinstance(attrs, dict):
        raise _wrong("the attrs of a script", "an object")
    lang = _optional_text(script, "lang") or attrs.get("lang")
    return Script(
        content=_optional_text(script, "content") or "",
        line=line,
        lang=lang if isinstance(lang, str) else "",
        src=_optional_text(script, "src") or "",
    )


def _text(members: Mapping[str, Any], name: str, missing: Optional[str] = None) -> str:
    value = members.get(name, missing)
    if not isinstance(value, str):
        raise _wrong(name, "a text")
    return value


def _optional_text(members: Mapping[str, Any], name: str) -> Optional[str]:
    return None if members.get(name) is None else _text(members, name)


def _wrong(name: str, wanted: str) -> ProtocolError:
    return ProtocolError(f"In the hand-over, {name} must be {wanted}.")
