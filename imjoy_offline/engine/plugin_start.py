"""What a page asks to be started: one plugin, as a checked value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imjoy_offline.errors import InputError

_WORKSPACE = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_ .-]{0,62}[A-Za-z0-9_-])?")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class PluginStart:
    """A plugin that a page has sent; ``given`` is all of it, as the worker gets it."""

    name: str
    tag: str | None
    workspace: str
    requirements: tuple[str, ...]
    given: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, given: object) -> "PluginStart":
        """The value of the member ``plugin`` of a ``start``; raises InputError where it is not what it must be."""
        if not isinstance(given, dict):
            raise InputError("A start came without its plugin.")
        name, tag, workspace = given.get("name"), given.get("tag"), given.get("workspace")
        requirements = given.get("requirements", [])
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
            raise InputError("A plugin came without its name.")
        if tag is not None and not isinstance(tag, str):
            raise InputError(f"The tag of {name} is no text.")
        if not isinstance(workspace, str) or not _WORKSPACE.fullmatch(workspace):
            raise InputError(
                f"The workspace of {name} cannot be a folder: {str(workspace)[:80]!r}.",
                hint="Use letters, digits, spaces, dots and dashes in the name of a workspace.",
            )
        if not isinstance(requirements, list) or not all(isinstance(one, str) for one in requirements):
            raise InputError(f"The requirements of {name} are no list of texts.")
        if not isinstance(given.get("scripts"), list) or not isinstance(given.get("config"), dict):
            raise InputError(f"{name} came without its scripts or its config.")
        return cls(name, tag, workspace, tuple(requirements), given)
