"""From the text of an address or requirement to a ``Source``: one pure table of recognisers, nothing is asked.

The rules are the public conventions of the content delivery networks that serve npm packages; an address that none of
them fits is a file of its own. What a source's bytes are is for ``packages`` and ``direct`` to find out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urldefrag, urlsplit, urlunsplit

from imjoy_offline.cache.vendor import EXACT_VERSION, PACKAGE_NAME, is_member_path

Rule = Literal["jsdelivr", "unpkg"]
JSDELIVR = "https://cdn.jsdelivr.net/npm/"
UNPKG = "https://unpkg.com/"


@dataclass(frozen=True)
class NpmFile:
    """A file of an npm package: ``path`` is empty where the package's own fields decide, by the network's ``rule``.

    ``range`` is what was asked for (an exact version, a range, a tag, or empty for nothing); ``url`` is the address
    that the file answers, query kept and fragment dropped.
    """

    name: str
    range: str
    path: str
    rule: Rule
    url: str

    @property
    def exact(self) -> bool:
        """Whether the version is said in full."""
        return EXACT_VERSION.fullmatch(self.range) is not None

    @property
    def asked(self) -> str:
        """What a pin is called: the package and what was asked for of it."""
        return f"npm:{self.name}@{self.range}" if self.range else f"npm:{self.name}"

    def address(self, version: str, path: str) -> str:
        """The plain address of a file of the package at its content delivery network."""
        return f"{UNPKG if self.rule == 'unpkg' else JSDELIVR}{self.name}@{version}/{path}"


@dataclass(frozen=True)
class LocalFile:
    """A path in the folder or beside the plugin; nothing is fetched for it."""

    path: str


@dataclass(frozen=True)
class DirectUrl:
    """An address that no rule turns into a package: the file is asked for as it is. ``url`` is a ``plain_url``."""

    url: str


@dataclass(frozen=True)
class OutOfReach:
    """An address that this version cannot have; ``reason`` says why."""

    url: str
    reason: str


@dataclass(frozen=True)
class Unreadable:
    """A text that is no address that could be had; ``reason`` says why."""

    text: str
    reason: str


Source = NpmFile | LocalFile | DirectUrl | OutOfReach | Unreadable

_GITHUB_PAGE = "This is a page of a code host, and this version takes files only: give the address of the raw file."
_SHUT_DOWN = "This content delivery network was shut down; give another address of the file."
_SECRETS = "Addresses with a user name or password are not fetched: they would be written into the lock file."
_MADE_BY_CDN = (
    "The content delivery network makes this file itself; no package holds it. Ask for the file it is made from."
)
_SPECIFIER = re.compile(rf"(?P<name>{PACKAGE_NAME.pattern})(?:@(?P<range>[^/]*))?(?:/(?P<path>.*))?", re.DOTALL)


def recognise(text: str) -> Source:
    """The source that ``text`` names; never raises."""
    text = text.strip()
    if text.startswith("npm:"):
        return _npm_requirement(text)
    if text.startswith("//"):
        text = f"https:{text}"
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", text):
        return LocalFile(text) if text else Unreadable(text, "The text is empty.")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return Unreadable(text, "This is not a readable address.")
    if parts.scheme.lower() not in ("http", "https") or not host:
        return Unreadable(text, f"Addresses of the kind `{parts.scheme}:` cannot be mirrored.")
    if parts.username is not None or parts.password is not None:
        return Unreadable(f"{parts.scheme}://{host}", _SECRETS)
    recogniser = _HOSTS.get(host)
    if recogniser is None or port not in (None, 80, 443):
        return DirectUrl(plain_url(text))
    return recogniser(urldefrag(text).url, unquote(parts.path), parts.query)


def plain_url(text: str) -> str:
    """A readable http or https address without fragment and default port, scheme and host in lower case."""
    parts = urlsplit(urldefrag(text).url)
    port = {"http": ":80", "https": ":443"}[parts.scheme]
    return urlunsplit((parts.scheme, parts.netloc.lower().removesuffix(port), parts.path or "/", parts.query, ""))


def _npm_requirement(text: str) -> Source:
    found = _specifier(text, text.removeprefix("npm:"), "jsdelivr", text)
    if not isinstance(found, NpmFile):
        return found
    # Code can ask for a file by address only, so a package named in settings answers where jsdelivr would serve it.
    at = f"@{found.range}" if found.range else ""
    path = f"/{found.path}" if found.path else ""
    return NpmFile(found.name, found.range, found.path, found.rule, f"{JSDELIVR}{found.name}{at}{path}")


def _jsdelivr(url: str, path: str, query: str) -> Source:
    section, _, rest = path.lstrip("/").partition("/")
    if section == "combine" or rest.endswith("+esm"):
        return OutOfReach(url, _MADE_BY_CDN)
    if section != "npm":
        return DirectUrl(plain_url(url))
    return _specifier(url, rest, "jsdelivr", url)


def _unpkg(url: str, path: str, query: str) -> Source:
    if query.split("&")[0].split("=")[0] in ("module", "meta"):
        return OutOfReach(url, _MADE_BY_CDN)
    return _specifier(url, path.lstrip("/"), "unpkg", url)


def _github(url: str, path: str, query: str) -> Source:
    """A file of a release or a raw one lies there; everything else is a page."""
    section = "/".join(path.split("/")[3:5])
    return (
        DirectUrl(plain_url(url))
        if section.startswith(("raw/", "releases/download"))
        else OutOfReach(url, _GITHUB_PAGE)
    )


def _gist(url: str, path: str, query: str) -> Source:
    return DirectUrl(plain_url(url)) if "/raw/" in f"{path}/" else OutOfReach(url, _GITHUB_PAGE)


def _shut_down(url: str, path: str, query: str) -> Source:
    return OutOfReach(url, _SHUT_DOWN)


def _specifier(text: str, specifier: str, rule: Rule, url: str) -> Source:
    match = _SPECIFIER.fullmatch(specifier)
    path = (match["path"] or "").rstrip("/") if match else ""
    if match is None or (path and not is_member_path(path)):
        return Unreadable(text, "This names no npm package in the form name@version/path.")
    return NpmFile(match["name"], (match["range"] or "").strip(), path, rule, url)


_HOSTS: dict[str, Callable[[str, str, str], Source]] = {
    "cdn.jsdelivr.net": _jsdelivr,
    "fastly.jsdelivr.net": _jsdelivr,
    "unpkg.com": _unpkg,
    "www.unpkg.com": _unpkg,
    "unpkg.io": _unpkg,  # a name often typed for unpkg.com
    "github.com": _github,
    "gist.github.com": _gist,
    "cdn.rawgit.com": _shut_down,
    "rawgit.com": _shut_down,
}
