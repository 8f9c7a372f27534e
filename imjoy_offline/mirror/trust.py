"""Which certificate authorities the mirror trusts: the system's, and every one that the person's tools are told of.

Labs behind an inspecting proxy have told some tool of theirs about its authority; any of these places will do.
"""

import configparser
import os
import ssl
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_FILE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")


def authority_places(environ: Mapping[str, str], npm_cafile: str | None) -> list[Path]:
    """The files and folders of certificates that are named somewhere and exist, each once."""
    named = [environ.get(variable) for variable in _FILE_VARIABLES]
    named += environ.get("SSL_CERT_DIR", "").split(os.pathsep)
    named += [npm_cafile, pip_certificate(environ)]
    defaults = ssl.get_default_verify_paths()
    named += [defaults.openssl_cafile, defaults.openssl_capath]
    places: dict[Path, None] = {}
    for name in named:
        if name and Path(name).expanduser().exists():
            places[Path(name).expanduser().resolve()] = None
    return list(places)


def tls_context(environ: Mapping[str, str], npm_cafile: str | None) -> tuple[ssl.SSLContext, tuple[str, ...]]:
    """A verifying context over all of them, and a sentence for each place that could not be read."""
    import httpx

    context = ssl.create_default_context()
    faults = []
    places = authority_places(environ, npm_cafile)
    for place in places:
        try:
            if place.is_dir():
                context.load_verify_locations(capath=place)
            else:
                context.load_verify_locations(cafile=place)
        except (ssl.SSLError, OSError) as error:
            faults.append(f"The certificates in {place} cannot be read ({error}) and are not used.")
    if not places and not context.get_ca_certs():
        # An interpreter without any system store: the authorities that come with httpx.
        return httpx.create_ssl_context(), tuple(faults)
    return context, tuple(faults)


def pip_certificate(environ: Mapping[str, str]) -> str | None:
    """The ``cert`` of pip's configuration; the file that pip would heed most wins."""
    found = None
    for path in _pip_files(environ):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue
        for section in ("global", "install", "download"):
            found = parser.get(section, "cert", fallback=found)
    return found


def _pip_files(environ: Mapping[str, str]) -> Iterator[Path]:
    name = "pip.ini" if os.name == "nt" else "pip.conf"
    home = Path.home()
    if os.name == "nt":
        yield Path(environ.get("PROGRAMDATA", "C:/ProgramData"), "pip", name)
        yield Path(environ.get("APPDATA", str(home)), "pip", name)
    else:
        for folder in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep):
            yield Path(folder, "pip", name)
        yield Path("/etc", name)
        if sys.platform == "darwin":
            yield Path("/Library/Application Support/pip", name)
            yield home / "Library/Application Support/pip" / name
        yield Path(environ.get("XDG_CONFIG_HOME", str(home / ".config")), "pip", name)
    yield home / "pip" / name if os.name == "nt" else home / ".pip" / name
    yield Path(sys.prefix, name)
    if environ.get("PIP_CONFIG_FILE") not in (None, "", os.devnull):
        yield Path(environ["PIP_CONFIG_FILE"])
