"""What uv answers, read: the wheels that it names, or in words why there are none. Pure.

Words that may end in the lock hold no address of an index and no path of this computer; what the person in front of
the screen needs beside them is in the hints.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from imjoy_offline.cache.store import is_digest
from imjoy_offline.cache.wheelhouse import Target, wheel_parts
from imjoy_offline.errors import FetchError, IntegrityError, OfflineError, SupplyError
from imjoy_offline.mirror.exchange import AbsentError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_ADDRESS = re.compile(r"`?\b[a-z][a-z0-9+.-]*://[^\s`,)]+`?", re.IGNORECASE)
_CAUSE = re.compile(r"\bBecause .*?(?=\n[ \t]*\n|\n[ \t]*hint:|\Z)", re.DOTALL)
_HINT = re.compile(r"^[ \t]*hint: (.*?)(?=\n[ \t]*\n|\n[ \t]*hint:|\Z)", re.DOTALL | re.MULTILINE)
_REFUSED = re.compile(r"\b(401 Unauthorized|403 Forbidden)")
_STATUS = re.compile(r"\((\d{3}) [A-Z][A-Za-z ]+\)")
_HOST = re.compile(r"://(?:[^/@\s]*@)?([^/\s`)]+)")
_UNMET = ", we can conclude that your requirements are unsatisfiable."
# Hints about addresses, options and settings of uv help nobody who reads a lock.
_OWN_WAYS = re.compile(r"://|`--|tool\.uv")
_VOICE = {
    "You require CPython": "Wanted are wheels for CPython",
    "but we only found wheels for": "but there are only wheels for",
    "you require": "the plugin requires",
    "your requirements are unsatisfiable": "the requirements cannot be met together",
}
_CERTIFICATE = ("certificate", "unknownissuer")
_NOBODY = (
    *("error sending request", "dns error", "connection refused", "connection reset", "timed out", "timeout"),
    *("network is unreachable", "no route to host", "client error (connect)"),
)


@dataclass(frozen=True)
class WheelOffer:
    """A wheel that an index or a folder offers, by its file name.

    ``address`` (http, https or file) may hold a login and is not shown. ``sha256`` is empty, ``size`` (in bytes) None
    where nobody tells them.
    """

    name: str
    address: str = field(repr=False)
    sha256: str = ""
    size: int | None = None


def read_offers(text: str) -> tuple[WheelOffer, ...]:
    """The wheels in uv's list (``pylock.toml``), one a package.

    Raises AbsentError for a package that has no wheel, FetchError for what is no such list.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise FetchError("The list of wheels that uv made cannot be read.") from None
    packages = document.get("packages", [])
    if not isinstance(packages, list) or not all(isinstance(entry, dict) for entry in packages):
        raise FetchError("The list of wheels that uv made is not what it must be.")
    return tuple(_offer(entry) for entry in packages)


def _offer(package: dict[str, object]) -> WheelOffer:
    wheels = package.get("wheels")
    wheel = wheels[0] if isinstance(wheels, list) and wheels and isinstance(wheels[0], dict) else None
    address = wheel.get("url") if wheel is not None else None
    if wheel is None or not isinstance(address, str):
        raise AbsentError(f"{package.get('name')} {package.get('version')} comes as no wheel that could be carried.")
    name = wheel.get("name") or unquote(PurePosixPath(urlsplit(address).path).name)
    try:
        wheel_parts(str(name))
    except IntegrityError as error:
        raise AbsentError(error.message) from None
    hashes, size = wheel.get("hashes"), wheel.get("size")
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    return WheelOffer(
        str(name),
        address,
        digest if isinstance(digest, str) and is_digest(digest) else "",
        size if isinstance(size, int) and not isinstance(size, bool) else None,
    )


def judged(said: str, target: Target) -> SupplyError:
    """The error in what uv ``said``.

    AbsentError: there is no answer, and asking again brings none. OfflineError: an index is out of reach. FetchError:
    anything else, which may pass.
    """
    text = _ESCAPES.sub("", said).strip()
    lower = text.lower()
    refused = refusal(text)
    if refused is not None:
        return refused
    if "no solution found" in lower or "parse requirement" in lower:
        return AbsentError(f"Nothing fits {target}: {_words(text)}")
    status = _STATUS.search(text)
    if status is not None:
        return FetchError(f"A package index answered with status {status[1]}.", hint=_asked(text))
    if any(sign in lower for sign in _CERTIFICATE):
        return FetchError(
            "A package index cannot be asked safely: its certificate is not trusted.",
            hint=f"{_asked(text)} Set SSL_CERT_FILE to the authority's certificate.",
        )
    if any(sign in lower for sign in _NOBODY):
        return OfflineError("A package index does not answer.", hint=_asked(text))
    words = _line(_ADDRESS.sub("(an address)", text))
    return FetchError("uv could not look the packages up.", hint=f"uv says: {words}")


def refusal(said: str) -> FetchError | None:
    """The error, where uv says that an index wants a login or refuses the one that it got."""
    found = _REFUSED.search(said)
    if found is None:
        return None
    return FetchError(f"A package index refuses to answer ({found[1]}).", hint=_asked(said))


def _words(text: str) -> str:
    cause = _CAUSE.search(text)
    words = _line(cause[0] if cause is not None else re.sub(r"(?m)^\W*(?:error|cause)?:?\s*", "", text))
    if words.endswith(_UNMET):
        words = words.removesuffix(_UNMET) + "."
        if " And because " not in words:
            words = words.removeprefix("Because ")
            words = re.sub(r" and you require (?:(?! and ).)+\.$", ".", words)  # the one thing that was asked for
    hints = (_line(hint) for hint in _HINT.findall(text))
    words = " ".join([words, *(hint for hint in hints if not _OWN_WAYS.search(hint))])
    for theirs, ours in _VOICE.items():
        words = words.replace(theirs, ours)
    return _ADDRESS.sub("an index", words)


def _line(text: str) -> str:
    return " ".join(text.split())


def _asked(text: str) -> str:
    hosts = sorted(set(_HOST.findall(text)))
    return f"Asked: {', '.join(hosts)}. `pip config list` shows where packages are asked for." if hosts else ""
