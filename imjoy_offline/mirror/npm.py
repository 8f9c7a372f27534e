"""Which npm registry to ask: imjoy.yaml, the environment, the ``.npmrc`` files (read here), else npm itself if it
exists.

Beside ``pypi`` only this module of the mirror starts a process (``npm config get registry``), and node is needed for
nothing. What the registry says is read in ``registry``.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from imjoy_offline.errors import ConfigError

_NPM_SECONDS = 15.0


@dataclass(frozen=True)
class Registry:
    """One registry's address, ending in a slash, without credentials; ``token`` is sent to it and nowhere else."""

    address: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class NpmConfiguration:
    """The registries, and the file of certificate authorities that npm is told of.

    ``default`` is None where no registry is known at all; ``scopes`` has those of ``@scope:registry``.
    """

    default: Registry | None = None
    scopes: Mapping[str, Registry] = field(default_factory=dict)
    cafile: str | None = None

    def registry_of(self, name: str) -> Registry | None:
        """The registry for this package."""
        scope = name.partition("/")[0] if name.startswith("@") else ""
        return self.scopes.get(scope, self.default)


def npm_configuration(folder: Path, configured: str | None, environ: Mapping[str, str]) -> NpmConfiguration:
    """Look everything up; raises ConfigError where a registry's address is unreadable."""
    variables = {key.lower(): value for key, value in environ.items() if key.lower().startswith("npm_config_")}
    values: dict[str, str] = {}
    for path in reversed(list(_npmrc_files(folder, environ, variables))):
        values.update(read_npmrc(path, environ))
    address = configured or variables.get("npm_config_registry") or values.get("registry") or _ask_npm(folder, environ)
    return NpmConfiguration(
        _registry(address, values) if address else None,
        {
            key.removesuffix(":registry"): _registry(value, values)
            for key, value in values.items()
            if key.startswith("@") and key.endswith(":registry")
        },
        variables.get("npm_config_cafile") or values.get("cafile") or None,
    )


def read_npmrc(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The ``key=value`` lines of one ``.npmrc``, ``${NAME}`` put in; an unreadable file has none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    values = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        key, value = key.strip(), value.strip()
        if not equals or not key or key.startswith(("#", ";")):
            continue
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        values[_expanded(key, environ)] = _expanded(value, environ)
    return values


def _expanded(text: str, environ: Mapping[str, str]) -> str:
    return re.sub(r"\$\{([^}?]+)\??\}", lambda match: environ.get(match[1], match[0]), text)


def _npmrc_files(folder: Path, environ: Mapping[str, str], variables: Mapping[str, str]) -> Iterator[Path]:
    """The files that npm would read, the one that counts most first."""
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    yield folder / ".npmrc"
    yield Path(variables.get("npm_config_userconfig") or home / ".npmrc").expanduser()
    yield Path(variables.get("npm_config_globalconfig") or _npm_prefix(environ, variables) / "etc/npmrc")


def _npm_prefix(environ: Mapping[str, str], variables: Mapping[str, str]) -> Path:
    named = variables.get("npm_config_prefix") or environ.get("PREFIX")
    if named:
        return Path(named)
    if os.name == "nt":
        return Path(environ.get("APPDATA", "C:/"), "npm")
    node = shutil.which("node", path=environ.get("PATH", os.defpath))
    # npm's own rule: the folder above the one that holds node.
    return Path(node).parent.parent if node else Path("/usr/local")


def _registry(address: str, values: Mapping[str, str]) -> Registry:
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("http", "https"):
        raise ConfigError(
            "The address of the npm registry is not readable.",
            hint="It must begin with http:// or https://; look at imjoy.yaml, npm_config_registry and .npmrc.",
        )
    path = parts.path.rstrip("/") + "/"
    place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port is not None else "")
    return Registry(urlunsplit((parts.scheme, place, path, "", "")), _token(f"//{place}{path}", values))


def _token(place: str, values: Mapping[str, str]) -> str | None:
    """The ``_authToken`` of the registry, or of a folder above it on the same host, as npm looks it up."""
    while len(place) > 2:
        for spelled in (place, place.rstrip("/")):
            token = values.get(f"{spelled}:_authToken")
            if token:
                return token
        place = place.rstrip("/").rpartition("/")[0] + "/"
        if place in ("//", "/"):
            return None
    return None


def _ask_npm(folder: Path, environ: Mapping[str, str]) -> str | None:
    npm = shutil.which("npm", path=environ.get("PATH", os.defpath))
    if npm is None:
        return None
    try:
        done = subprocess.run(
            [npm, "config", "get", "registry"],
            cwd=folder,
            env=dict(environ),
            capture_output=True,
            text=True,
            timeout=_NPM_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.split()
    return lines[-1] if done.returncode == 0 and lines and lines[-1].startswith("http") else None
