"""Where Python packages come from: pip's settings, as uv and the fetcher take them. Pure but for looking at files.

Addresses of indexes may hold a name and a password. They go into the environment of uv and into the headers of
requests to the same server, and nowhere else.
"""

import base64
import netrc
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imjoy_offline.errors import ConfigError, FetchError
from imjoy_offline.mirror.addresses import routed
from imjoy_offline.mirror.pip_settings import PipSettings

CONSTRAINTS_FILE = "constraints.txt"
# Variables of uv's own: where a person sets one, it counts more than what pip is told.
_OWN_VARIABLES = (
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_STRATEGY", "UV_INSECURE_HOST", "UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES"),
)
_WITH_ADDRESSES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS")


@dataclass(frozen=True)
class Indexes:
    """``variables`` are uv's; ``constraints`` is the text of the file ``CONSTRAINTS_FILE`` that they may name.

    ``unverified`` are hosts whose certificates the person does not want to be looked at; ``warnings`` are sentences
    for the person.
    """

    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    no_index: bool = False
    constraints: str = ""
    unverified: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    logins: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)
    login_file: Path | None = None

    def authorization(self, url: str) -> str | None:
        """The header's value that the server of ``url`` wants: of the address itself, an index, or ``.netrc``."""
        parts = urlsplit(url)
        login, at, place = parts.netloc.rpartition("@")
        if at:
            return _basic(login)
        found = self.logins.get((parts.scheme, place.lower()))
        if found is None and self.login_file is not None:
            try:
                entry = netrc.netrc(str(self.login_file)).authenticators(parts.hostname or "")
            except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
                return None
            found = _header(entry[0], entry[2] or "") if entry is not None else None
        return found


def package_indexes(pip: PipSettings, folder: Path, hosts: Mapping[str, str], environ: Mapping[str, str]) -> Indexes:
    """What pip's settings and uv's own variables say; paths are relative to ``folder``.

    ``hosts`` is ``upstream: hosts``. Raises ConfigError for an address that is none.
    """
    warnings, links = list(pip.faults), []
    for text in pip.find_links:
        path = _local(text, folder)
        if path is not None and not path.exists():
            warnings.append(f"pip's setting find-links names {path}, which is not there; it is not used.")
        else:
            links.append(_address(text, folder, hosts).replace(",", "%2C"))
    local = [path for text in pip.constraints if (path := _local(text, folder)) is not None]
    remote = [text for text in pip.constraints if _local(text, folder) is None]
    login_file = _login_file(environ)
    variables = {
        "UV_DEFAULT_INDEX": _address(pip.index_url, folder, hosts) if pip.index_url else "",
        "UV_INDEX": " ".join(_address(text, folder, hosts) for text in pip.extra_index_urls),
        "UV_FIND_LINKS": ",".join(links),
        "UV_CONSTRAINT": " ".join([CONSTRAINTS_FILE] * bool(local) + remote),
        "UV_INSECURE_HOST": " ".join(pip.trusted_hosts),
        # As pip does it: a version counts wherever it is found, and the person has named these places to pip.
        "UV_INDEX_STRATEGY": "unsafe-best-match" if pip.extra_index_urls else "",
        "NETRC": str(login_file or ""),
    }
    variables.update({name: environ[name] for name in _OWN_VARIABLES if environ.get(name)})
    variables = {name: value for name, value in variables.items() if value}
    return Indexes(
        variables,
        pip.no_index,
        "".join(f"-c {path}\n" for path in local),
        tuple(variables.get("UV_INSECURE_HOST", "").lower().split()),
        tuple(warnings),
        _logins(variables),
        login_file,
    )


def _local(text: str, folder: Path) -> Path | None:
    """The path that ``text`` is; None for an address."""
    return None if "://" in text or text.startswith("file:") else folder / Path(text).expanduser()


def _address(text: str, folder: Path, hosts: Mapping[str, str]) -> str:
    path = _local(text, folder)
    if path is not None:
        return path.resolve().as_uri()
    if text.startswith("file:"):
        return text
    try:
        return routed(text, hosts, trusted=True).url
    except FetchError:
        raise ConfigError(
            "pip's settings name an address of packages that is neither http nor https nor file.",
            hint="`pip config list` shows where packages are asked for.",
        ) from None


def _logins(variables: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Scheme and server of every index with a login, and the header that it wants; the first one counts."""
    found: dict[tuple[str, str], str] = {}
    for address in _addresses(variables):
        parts = urlsplit(address)
        login, at, place = parts.netloc.rpartition("@")
        if at:
            found.setdefault((parts.scheme, place.lower()), _basic(login))
    return found


def _addresses(variables: Mapping[str, str]) -> Iterator[str]:
    for variable in _WITH_ADDRESSES:
        for word in variables.get(variable, "").split("," if variable == "UV_FIND_LINKS" else None):
            # An index may have a name: ``lab=https://...``
            name, equals, address = word.partition("=")
            yield address if equals and "://" not in name else word


def _basic(login: str) -> str:
    name, _, password = login.partition(":")
    return _header(unquote(name), unquote(password))


def _header(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode("ascii")


def _login_file(environ: Mapping[str, str]) -> Path | None:
    """The person's ``.netrc``, where there is one."""
    home = Path(environ.get("USERPROFILE" if os.name == "nt" else "HOME") or Path.home())
    named = environ.get("NETRC")
    paths = [Path(named).expanduser()] if named else [home / ".netrc", home / "_netrc"]
    return next((path for path in paths if path.is_file()), None)
