"""From the text of an address or requirement to a ``Source``: one pure table of recognisers, nothing is asked.

The rules are the public conventions of the content delivery networks that serve npm packages. What a source's bytes are
is for ``npm`` and ``cdn`` to find out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urldefrag, urlsplit

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
    """An address that no rule turns into a package; ``reason`` says why this version cannot have it."""

    url: str
    reason: str


@dataclass(frozen=True)
class Unreadable:
    """A text that is no address that could be had; ``reason`` says why."""

    text: str
    reason: str


Source = NpmFile | LocalFile | DirectUrl | Unreadable

_DIRECT = "This version mirrors npm packages and jsdelivr or unpkg addresses only; other addresses are not fetched yet."
_GITHUB = "This version does not fetch from GitHub yet."
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
        host = (parts.hostname or "").lower()
    except ValueError:
        return Unreadable(text, "This is not a readable address.")
    if parts.scheme.lower() not in ("http", "https") or not host:
        return Unreadable(text, f"Addresses of the kind `{parts.scheme}:` cannot be mirrored.")
    recogniser = _HOSTS.get(host)
    if recogniser is None or parts.port not in (None, 80, 443):
        return DirectUrl(urldefrag(text).url, _DIRECT)
    return recogniser(urldefrag(text).url, unquote(parts.path), parts.query)


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
    if section == "gh":
        return DirectUrl(url, _GITHUB)
    if section == "combine" or rest.endswith("+esm"):
        return DirectUrl(url, _MADE_BY_CDN)
    if section != "npm":
        return DirectUrl(url, _DIRECT)
    return _specifier(url, rest, "jsdelivr", url)


def _unpkg(url: str, path: str, query: str) -> Source:
    if query.split("&")[0].split("=")[0] in ("module", "meta"):
        return DirectUrl(url, _MADE_BY_CDN)
    return _specifier(url, path.lstrip("/"), "unpkg", url)


def _github(url: str, path: str, query: str) -> Source:
    return DirectUrl(url, _GITHUB)


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
    "raw.githubusercontent.com": _github,
    "gist.github.com": _github,
    "gist.githubusercontent.com": _github,
    "cdn.rawgit.com": _github,
    "rawgit.com": _github,
}
