"""The access token of a folder: made when first needed, kept in the person's state directory, never in the folder.

A folder is meant to be copied and carried; a secret in it would travel along. The file is keyed by the folder's real
path and can be read by its owner only.
"""

import hashlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from imjoy_offline.errors import UsageError

_GIVEN = re.compile(r"[A-Za-z0-9._~-]{8,256}")


@dataclass(frozen=True)
class Token:
    """A token, and whether the next start will find it again; ``note`` says why not."""

    text: str = field(repr=False)
    kept: bool
    note: str = ""


def state_name(folder: Path) -> str:
    """The name under which state of ``folder`` is kept."""
    return hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()


def token_file(state: Path, folder: Path) -> Path:
    """Where the token of ``folder`` lies."""
    return state / "tokens" / f"{state_name(folder)}.json"


def kept_token(state: Path, folder: Path) -> Token:
    """The folder's token, made now where there is none yet; not kept where the state directory cannot be written."""
    path = token_file(state, folder)
    found = _read(path)
    return Token(found, kept=True) if found else _make(path, folder)


def rotate_token(state: Path, folder: Path) -> Token:
    """A new token for the folder; links and tabs with the old one end at the next start."""
    return _make(token_file(state, folder), folder)


def given_token(text: str) -> Token:
    """A token from the command line, for one run; raises UsageError where it is too short or would not fit a link."""
    if not _GIVEN.fullmatch(text):
        raise UsageError(
            "The token given with --token cannot be used.",
            hint="Take 8 to 256 letters, digits or any of - . _ ~; or leave the option away, and one is made.",
        )
    return Token(text, kept=False)


def _read(path: Path) -> str | None:
    try:
        text = json.loads(path.read_text(encoding="utf-8"))["token"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not isinstance(text, str) or not _GIVEN.fullmatch(text):
        return None
    return None if _was_exposed(path) else text


def _was_exposed(path: Path) -> bool:
    """Whether others could read the file; where a file system knows no modes, that cannot be told or changed."""
    if os.name == "nt" or not path.stat().st_mode & 0o077:
        return False
    path.chmod(0o600)
    return not path.stat().st_mode & 0o077


def _make(path: Path, folder: Path) -> Token:
    text = secrets.token_urlsafe(32)
    try:
        write_private(path, {"version": 1, "folder": os.path.realpath(folder), "token": text})
    except OSError as error:
        return Token(
            text,
            kept=False,
            note=f"The access token could not be kept ({error.strerror or error}); it holds for this run only.",
        )
    return Token(text, kept=True)


def write_private(path: Path, document: Mapping[str, object]) -> None:
    """Write JSON that only its owner can read, whole or not at all; raises OSError."""
    write_private_bytes(path, (json.dumps(document, indent=1, sort_keys=True) + "\n").encode())


def write_private_bytes(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Files of mkstemp are 0600 from their first moment.
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
